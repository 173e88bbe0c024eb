import type { Path } from "./table.ts";
import type { Tree } from "./values.ts";
import { isAbsent, isList, isObject, Secret, Unknown, unwrap } from "./values.ts";

/** A place in a property tree: names of objects' members and indexes of lists. */
export type Segments = readonly (string | number)[];

/** In a table's path: each element of a list, each value of a map. */
const EACH_ELEMENT = "[]";
const EACH_VALUE = "*";

const parsed = new Map<Path, readonly string[]>();

/** `a.b[].c.*` as `["a", "b", "[]", "c", "*"]`. */
export function parsePath(path: Path): readonly string[] {
  const known = parsed.get(path);
  if (known !== undefined) return known;
  const segments = path.split(".").flatMap((part) => {
    const name = part.replaceAll(EACH_ELEMENT, "");
    const lists = Array.from({ length: (part.length - name.length) / EACH_ELEMENT.length }, () => EACH_ELEMENT);
    return name === "" ? lists : [name, ...lists];
  });
  parsed.set(path, segments);
  return segments;
}

/** Pulumi's own notation: `a.b[0].c`, names with other characters quoted: `tags["a.b"]`. */
export function formatPath(segments: Segments): string {
  let text = "";
  for (const segment of segments) {
    if (typeof segment === "number") text += `[${segment}]`;
    else if (!/^[\w$-]+$/.test(segment)) text += `[${JSON.stringify(segment)}]`;
    else text += text === "" ? segment : `.${segment}`;
  }
  return text;
}

export interface Selected {
  readonly path: Segments;
  readonly value: Exclude<Tree, Secret | null>;
  /** It, or something around it, is secret. */
  readonly secret: boolean;
}

/** The values that a table's path names. What is absent is left out, an unknown value stands for all below it. */
export function select(tree: Tree | undefined, path: Path): Selected[] {
  const found: Selected[] = [];
  walk(tree, parsePath(path), 0, [], false, found);
  return found;
}

function walk(
  tree: Tree | undefined,
  pattern: readonly string[],
  at: number,
  path: Segments,
  secret: boolean,
  found: Selected[],
): void {
  const value = unwrap(tree);
  if (isAbsent(value)) return;
  const hidden = secret || tree instanceof Secret;
  const segment = pattern[at];
  if (segment === undefined || value instanceof Unknown) found.push({ path, value, secret: hidden });
  else if (segment === EACH_ELEMENT && isList(value)) {
    value.forEach((member, index) => walk(member, pattern, at + 1, [...path, index], hidden, found));
  } else if (segment !== EACH_ELEMENT && isObject(value)) {
    const keys = segment === EACH_VALUE ? Object.keys(value) : [segment];
    for (const key of keys) walk(value[key], pattern, at + 1, [...path, key], hidden, found);
  }
}

/** Whether a place is what a table's path names, or lies below it. */
export function isAtOrBelow(place: Segments, path: Path): boolean {
  return matches(place, parsePath(path), 0, 0);
}

function matches(place: Segments, pattern: readonly string[], at: number, expected: number): boolean {
  const wanted = pattern[expected];
  if (wanted === undefined) return true;
  const segment = place[at];
  if (segment === undefined) return false;
  if (typeof segment === "number")
    return matches(place, pattern, at + 1, wanted === EACH_ELEMENT ? expected + 1 : expected);
  // a path may leave out `[]`: the list and its elements are meant alike
  if (wanted === EACH_ELEMENT) return matches(place, pattern, at, expected + 1);
  return (wanted === EACH_VALUE || wanted === segment) && matches(place, pattern, at + 1, expected + 1);
}

export function valueAt(tree: Tree | undefined, place: Segments): Tree | undefined {
  let value = unwrap(tree);
  for (const segment of place) {
    if (typeof segment === "number" ? !isList(value) : !isObject(value)) return undefined;
    value = unwrap((value as unknown as Readonly<Record<string | number, Tree | undefined>>)[segment]);
  }
  return value;
}

/** A property of plain values by its dotted name. */
export function plainAt(properties: Readonly<Record<string, unknown>>, dotted: string): unknown {
  if (!dotted.includes(".")) return properties[dotted];
  let value: unknown = properties;
  for (const name of dotted.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
