import { isDeepStrictEqual } from "node:util";
import { isRecord, nanosecondsOf, readable } from "./values.ts";

/** How one value is written in the engine's API, and how what the engine answers is written by a program. */
export interface Codec {
  readonly to: (given: unknown) => unknown;
  readonly from: (found: unknown) => unknown;
}

/** Where a property of a program stands in the engine's API; dots lead into objects on both sides. */
export type Row = readonly [property: string, place: string, codec?: Codec];

const MEBI = 2 ** 20;
const NANO = 1e9;

export const asIs: Codec = { to: (given) => given, from: (found) => found };
/** Go's durations, such as `1m30s`. https://docs.docker.com/reference/api/engine/version/v1.41/#tag/Container/operation/ContainerCreate */
export const duration: Codec = { to: nanosecondsOf, from: (found) => readable(Number(found)) };
/** -1 means no limit and stays. */
export const mebibytes: Codec = {
  to: (given) => (Number(given) > 0 ? Number(given) * MEBI : given),
  from: (found) => (Number(found) > 0 ? Number(found) / MEBI : found),
};
/** CPUs as a text. */
export const nanoCpus: Codec = {
  to: (given) => Math.round(Number(given) * NANO),
  from: (found) => String(Number(found) / NANO),
};
/** A share as a text with one digit, as the provider reads it back. */
export const ratio: Codec = { to: Number, from: (found) => Number(found).toFixed(1) };

/** `[{ label, value }]` and `{ label: value }`. */
export const labels: Codec = {
  to: (given) => Object.fromEntries(records(given).map(({ label, value }) => [String(label), String(value)])),
  from: (found) => Object.entries(isRecord(found) ? found : {}).map(([label, value]) => ({ label, value })),
};

/**
 * `{ KEY: value }` and `["KEY=value"]`, always in the same order: Swarm starts every replica of a service anew for another
 * one. The provider has none, so that this happens with some of its updates.
 * https://github.com/kreuzwerker/terraform-provider-docker/blob/master/internal/provider/structures.go, mapTypeMapValsToStringSlice
 */
export const variables: Codec = {
  to: (given) =>
    Object.entries(isRecord(given) ? given : {})
      .map(([name, value]) => `${name}=${String(value)}`)
      .sort(),
  from: (found) =>
    Object.fromEntries(
      texts(found).map((line) => {
        const at = line.indexOf("=");
        return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1)];
      }),
    ),
};

export function each(codec: Codec): Codec {
  const all = (change: (value: unknown) => unknown) => (value: unknown) =>
    Array.isArray(value) ? value.map(change) : value;
  return { to: all(codec.to), from: all(codec.from) };
}

/** An object of which only these rows are told. */
export function object(rows: readonly Row[]): Codec {
  const move = (value: unknown, direction: "to" | "from"): unknown => {
    const moved: Record<string, unknown> = {};
    for (const [property, place, codec = asIs] of rows) {
      const [source, target] = direction === "to" ? [property, place] : [place, property];
      const inner = valueAt(value, source);
      if (inner !== undefined && inner !== null) setAt(moved, target, codec[direction](inner));
    }
    return moved;
  };
  return { to: (given) => move(given, "to"), from: (found) => move(found, "from") };
}

/** The rows that begin with one of these properties. */
export function rowsOf(rows: readonly Row[], properties: readonly string[]): Row[] {
  return rows.filter(([property]) => properties.includes(property.split(".")[0] ?? ""));
}

/**
 * The inputs of a program with what the engine has otherwise put in their place. What a program leaves out is the engine's
 * to choose, and no difference.
 */
export function drifted(
  rows: readonly Row[],
  given: Readonly<Record<string, unknown>>,
  found: unknown,
): Readonly<Record<string, unknown>> {
  const now: Record<string, unknown> = structuredClone(given);
  for (const [property, place, codec = asIs] of rows) {
    const wanted = valueAt(given, property);
    if (wanted === undefined || wanted === null) continue;
    const has = valueAt(found, place);
    if (isWithin(codec.to(wanted), has)) continue;
    setAt(now, property, restricted(codec.from(has ?? zeroOf(codec.to(wanted))), wanted));
  }
  return now;
}

/** What the engine leaves out of an answer is empty there. */
function zeroOf(value: unknown): unknown {
  if (typeof value === "number") return 0;
  if (typeof value === "boolean") return false;
  if (typeof value === "string") return "";
  return Array.isArray(value) ? [] : {};
}

/** Whether the engine has all that was asked for; it may have more in an object, and lists of texts in another order. */
function isWithin(wanted: unknown, has: unknown): boolean {
  if (Array.isArray(wanted)) {
    const other: unknown[] = Array.isArray(has) ? has : [];
    if (wanted.length !== other.length) return false;
    if (wanted.every((one) => typeof one === "string")) return isDeepStrictEqual([...wanted].sort(), [...other].sort());
    return wanted.every((one, index) => isWithin(one, other[index]));
  }
  if (isRecord(wanted)) {
    return Object.entries(wanted).every(([key, value]) => isWithin(value, isRecord(has) ? has[key] : undefined));
  }
  // what is zero, false or empty is left out of an answer
  return wanted === has || ((has === undefined || has === null) && !wanted) || (wanted === undefined && !has);
}

/** Only what the program writes itself; what the engine adds of its own is none of its business. */
function restricted(found: unknown, given: unknown): unknown {
  if (!isRecord(found) || !isRecord(given)) return found;
  return Object.fromEntries(
    Object.entries(found).flatMap(([key, value]) => (key in given ? [[key, restricted(value, given[key])]] : [])),
  );
}

export function valueAt(holder: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), holder);
}

function setAt(holder: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split(".");
  const last = names.pop() ?? path;
  let inner = holder;
  for (const name of names) {
    const next = inner[name];
    const child = isRecord(next) ? (next as Record<string, unknown>) : {};
    inner[name] = child;
    inner = child;
  }
  inner[last] = value;
}

function records(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
