import { BadInput } from "@groundwork/lib/errors";
import { IN_THE_CLOUD, key } from "./key.ts";
import { optional, text } from "./values.ts";

interface DnsSettings {
  readonly acmeEmail: string;
  /** Empty: not set. The value itself is read where it is used. */
  readonly cloudflareToken: string;
}

/** What the clusters themselves need to edit the zone: certificates by Let's Encrypt, and external-dns. */
export const CLUSTER_DNS_KEYS = {
  acmeEmail: key<string>({
    type: "string",
    only: IN_THE_CLOUD,
    unset: "",
    description:
      "Cloud only: who Let's Encrypt writes to; with cloudflareToken the clusters have the ClusterIssuer letsencrypt, and the add-on external-dns can be switched on, see docs/add-ons.md; default none.",
    read: optional(text(/^\S+@\S+$/, "an address")),
  }),
  cloudflareToken: key<string>({
    type: "string",
    only: IN_THE_CLOUD,
    unset: "",
    description:
      "Cloud only, secret: the token of Cloudflare that the clusters get, which needs Zone:Read and DNS:Edit on the zone and nothing else; pulumi config set --secret.",
    read: optional(text(/./, "an API token of Cloudflare")),
  }),
} as const;

/** What the stack says about it: all, or nothing. */
export function acmeOf(project: string, { acmeEmail, cloudflareToken }: DnsSettings): { readonly acmeEmail?: string } {
  if (acmeEmail === "" && cloudflareToken === "") return {};
  if (cloudflareToken === "")
    throw new BadInput(
      `${project}:acmeEmail is set and ${project}:cloudflareToken is not; set it with \`pulumi config set --secret cloudflareToken\`, or remove acmeEmail.`,
    );
  if (acmeEmail === "")
    throw new BadInput(
      `${project}:cloudflareToken is set and ${project}:acmeEmail is not; write both, or remove the token.`,
    );
  return { acmeEmail };
}
