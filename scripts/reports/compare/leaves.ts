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

/** Lists whose order means something; of plain values all others are sets. */
const IN_ORDER = /^(command|args|entrypoints?|arguments|cmd|commands|containerDefinitions)$/i;

/** What elements of a list are told apart by, the first that all of them have, each another. */
const NAMES = ["name", "key", "label", "id", "containerPort", "port"];

/** The places at which two trees differ, as near to the leaves as both sides have a value. */
export function leaves(before: unknown, after: unknown, at: Place = { path: "", root: [], closed: false }): Leaf[] {
  if (isAbsent(before) && isAbsent(after)) return [];
  if (isPlain(before) && isPlain(after)) {
    return namesOf(before, after).flatMap((name) => leaves(before[name], after[name], below(at, name)));
  }
  if (Array.isArray(before) && Array.isArray(after)) return ofLists(before, after, at);
  const [parsedBefore, parsedAfter] = [parsed(before), parsed(after)];
  if (parsedBefore !== undefined && parsedAfter !== undefined) return leaves(parsedBefore, parsedAfter, at);
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  const { path, root } = at;
  return [{ path, root, ...(isAbsent(before) ? {} : { before }), ...(isAbsent(after) ? {} : { after }) }];
}

interface Place {
  readonly path: string;
  readonly root: readonly string[];
  /** A list was passed: the root ends before it. */
  readonly closed: boolean;
}

function below({ path, root, closed }: Place, name: string): Place {
  const step = /^[\w$-]+$/.test(name) ? name : `[${JSON.stringify(name)}]`;
  const isFirst = path === "" || step.startsWith("[");
  return { path: isFirst ? `${path}${step}` : `${path}.${step}`, root: closed ? root : [...root, name], closed };
}

function element({ path, root }: Place, name: string | number): Place {
  return { path: `${path}[${name}]`, root, closed: true };
}

function ofLists(before: readonly unknown[], after: readonly unknown[], at: Place): Leaf[] {
  const name = NAMES.find((each) => isNamedBy(before, each) && isNamedBy(after, each));
  if (name !== undefined) {
    const [old, now] = [byName(before, name), byName(after, name)];
    const names = [...new Set([...old.keys(), ...now.keys()])];
    return names.flatMap((each) => leaves(old.get(each), now.get(each), element(at, each)));
  }
  if ([...before, ...after].every((member) => !isPlain(member) && !Array.isArray(member))) {
    const inOrder = IN_ORDER.test(at.root.at(-1) ?? "") || IN_ORDER.test(lastName(at.path));
    return sameMembers(before, after, inOrder) ? [] : [{ path: at.path, root: at.root, before, after }];
  }
  if (sameMembers(before, after, false)) return [];
  return Array.from({ length: Math.max(before.length, after.length) }).flatMap((_, index) =>
    leaves(before[index], after[index], element(at, index)),
  );
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
