import { BadInput } from "@groundwork/lib/errors";
import type { AddonToggles } from "../../components/cluster/addons/choose.ts";
import { IN_THE_CLOUD, key } from "./key.ts";
import type { Reader } from "./values.ts";
import { optional, partial, text } from "./values.ts";

/** The Pulumi ESC environment that the clusters may read secrets from. https://external-secrets.io/latest/provider/pulumi/ */
export interface SecretStoreConfig {
  /** Pulumi Cloud organisation. */
  readonly organization: string;
  readonly project: string;
  readonly environment: string;
}

interface StoreSettings {
  readonly secretStore: Partial<SecretStoreConfig>;
  /** Empty: not set. The value itself is read where it is used. */
  readonly pulumiAccessToken: string;
  readonly addons: AddonToggles;
}

/** https://www.pulumi.com/docs/esc/environments/working-with-environments/ */
const NAME = /^[A-Za-z0-9._-]{1,100}$/;
const name = (example: string): Reader<string> => text(NAME, `a name such as "${example}"`);

export const SECRET_STORE_KEYS = {
  secretStore: key<Partial<SecretStoreConfig>>({
    type: "object",
    only: IN_THE_CLOUD,
    unset: {},
    description:
      "Cloud only: the Pulumi ESC environment whose secrets the clusters may read by External Secrets, { organization, project, environment }; needs pulumiAccessToken and switches the add-on external-secrets on, see docs/add-ons.md; default none.",
    read: partial<SecretStoreConfig>({
      organization: name("acme"),
      project: name("groundwork"),
      environment: name("prod"),
    }),
  }),
  pulumiAccessToken: key<string>({
    type: "string",
    only: IN_THE_CLOUD,
    unset: "",
    description:
      "Cloud only, secret: the token of Pulumi Cloud with which the clusters read secretStore, best a team's that may read that environment alone; pulumi config set --secret.",
    read: optional(text(/./, "an access token of Pulumi Cloud")),
  }),
} as const;

/** What the stack says about its secret store: all of it, or nothing. */
export function secretStoreOf(
  project: string,
  { secretStore, pulumiAccessToken, addons }: StoreSettings,
): { readonly secretStore?: SecretStoreConfig } {
  const { organization, project: owner, environment } = secretStore;
  const hasToken = pulumiAccessToken !== "";
  if (organization === undefined && owner === undefined && environment === undefined) {
    if (!hasToken) return {};
    throw new BadInput(
      `${project}:pulumiAccessToken is set and ${project}:secretStore is not; write both, or remove the token.`,
    );
  }
  if (organization === undefined || owner === undefined || environment === undefined)
    throw new BadInput(
      `${project}:secretStore names ${Object.keys(secretStore).join(" and ")} alone; write organization, project and environment.`,
    );
  if (!hasToken)
    throw new BadInput(
      `${project}:secretStore is set and ${project}:pulumiAccessToken is not; set it with \`pulumi config set --secret pulumiAccessToken\`, or remove secretStore.`,
    );
  if (addons["external-secrets"] === false)
    throw new BadInput(
      `${project}:secretStore is set and ${project}:addons.external-secrets is false, which alone reads it; remove one of them.`,
    );
  return { secretStore: { organization, project: owner, environment } };
}

/** Who names a store wants what reads it. */
export function togglesWithStore({ addons, secretStore }: StoreSettings): AddonToggles {
  return Object.keys(secretStore).length === 0 ? addons : { "external-secrets": true, ...addons };
}
