import type { PropertyChange } from "@groundwork/lib/diff-report";
import { SECRET } from "@groundwork/lib/desired-state";
import { URN_LABEL, URN_TAG } from "@groundwork/lib/identity";
import { KNOWN_AFTER_UP, type PlannedChange } from "@groundwork/lib/planned-change";
import { type Leaf, leaves } from "./leaves.ts";

/** What of a planned change a person wants to see. */
export interface Told {
  readonly properties: readonly PropertyChange[];
  /** Digests of what is listed elsewhere: told only where nothing else is. */
  readonly checksums: readonly PropertyChange[];
}

const LONGEST = 120;
/** Characters of a long text that are shown before the place at which it differs. */
const CONTEXT = 20;

const CHECKSUM = /(checksum|config-?hash|content-?hash|source-?(code-)?hash|sha-?(1|256|512)|etag|digest|md5)\b/i;
/** Pulumi's own ending of a name that a program leaves to it. https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming */
const AUTO_NAMED = /-[0-9a-f]{7}$/;

export function tell(change: PlannedChange): Told {
  const { before, after } = change;
  const options = optionsOf(change);
  if (change.change === "create" || change.change === "delete") return { properties: options, checksums: [] };
  const seen = leaves(before, after)
    .filter((leaf) => isMeant(leaf, change))
    .filter((leaf) => !isIdentity(leaf) && !isRenaming(leaf) && !isFromUpstream(leaf, change));
  const found = [...seen.map((leaf) => propertyOf(leaf, change)), ...secretsOf(change)];
  const properties = [...new Map(found.map((property) => [property.path, property])).values()];
  const isDigest = ({ path, replaces }: PropertyChange): boolean => CHECKSUM.test(path) && !replaces;
  return {
    properties: [...properties.filter((each) => !isDigest(each)), ...options],
    checksums: properties.filter(isDigest),
  };
}

/** Only what the provider itself calls changed: it leaves out what it would set to the same anyway. */
function isMeant({ root }: Leaf, { paths }: PlannedChange): boolean {
  if (paths.length === 0) return true;
  return paths.some((path) => {
    const theirs = rootOf(path);
    const length = Math.min(theirs.length, root.length);
    return theirs.slice(0, length).every((name, index) => name === root[index]);
  });
}

/** `spec.groups[3].expr` begins with `spec`, `groups`. */
function rootOf(path: string): string[] {
  const names: string[] = [];
  for (const match of path.matchAll(/([^.[\]"]+)|\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]/g)) {
    if (match[3] !== undefined) break;
    names.push(match[1] ?? match[2] ?? "");
  }
  return names;
}

/** The tag that carries the resource's own URN, and what follows from a new name. */
function isIdentity({ path }: Leaf): boolean {
  return path.includes(URN_TAG) || path.includes(URN_LABEL);
}

function isRenaming({ before, after }: Leaf): boolean {
  if (typeof before !== "string" || typeof after !== "string") return false;
  return AUTO_NAMED.test(before) && before.replace(AUTO_NAMED, "") === after.replace(AUTO_NAMED, "");
}

/** Whatever it comes from is listed itself. */
function isFromUpstream(leaf: Leaf, change: PlannedChange): boolean {
  return leaf.after === KNOWN_AFTER_UP && leaf.before !== undefined && !forces(leaf.root, change);
}

function forces(root: readonly string[], { replacing }: PlannedChange): boolean {
  return replacing.some((path) => {
    const theirs = rootOf(path);
    const length = Math.min(theirs.length, root.length);
    return theirs.slice(0, length).every((name, index) => name === root[index]);
  });
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
