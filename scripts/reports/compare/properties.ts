import type { PropertyChange } from "@groundwork/lib/diff-report";
import { SECRET } from "@groundwork/lib/desired-state";
import { URN_LABEL, URN_TAG } from "@groundwork/lib/identity";
import { KNOWN_AFTER_UP, type PlannedChange } from "@groundwork/lib/planned-change";
import { ANY, type Leaf, type Step, leaves } from "./leaves.ts";

/** What of a planned change a person wants to see, by whether it says something by itself. */
export interface Told {
  readonly properties: readonly PropertyChange[];
  /** Digests of something else: nothing new where that is listed. */
  readonly checksums: readonly PropertyChange[];
  /** What only the update will tell: nothing new where it comes from what it came from before, and that is listed. */
  readonly derived: readonly PropertyChange[];
}

const LONGEST = 120;
/** Characters of a long text that are shown before the place at which it differs. */
const CONTEXT = 20;

/** Arguments by which a provider is told that the content of something else differs, such as `sourceCodeHash`. */
const HASH_ARGUMENT = /(checksum|(config|content|source|code|file|template)-?hash|etag|md5)$/i;
/** Notes on an object, such as `checksum/config`; a digest anywhere else, as of an image, is what runs. */
const HASH_NOTE = /(annotations|labels)[.[].*(checksum|hash|sha-?(1|256|512)|etag|digest|md5)/i;
/** Sets of AWS, which its provider compares as such: in which order a program gives them means nothing. */
const SETS =
  /^(subnets|subnetIds|clientSubnets|vpcZoneIdentifiers|securityGroups|securityGroupIds|vpcSecurityGroupIds|availabilityZones)$/;
/** Pulumi's own ending of a name that a program leaves to it. https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming */
const AUTO_NAMED = /-[0-9a-f]{7}$/;

export function tell(change: PlannedChange): Told {
  const { before, after } = change;
  const options = optionsOf(change);
  if (change.change === "create" || change.change === "delete") {
    return { properties: options, checksums: [], derived: [] };
  }
  const seen = leaves(before, after, (steps) => isOrdered(steps, change))
    .filter((leaf) => isMeant(leaf, change))
    .filter((leaf) => !isIdentity(leaf) && !isRenaming(leaf));
  const found = [
    ...seen.map((leaf) => ({ property: propertyOf(leaf, change), kind: kindOf(leaf, change) })),
    ...secretsOf(change).map((property) => ({ property, kind: "properties" as const })),
  ];
  const unique = [...new Map(found.map((each) => [each.property.path, each])).values()];
  const of = (kind: keyof Told): PropertyChange[] =>
    unique.filter((each) => each.kind === kind).map(({ property }) => property);
  return { properties: [...of("properties"), ...options], checksums: of("checksums"), derived: of("derived") };
}

function kindOf(leaf: Leaf, change: PlannedChange): keyof Told {
  if (forces(leaf.root, change)) return "properties";
  if (isChecksum(leaf)) return "checksums";
  return leaf.after === KNOWN_AFTER_UP && leaf.before !== undefined ? "derived" : "properties";
}

function isChecksum({ path, before, after }: Leaf): boolean {
  const isText = [before, after].every((value) => value === undefined || typeof value === "string");
  return isText && (HASH_ARGUMENT.test(path) || HASH_NOTE.test(path));
}

/** Order counts where the provider calls something changed there; a path above the list says it of all below. */
function isOrdered(steps: readonly Step[], { type, paths, replacing }: PlannedChange): boolean {
  const last = steps.findLast((step) => step !== ANY);
  const isSet = type.startsWith("aws:") && last !== undefined && SETS.test(last);
  return (isSet ? replacing : paths).some((path) => meet(stepsOf(path), steps));
}

/** Whether one is the other or lies below it. */
function meet(one: readonly Step[], other: readonly Step[]): boolean {
  const length = Math.min(one.length, other.length);
  return one.slice(0, length).every((step, at) => step === other[at]);
}

/** Only what the provider itself calls changed: it leaves out what it would set to the same anyway. */
function isMeant({ root }: Leaf, { paths }: PlannedChange): boolean {
  if (paths.length === 0) return true;
  return paths.some((path) => meet(rootOf(path), root));
}

/** `spec.groups[3].expr` begins with `spec`, `groups`. */
function rootOf(path: string): Step[] {
  const steps = stepsOf(path);
  const first = steps.indexOf(ANY);
  return first < 0 ? steps : steps.slice(0, first);
}

function stepsOf(path: string): Step[] {
  const parts = path.matchAll(/([^.[\]"]+)|\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]/g);
  return [...parts].map(([, name, quoted, index]) => (index === undefined ? (name ?? quoted ?? "") : ANY));
}

/** The tag that carries the resource's own URN, and what follows from a new name. */
function isIdentity({ path }: Leaf): boolean {
  return path.includes(URN_TAG) || path.includes(URN_LABEL);
}

function isRenaming({ before, after }: Leaf): boolean {
  if (typeof before !== "string" || typeof after !== "string") return false;
  return AUTO_NAMED.test(before) && before.replace(AUTO_NAMED, "") === after.replace(AUTO_NAMED, "");
}

function forces(root: readonly string[], { replacing }: PlannedChange): boolean {
  return replacing.some((path) => meet(rootOf(path), root));
}

function propertyOf(leaf: Leaf, change: PlannedChange): PropertyChange {
  const { path, root, before, after } = leaf;
  const [old, now] = shortened(before, after);
  return {
    path,
    ...(before === undefined ? {} : { before: old }),
    ...(after === undefined ? {} : { after: now }),
    replaces: forces(root, change),
  };
}

/** A secret looks the same on both sides: that it differs is known from the provider alone. */
function secretsOf(change: PlannedChange): PropertyChange[] {
  return change.paths
    .filter((path) => holdsSecret(change.before, path) && holdsSecret(change.after, path))
    .map((path) => ({ path, before: SECRET, after: SECRET, replaces: change.replacing.includes(path) }));
}

function holdsSecret(tree: unknown, path: string): boolean {
  let value = tree;
  for (const [part] of path.matchAll(/[^.[\]"]+|"(?:[^"\\]|\\.)*"/g)) {
    if (value === SECRET) return true;
    if (typeof value !== "object" || value === null) return false;
    const name = part.startsWith('"') ? (JSON.parse(part) as string) : part;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value === SECRET;
}

/** The engine's own options, which no property tells. */
function optionsOf({ protect, retainOnDelete, change }: PlannedChange): PropertyChange[] {
  if (change === "create") return [];
  const told: PropertyChange[] = [];
  if (change === "delete" && retainOnDelete.before) {
    told.push({ path: "retainOnDelete", before: "true", replaces: false });
  }
  if (change === "delete") return told;
  for (const [path, { before, after }] of Object.entries({ protect, retainOnDelete })) {
    if (before !== after) told.push({ path, before: String(before), after: String(after), replaces: false });
  }
  return told;
}

/** Both as text; of long ones the part that differs, with what stands before it. */
function shortened(before: unknown, after: unknown): [string, string] {
  const [old, now] = [textOf(before), textOf(after)];
  if (old.length <= LONGEST && now.length <= LONGEST) return [old, now];
  let same = 0;
  while (same < old.length && same < now.length && old[same] === now[same]) same++;
  const from = before === undefined || after === undefined ? 0 : Math.max(0, same - CONTEXT);
  return [cut(old, from), cut(now, from)];
}

function cut(text: string, from: number): string {
  const start = from > 0 ? `…${text.slice(from)}` : text;
  return start.length > LONGEST ? `${start.slice(0, LONGEST)}…` : start;
}

function textOf(value: unknown): string {
  if (value === undefined) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((member) => typeof member !== "object")) return value.map(String).join(", ");
  return JSON.stringify(value);
}
