import { BadInput } from "@groundwork/lib/errors";
import type { Cpu, Memory } from "@groundwork/lib/quantity";
import { parseCpu, parseMemory } from "@groundwork/lib/quantity";
import { choices } from "@groundwork/lib/suggest";

/** Turns a raw value into a typed one or refuses it in one sentence that begins with `key`. */
export type Reader<T> = (value: unknown, key: string) => T;

/** A property of an object: how it is read, and what it is when it is left out (nothing: it must be there). */
interface Field<T> {
  readonly read: Reader<T>;
  readonly fallback?: T;
}

/** A value as a person wrote it, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function refuse(key: string, value: unknown, expected: string): never {
  throw new BadInput(
    value === undefined ? `${key} is missing; write ${expected}.` : `${key} is ${shown(value)}; write ${expected}.`,
  );
}

/** A text that matches a pattern; `expected` says in words what the pattern asks for. */
export function text(pattern: RegExp, expected: string): Reader<string> {
  return (value, key) => (typeof value === "string" && pattern.test(value) ? value : refuse(key, value, expected));
}

export function oneOf<T extends string>(...known: readonly T[]): Reader<T> {
  return (value, key) => {
    const found = known.find((candidate) => candidate === value);
    if (found !== undefined) return found;
    if (typeof value !== "string") return refuse(key, value, known.join(" or "));
    throw new BadInput(`${key} is ${shown(value)}; ${choices(value, known)}.`);
  };
}

export function integer(min: number, max: number): Reader<number> {
  return (value, key) => {
    const whole = typeof value === "number" && Number.isInteger(value);
    return whole && value >= min && value <= max ? value : refuse(key, value, `a whole number from ${min} to ${max}`);
  };
}

export const boolean: Reader<boolean> = (value, key) =>
  typeof value === "boolean" ? value : refuse(key, value, "true or false");

export const cpu: Reader<Cpu> = (value, key) => {
  parseCpu(value, key);
  return value as Cpu;
};

export const memory: Reader<Memory> = (value, key) => {
  parseMemory(value, key);
  return value as Memory;
};

export function list<T>(item: Reader<T>, expected: string): Reader<readonly T[]> {
  return (value, key) =>
    Array.isArray(value)
      ? value.map((element, index) => item(element, `${key}[${index}]`))
      : refuse(key, value, expected);
}

function asObject(value: unknown, key: string, expected: string): Record<string, unknown> {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : refuse(key, value, expected);
}

/** An object with exactly these properties; one with a fallback may be left out. */
export function object<T extends object>(fields: { readonly [K in keyof T]-?: Field<T[K]> }): Reader<T> {
  const known = Object.keys(fields) as (keyof T & string)[];
  return (value, key) => {
    const given = asObject(value, key, `an object with ${known.join(", ")}`);
    for (const name of Object.keys(given)) {
      if (!known.includes(name as keyof T & string))
        throw new BadInput(`${key}.${name} is not a setting; ${choices(name, known)}.`);
    }
    const entries = known.map((name) => {
      const { read, fallback } = fields[name];
      const isLeftOut = given[name] === undefined && fallback !== undefined;
      return [name, isLeftOut ? fallback : read(given[name], `${key}.${name}`)] as const;
    });
    return Object.fromEntries(entries) as T;
  };
}

/** An object whose properties are not required; those left out stay out. */
export function partial<T extends object>(fields: { readonly [K in keyof T]-?: Reader<NonNullable<T[K]>> }): Reader<T> {
  const known = Object.keys(fields) as (keyof T & string)[];
  return (value, key) => {
    const given = Object.entries(asObject(value, key, `an object with ${known.join(", ")}`));
    const read = given.map(([name, element]) => {
      const field = known.find((candidate) => candidate === name);
      if (field === undefined) throw new BadInput(`${key}.${name} is not a setting; ${choices(name, known)}.`);
      return [name, fields[field](element, `${key}.${name}`)] as const;
    });
    return Object.fromEntries(read) as T;
  };
}

/** An object with free keys. */
export function record<T>(
  item: (name: string, key: string) => Reader<T>,
  expected: string,
): Reader<Readonly<Record<string, T>>> {
  return (value, key) => {
    const entries = Object.entries(asObject(value, key, expected));
    return Object.fromEntries(entries.map(([name, element]) => [name, item(name, key)(element, `${key}.${name}`)]));
  };
}

/** A text that may be left out. */
export const optional =
  (read: Reader<string>): Reader<string> =>
  (value, name) =>
    value === undefined || value === "" ? "" : read(value, name);
