import type { ResourceType } from "./table.ts";
import { parsePath } from "./paths.ts";
import type { Tree, TreeObject } from "./values.ts";
import { Unknown, hexDigest, isAbsent, isList, isObject, unwrap } from "./values.ts";

/** Where the bridge keeps the names of the inputs that it filled in itself. */
export const DEFAULTS = "__defaults";

/**
 * Kubernetes objects have no room for that list: an annotation says that the name was chosen.
 * https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/metadata/annotations.go
 */
export const AUTO_NAMED = "pulumi.com/autonamed";

/** Pulumi's own number of random hexadecimal digits behind an automatic name. */
const SUFFIX_LENGTH = 7;

type AutoName = NonNullable<ResourceType["autoName"]>;

/**
 * The inputs with the name that the provider chooses when the program gives none: kept from the last time if it was
 * chosen then, else `<logical name>-<7 hex>` from the engine's seed, as the bridge does.
 */
export function withAutoName(
  inputs: TreeObject,
  auto: AutoName,
  request: { readonly name: string; readonly olds: TreeObject | undefined; readonly seed: Uint8Array },
): TreeObject {
  const segments = parsePath(auto.property);
  const given = unwrap(readPath(inputs, segments));
  if (!isAbsent(given) || hasUnknownAbove(inputs, segments)) return { ...inputs, [DEFAULTS]: [] };
  const kept = request.olds && wasAutoNamed(request.olds, auto) ? readPath(request.olds, segments) : undefined;
  const name = kept ?? chooseName(request.name, auto, request.seed);
  return { ...writePath(inputs, segments, name), [DEFAULTS]: [auto.property] };
}

export function wasAutoNamed(inputs: TreeObject, auto: AutoName): boolean {
  const filled = unwrap(inputs[DEFAULTS]);
  if (isList(filled)) return filled.includes(auto.property);
  return unwrap(readPath(inputs, ["metadata", "annotations", AUTO_NAMED])) === "true";
}

export function chooseName(logicalName: string, auto: AutoName, seed: Uint8Array): string {
  const suffix = hexDigest(Buffer.from(seed).toString("hex"), SUFFIX_LENGTH);
  const separator = auto.separator ?? "-";
  const room = auto.maxLength - SUFFIX_LENGTH - separator.length;
  return `${logicalName.slice(0, Math.max(0, room))}${separator}${suffix}`;
}

function readPath(tree: TreeObject, segments: readonly string[]): Tree | undefined {
  let value: Tree | undefined = tree;
  for (const segment of segments) {
    const inner: Tree | undefined = unwrap(value);
    if (!isObject(inner)) return undefined;
    value = inner[segment];
  }
  return value;
}

function hasUnknownAbove(tree: TreeObject, segments: readonly string[]): boolean {
  return segments.some((_, at) => unwrap(readPath(tree, segments.slice(0, at))) instanceof Unknown);
}

function writePath(tree: TreeObject, [first, ...rest]: readonly string[], value: Tree): TreeObject {
  if (first === undefined) return tree;
  const inner = unwrap(tree[first]);
  return { ...tree, [first]: rest.length === 0 ? value : writePath(isObject(inner) ? inner : {}, rest, value) };
}

/** The name that was probably meant: one or two slips of the keyboard away. */
export function nearest(name: string, among: readonly string[]): string | undefined {
  const limit = name.length <= 4 ? 1 : 2;
  let best: { name: string; distance: number } | undefined;
  for (const candidate of among) {
    if (Math.abs(candidate.length - name.length) > limit && !candidate.toLowerCase().includes(name.toLowerCase())) {
      continue;
    }
    const same = candidate.toLowerCase() === name.toLowerCase() || `${name}s` === candidate || `${candidate}s` === name;
    const distance = same ? 0 : editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { name: candidate, distance };
  }
  return best?.name;
}

/** Levenshtein's: insertions, deletions and replacements of one character. */
export function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const replaced = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
