import { BadInput } from "@groundwork/lib/errors";
import type { AddonName } from "../../components/cluster/addons/names.ts";
import type { AddonToggles } from "../../components/cluster/addons/choose.ts";
import { key } from "./key.ts";
import type { Target } from "./key.ts";
import { boolean, oneOf, partial, record, text } from "./values.ts";

/** What compares the secrets of an environment with the ones that are true. */
export interface SecretDriftConfig {
  /** Of the mapping that the stack makes itself: `propose` and `off` write nothing, `apply` what is approved or of low risk. */
  readonly healing: "off" | "propose" | "apply";
  /** Path of the team's own mapping, in place of that. */
  readonly mapping?: string;
  /** In the cloud: a pod that stays, or one that comes every 5 minutes. */
  readonly runs: "deployment" | "cronJob";
  /** Variables of the tokens that the configuration has; the values are read where they are used. */
  readonly tokens: readonly string[];
}

export interface SecretDriftChoices {
  readonly enabled?: boolean;
  readonly healing?: SecretDriftConfig["healing"];
  readonly mapping?: string;
  readonly runs?: SecretDriftConfig["runs"];
}

interface SecretDriftSettings {
  readonly target: Target;
  readonly secretDrift: SecretDriftChoices;
  readonly secretDriftTokens: Readonly<Record<string, string>>;
  readonly addons: AddonToggles;
}

export const SECRET_DRIFT_KEYS = {
  secretDrift: key<SecretDriftChoices>({
    type: "object",
    unset: {},
    description:
      "The secret-drift checker, { enabled, healing (off, propose, or apply: it writes what is approved or of low risk), mapping (path of your own, which takes the place of what the stack makes itself), runs (cloud: deployment or cronJob) }, see docs/secret-drift-environments.md; default true, on Docker where a system asks for it, propose, none, deployment.",
    read: partial<Required<SecretDriftChoices>>({
      enabled: boolean,
      healing: oneOf("off", "propose", "apply"),
      mapping: text(/\.ya?ml$/, 'the path of a YAML file, e.g. "secrets.yaml"'),
      runs: oneOf("deployment", "cronJob"),
    }),
  }),
  secretDriftTokens: key<Readonly<Record<string, string>>>({
    type: "object",
    unset: {},
    description:
      "Secret: tokens of the stores that secretDrift.mapping names, by variable (GITHUB_TOKEN, PULUMI_ACCESS_TOKEN); pulumi config set --secret --path secretDriftTokens.GITHUB_TOKEN.",
    read: record(() => text(/./, "a token"), "names of variables with a token each"),
  }),
} as const;

const VARIABLE = /^[A-Z][A-Z0-9_]*$/;
const WATCHER: AddonName = "kube-prometheus-stack";

/** What the stack says about its checker; nothing where it wants none. */
export function secretDriftOf(
  project: string,
  { target, secretDrift, secretDriftTokens, addons }: SecretDriftSettings,
): { readonly secretDrift?: SecretDriftConfig } {
  const { enabled = true, healing = "propose", mapping, runs = "deployment" } = secretDrift;
  const tokens = Object.keys(secretDriftTokens).sort();
  const name = `${project}:secretDrift`;
  if (!enabled) {
    const useless = Object.keys(secretDrift).find((each) => each !== "enabled");
    if (useless === undefined && tokens.length === 0) return {};
    throw new BadInput(
      `${name}.enabled is false and ${useless === undefined ? `${project}:secretDriftTokens` : `${name}.${useless}`} is given; remove one of them.`,
    );
  }
  if (target !== "cloud" && secretDrift.runs !== undefined)
    throw new BadInput(
      `${name}.runs is ${runs} and target is ${target}; remove it, because Kubernetes alone has both.`,
    );
  if (mapping !== undefined && secretDrift.healing !== undefined)
    throw new BadInput(
      `${name}.healing is ${healing} and ${name}.mapping is given, which says it itself; write healing: { mode: ${healing} } there, and remove it here.`,
    );
  if (tokens.length > 0 && mapping === undefined)
    throw new BadInput(
      `${project}:secretDriftTokens is set and ${name}.mapping is not, which alone names stores that take one; write both, or remove the tokens.`,
    );
  const odd = tokens.find((token) => !VARIABLE.test(token));
  if (odd !== undefined)
    throw new BadInput(`${project}:secretDriftTokens.${odd} is no variable; write a name such as GITHUB_TOKEN.`);
  // an alert that nobody evaluates would look like silence
  if (target === "cloud" && runs === "cronJob" && addons[WATCHER] === false)
    throw new BadInput(
      `${name}.runs is cronJob and ${project}:addons.${WATCHER} is false, which alone tells of failed jobs; remove one of them.`,
    );
  return { secretDrift: { healing, runs, tokens, ...(mapping !== undefined && { mapping }) } };
}
