import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { BadInput } from "@groundwork/lib/errors";
import { MISCONFIGURED } from "@groundwork/lib/policy-findings";
import { nearest } from "@groundwork/lib/suggest";
import type { EventSummary } from "./events.ts";

/** The policy config of a project, at its root: `--policy-pack-config` of every operation with a pack. */
export const POLICY_CONFIG = "policy-config.json";

const LEVELS = ["advisory", "mandatory", "remediate", "disabled"];
/** A level for every policy that has none of its own. https://www.pulumi.com/docs/insights/policy/configuration/ */
const EVERY_POLICY = "all";

/** Adds the pack's arguments; the project's policy config is passed where there is one. */
export function packArguments(pack: string | undefined, config: PolicyConfig | undefined): string[] {
  if (pack === undefined) return [];
  return ["--policy-pack", pack, ...(config === undefined ? [] : ["--policy-pack-config", config.path])];
}

/** A project's policy config, checked as far as that goes without the pack. */
export interface PolicyConfig {
  readonly path: string;
  /** The policies that it configures, without those that it disables: the engine never names them. */
  readonly policies: readonly string[];
}

/** @throws BadInput where the file is no JSON, or holds something else than settings or a level for each policy */
export function readPolicyConfig(project: string): PolicyConfig | undefined {
  const path = join(project, POLICY_CONFIG);
  if (!existsSync(path)) return undefined;
  const all = parsed(readFileSync(path, "utf8"));
  if (!isObject(all)) {
    throw new BadInput(`${POLICY_CONFIG} is no JSON object: write { "<policy>": { <settings> } } in ${path}`);
  }
  for (const [policy, part] of Object.entries(all)) {
    const level = isObject(part) ? part["enforcementLevel"] : part;
    if (isObject(part) && level === undefined) continue;
    if (typeof level === "string" && LEVELS.includes(level)) continue;
    const key = isObject(part) ? `${policy}.enforcementLevel` : policy;
    const also = isObject(part) ? "" : ", or an object with settings";
    throw new BadInput(
      `${POLICY_CONFIG} has ${key} as ${JSON.stringify(level)}: write one of ${LEVELS.join(", ")}${also}`,
    );
  }
  const disabled = (part: unknown): boolean => levelOf(part, all[EVERY_POLICY]) === "disabled";
  const policies = Object.keys(all).filter((name) => name !== EVERY_POLICY && !disabled(all[name]));
  return { path, policies };
}

function levelOf(part: unknown, everywhere: unknown): unknown {
  if (!isObject(part)) return part;
  return part["enforcementLevel"] ?? (isObject(everywhere) ? everywhere["enforcementLevel"] : everywhere);
}

/** What is wrong with the config, as far as only the pack can tell. */
export function misfit(config: PolicyConfig, events: Pick<EventSummary, "packs" | "violations">): string | undefined {
  const told = events.violations.find(({ message }) => message.startsWith(MISCONFIGURED));
  return told === undefined ? strangePolicy(config, events) : `${POLICY_CONFIG}: ${told.message}`;
}

/**
 * The engine takes the config of a policy that no pack has without a word, and what was meant to be excepted is not. The
 * names of a pack's policies are known once it has looked at everything.
 */
function strangePolicy(config: PolicyConfig, { packs }: Pick<EventSummary, "packs">): string | undefined {
  if (packs.length === 0 || !packs.every(({ lookedAtAll }) => lookedAtAll)) return undefined;
  const known = packs.flatMap(({ policies }) => policies);
  return strangeAmong(config, known, packs.map(({ name }) => name).join(", "));
}

/** What the engine says where a policy that no pack has is given settings and no level. */
const NO_LEVEL = /Configure invalid enforcement level ""/;

/** The same, where the engine did not get as far as to load the pack, which lists its policies in pack.ts as ours does. */
export async function refusedPolicy(config: PolicyConfig, pack: string, said: string): Promise<string | undefined> {
  if (!NO_LEVEL.test(said)) return undefined;
  const listing = join(pack, "pack.ts");
  const known = existsSync(listing) ? ((await import(pathToFileURL(listing).href)) as Listing).pack : [];
  return (
    strangeAmong(
      config,
      known.map(({ name }) => name),
      basename(pack),
    ) ??
    `${POLICY_CONFIG} configures a policy that pack ${basename(pack)} does not have: take it away or correct its name`
  );
}

interface Listing {
  readonly pack: readonly { readonly name: string }[];
}

function strangeAmong(config: PolicyConfig, known: readonly string[], pack: string): string | undefined {
  const strange = config.policies.find((name) => !known.includes(name));
  if (strange === undefined || known.length === 0) return undefined;
  const near = nearest(strange, known);
  const instead =
    near === undefined ? `write the name of one of its ${known.length} policies` : `did you mean "${near}"`;
  return `${POLICY_CONFIG} configures the policy ${strange}, which pack ${pack} does not have: ${instead}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadInput(`${POLICY_CONFIG} is not valid JSON: ${(error as Error).message}; correct the file`);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
