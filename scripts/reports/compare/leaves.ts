import type { Plain } from "@groundwork/lib/desired-state";

/** A place at which two property trees differ. */
export interface Leaf {
  /** As a person reads it: elements of lists by their names where they have some, `containers[web].image`. */
  readonly path: string;
  /** Names of properties up to the first list: what the engine's own path begins with too. */
  readonly root: readonly string[];
  readonly before?: unknown;
  readonly after?: unknown;
}

/** One step into a property tree: a name, or any element of a list. */
export type Step = string | typeof ANY;
export const ANY = Symbol("any element");

/** Whether the order of the list there means something. */
export type IsOrdered = (steps: readonly Step[]) => boolean;

/** Lists whose order always means something. */
const IN_ORDER = /^(command|args|entrypoints?|arguments|cmd|commands|containerDefinitions)$/i;

/** What elements of a list are told apart by, the first that all of them have, each another. */
const NAMES = ["name", "key", "label", "id", "containerPort", "port"];

/** The places at which two trees differ, as near to the leaves as both sides have a value. */
export function leaves(before: unknown, after: unknown, isOrdered: IsOrdered, at: Place = TOP): Leaf[] {
  if (isAbsent(before) && isAbsent(after)) return [];
  if (isPlain(before) && isPlain(after)) {
    return namesOf(before, after).flatMap((name) => leaves(before[name], after[name], isOrdered, below(at, name)));
  }
  if (Array.isArray(before) && Array.isArray(after)) return ofLists(before, after, isOrdered, at);
  const [parsedBefore, parsedAfter] = [parsed(before), parsed(after)];
  if (parsedBefore !== undefined && parsedAfter !== undefined) {
    return leaves(parsedBefore, parsedAfter, isPolicy(parsedAfter) ? () => false : isOrdered, at);
  }
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const { path, root } = at;
  return [{ path, root, ...(isAbsent(before) ? {} : { before }), ...(isAbsent(after) ? {} : { after }) }];
}

interface Place {
  readonly path: string;
  readonly root: readonly string[];
  /** A list was passed: the root ends before it. */
  readonly closed: boolean;
  readonly steps: readonly Step[];
}

const TOP: Place = { path: "", root: [], closed: false, steps: [] };

function below({ path, root, closed, steps }: Place, name: string): Place {
  const step = /^[\w$-]+$/.test(name) ? name : `[${JSON.stringify(name)}]`;
  const isFirst = path === "" || step.startsWith("[");
  return {
    path: isFirst ? `${path}${step}` : `${path}.${step}`,
    root: closed ? root : [...root, name],
    closed,
    steps: [...steps, name],
  };
}

function element({ path, root, steps }: Place, name: string | number): Place {
  return { path: `${path}[${name}]`, root, closed: true, steps: [...steps, ANY] };
}

function ofLists(before: readonly unknown[], after: readonly unknown[], isOrdered: IsOrdered, at: Place): Leaf[] {
  const { path, root, steps } = at;
  const inOrder = IN_ORDER.test(root.at(-1) ?? "") || IN_ORDER.test(lastName(path)) || isOrdered(steps);
  const name = NAMES.find((each) => isNamedBy(before, each) && isNamedBy(after, each));
  if (name !== undefined) {
    const [old, now] = [byName(before, name), byName(after, name)];
    const names = [...new Set([...old.keys(), ...now.keys()])];
    const moved = inOrder && !isSameOrder(old, now);
    return [
      ...(moved ? [{ path, root, before: [...old.keys()], after: [...now.keys()] }] : []),
      ...names.flatMap((each) => leaves(old.get(each), now.get(each), isOrdered, element(at, each))),
    ];
  }
  if ([...before, ...after].every((member) => !isPlain(member) && !Array.isArray(member))) {
    return sameMembers(before, after, inOrder) ? [] : [{ path, root, before, after }];
  }
  if (sameMembers(before, after, inOrder)) return [];
  return Array.from({ length: Math.max(before.length, after.length) }).flatMap((_, index) =>
    leaves(before[index], after[index], isOrdered, element(at, index)),
  );
}

/** Whether those that both have stand in the same order: what is put between them moves none. */
function isSameOrder(old: ReadonlyMap<string, unknown>, now: ReadonlyMap<string, unknown>): boolean {
  const [before, after] = [
    [...old.keys()].filter((name) => now.has(name)),
    [...now.keys()].filter((name) => old.has(name)),
  ];
  return before.every((name, at) => name === after[at]);
}

/** In the language of AWS' policies lists are sets. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html */
function isPolicy(document: Plain | readonly unknown[]): boolean {
  return isPlain(document) && "Statement" in document;
}

function isNamedBy(list: readonly unknown[], name: string): boolean {
  const names = list.map((member) => (isPlain(member) ? member[name] : undefined));
  const all = names.every((each) => typeof each === "string" || typeof each === "number");
  return all && new Set(names).size === names.length;
}

function byName(list: readonly unknown[], name: string): Map<string, unknown> {
  return new Map(list.map((member) => [String((member as Plain)[name]), member]));
}

function sameMembers(before: readonly unknown[], after: readonly unknown[], inOrder: boolean): boolean {
  const [old, now] = [before, after].map((list) => list.map((member) => JSON.stringify(member) ?? ""));
  if (!inOrder) {
    old?.sort();
    now?.sort();
  }
  return JSON.stringify(old) === JSON.stringify(now);
}

/** Policies, dashboards and definitions come as JSON in a text. */
function parsed(value: unknown): Plain | readonly unknown[] | undefined {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return undefined;
  try {
    return JSON.parse(value) as Plain | readonly unknown[];
  } catch {
    return undefined;
  }
}

function namesOf(before: Plain, after: Plain): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])];
}

function lastName(path: string): string {
  return /([\w$-]+)(?:\[[^\]]*\])*$/.exec(path)?.[1] ?? "";
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
