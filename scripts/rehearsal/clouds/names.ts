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

/** https://github.com/pulumi/pulumi-terraform-bridge/blob/main/pkg/tfbridge/auto_name.go, Randlen */
const BRIDGE_DIGITS = 7;

type AutoName = NonNullable<ResourceType["autoName"]>;

/**
 * The inputs with the name that the provider chooses when the program gives none: kept from the last time if it was
 * chosen then, else `<logical name>-<hex>` from the engine's seed, as the bridge does.
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
  return `${logicalName}-${hexDigest(Buffer.from(seed).toString("hex"), digitsOf(auto))}`;
}

/**
 * Why no name could be chosen: it is never cut to fit.
 * https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/resource_id.go, NewUniqueName
 */
export function autoNameProblem(inputs: TreeObject, logicalName: string, auto: AutoName): string | undefined {
  const room = auto.maxLength - digitsOf(auto) - 1;
  if (logicalName.length <= room || !wasAutoNamed(inputs, auto)) return undefined;
  return `"${auto.property}" is left out, and "${logicalName}" with ${digitsOf(auto)} random digits is longer than the ${auto.maxLength} characters that it may have: set "${auto.property}" or give the resource a name of at most ${room} characters`;
}

function digitsOf({ digits }: AutoName): number {
  return digits ?? BRIDGE_DIGITS;
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
