import type { Segments } from "./paths.ts";
import { formatPath, isAtOrBelow, parsePath, valueAt } from "./paths.ts";
import type { ResourceType } from "./table.ts";
import { wasAutoNamed } from "./names.ts";
import { isInternal } from "./validate.ts";
import type { Tree, TreeObject } from "./values.ts";
import { SIGNATURE, Unknown, isAbsent, isEqual, isList, isObject, unwrap } from "./values.ts";

export interface Change {
  readonly path: Segments;
  readonly kind: "add" | "delete" | "update";
  readonly replaces: boolean;
  /** An output that changes along with the provider's configuration, e.g. `tagsAll`. */
  readonly output?: true;
}

export interface Difference {
  readonly changes: readonly Change[];
  readonly deleteBeforeReplace: boolean;
  /** Changed properties of which no table says what their change does. */
  readonly mayReplace: readonly string[];
}

/** The places at which two property trees differ, each as near to the leaves as both sides have a value. */
export function differences(olds: Tree | undefined, news: Tree | undefined, path: Segments = []): Change[] {
  const before = unwrap(olds);
  const after = unwrap(news);
  if (isAbsent(before) || isAbsent(after)) {
    if (isAbsent(before) && isAbsent(after)) return [];
    return [{ path, kind: isAbsent(before) ? "add" : "delete", replaces: false }];
  }
  if (after instanceof Unknown || before instanceof Unknown) return [{ path, kind: "update", replaces: false }];
  if (isList(before) && isList(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }).flatMap((_, index) =>
      differences(before[index], after[index], [...path, index]),
    );
  }
  if (isObject(before) && isObject(after) && !(SIGNATURE in before) && !(SIGNATURE in after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => (isInternal(key) ? [] : differences(before[key], after[key], [...path, key])));
  }
  return isSame(before, after) ? [] : [{ path, kind: "update", replaces: false }];
}

function isSame(before: Tree, after: Tree): boolean {
  // an asset is its content: where it lies does not matter
  if (isObject(before) && isObject(after) && SIGNATURE in before && SIGNATURE in after) {
    return before["hash"] === undefined ? isEqual(before, after) : before["hash"] === after["hash"];
  }
  return (
    isEqual(before, after) || (typeof before === "string" && typeof after === "string" && isSameJson(before, after))
  );
}

/** Policies are JSON in a string: AWS hands them back in its own notation. */
function isSameJson(before: string, after: string): boolean {
  if (!before.startsWith("{") || !after.startsWith("{")) return false;
  try {
    return isEqual(JSON.parse(before) as Tree, JSON.parse(after) as Tree);
  } catch {
    return false;
  }
}

/** What a change from the old to the new inputs does to a thing of this type. */
export function diff(
  type: ResourceType,
  request: {
    readonly oldInputs: TreeObject;
    readonly oldOutputs: TreeObject;
    readonly news: TreeObject;
    readonly ignore: readonly string[];
    /** Of the table's own function, where it has one. */
    readonly deleteBeforeReplace: boolean;
    /** Whether the service keeps this value when the program no longer gives it (optional and computed, or its default). */
    readonly keeps: (property: string, value: Tree) => boolean;
  },
): Difference {
  const { oldInputs, oldOutputs, news } = request;
  const changes = differences(oldInputs, news)
    .filter(({ path }) => !request.ignore.some((ignored) => isAtOrBelow(path, ignored)))
    .filter(({ path, kind }) => kind !== "add" || !isEqual(valueAt(oldOutputs, path), valueAt(news, path)))
    .filter(({ path, kind }) => kind !== "delete" || !isKept(path, oldInputs, request.keeps))
    .map((change) => ({ ...change, replaces: replacesAt(type, change, oldInputs, news) }));
  const replaced = changes.some(({ replaces }) => replaces);
  return {
    changes,
    deleteBeforeReplace: replaced && (request.deleteBeforeReplace || nameStays(type, oldInputs, news)),
    mayReplace: changes
      .filter(({ path, replaces }) => !replaces && !(type.updates ?? []).some((one) => concerns(path, one)))
      .map(({ path }) => formatPath(path)),
  };
}

function isKept(path: Segments, olds: TreeObject, keeps: (property: string, value: Tree) => boolean): boolean {
  const [property, ...deeper] = path;
  return typeof property === "string" && deeper.length === 0 && keeps(property, olds[property] ?? null);
}

function replacesAt(type: ResourceType, change: Change, olds: TreeObject, news: TreeObject): boolean {
  return (type.replaces ?? []).some((listed) => {
    if (isAtOrBelow(change.path, listed)) return true;
    if (change.kind === "update" && !isUnknownAt(news, change.path)) return false;
    // a whole object came, went or is not yet known: what is listed may lie inside it
    const holder = valueAt(change.kind === "delete" ? olds : news, change.path);
    return isAbove(change.path, listed) && (holder instanceof Unknown || leaves(holder, change.path, listed));
  });
}

function isUnknownAt(tree: TreeObject, path: Segments): boolean {
  return valueAt(tree, path) instanceof Unknown;
}

function leaves(tree: Tree | undefined, path: Segments, listed: string): boolean {
  const value = unwrap(tree);
  if (isAbsent(value)) return false;
  if (isAtOrBelow(path, listed)) return true;
  if (isList(value)) return value.some((member, index) => leaves(member, [...path, index], listed));
  return isObject(value) && Object.entries(value).some(([key, member]) => leaves(member, [...path, key], listed));
}

function isAbove(path: Segments, listed: string): boolean {
  const names = parsePath(listed).filter((segment) => segment !== "[]");
  const own = path.filter((segment) => typeof segment === "string");
  return own.length < names.length && own.every((segment, at) => names[at] === "*" || names[at] === segment);
}

/** Listed itself, or so far above what is listed that the list cannot have meant to leave it out. */
function concerns(path: Segments, listed: string): boolean {
  return isAtOrBelow(path, listed) || isAbove(path, listed);
}

/**
 * The bridge deletes first when the name was given by the program and stays: the two could not exist side by side.
 * https://github.com/pulumi/pulumi-terraform-bridge/blob/main/pkg/tfbridge/provider.go, nameRequiresDeleteBeforeReplace
 */
function nameStays(type: ResourceType, olds: TreeObject, news: TreeObject): boolean {
  if (type.autoName === undefined || wasAutoNamed(news, type.autoName)) return false;
  const place = parsePath(type.autoName.property);
  const name = valueAt(news, place);
  return !isAbsent(name) && isEqual(valueAt(olds, place), name);
}
