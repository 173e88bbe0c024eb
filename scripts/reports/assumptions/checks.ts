import { BadInput } from "@groundwork/lib/errors";
import { choices } from "@groundwork/lib/suggest";

export const FILE = "capacity.yaml";

export type Plain = Readonly<Record<string, unknown>>;

export function object(value: unknown, where: string, instead: string): Plain {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Plain;
  throw new BadInput(`${FILE}: ${where} is ${JSON.stringify(value)}; write ${instead} below it`);
}

/** As {@link object}; what is left out is empty. */
export function optional(value: unknown, where: string, instead: string): Plain {
  return value === undefined || value === null ? {} : object(value, where, instead);
}

/** The keys of an object, once each of them is known. */
export function only<K extends string>(value: Plain, keys: readonly K[], where: string): Partial<Record<K, unknown>> {
  const stranger = Object.keys(value).find((key) => !(keys as readonly string[]).includes(key));
  if (stranger === undefined) return value as Partial<Record<K, unknown>>;
  throw new BadInput(`${FILE}: ${where} has no key ${stranger}; ${choices(stranger, keys)}`);
}

export interface Bounds {
  readonly least: number;
  /** Whether `least` itself is too small. */
  readonly above?: boolean;
  readonly most?: number;
  readonly example: string;
}

export function number(
  value: unknown,
  where: string,
  { least, above = false, most = Infinity, example }: Bounds,
): number {
  const isIn = (found: number) => Number.isFinite(found) && (above ? found > least : found >= least) && found <= most;
  if (typeof value === "number" && isIn(value)) return value;
  const range = `${above ? "above" : "from"} ${least}${most === Infinity ? "" : ` to ${most}`}`;
  throw new BadInput(`${FILE}: ${where} is ${JSON.stringify(value)}; write a number ${range}, such as ${example}`);
}

/** The numbers of an object by key, each within its bounds. */
export function numbers<K extends string>(
  value: unknown,
  bounds: Readonly<Record<K, Bounds>>,
  where: string,
): Partial<Record<K, number>> {
  const keys = Object.keys(bounds) as K[];
  const found = only(object(value, where, keys.join(", ")), keys, where);
  return Object.fromEntries(
    keys.flatMap((key) =>
      found[key] === undefined ? [] : [[key, number(found[key], `${where}.${key}`, bounds[key])]],
    ),
  ) as Partial<Record<K, number>>;
}
