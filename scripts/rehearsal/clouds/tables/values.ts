import ipaddr from "ipaddr.js";
import type { Created, Path, Properties, Rule } from "../table.ts";
import { UNKNOWN_TEXT } from "../values.ts";

export interface Failure {
  readonly path: Path;
  readonly reason: string;
}

export interface SourcedFailure extends Failure {
  readonly source: string;
}

/** In what an `offline` check is given, unknown values are texts. */
export function isUnknown(value: unknown): boolean {
  return value === UNKNOWN_TEXT;
}

/** The value as an object; empty where it is missing, unknown or something else. */
export function plain(value: unknown): Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Properties) : {};
}

/** The elements; empty where the value is missing, unknown or no list. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text; empty where it is missing, not known yet or no text. */
export function text(value: unknown): string {
  return typeof value === "string" && !isUnknown(value) ? value : "";
}

export function oneOf(path: Path, values: readonly string[], source: string): Rule {
  const check = (value: unknown) => (values.includes(String(value)) ? undefined : `write one of ${values.join(", ")}`);
  return { path, check, source };
}

export function matches(path: Path, pattern: RegExp, instead: string, source: string): Rule {
  const check = (value: unknown) => (typeof value === "string" && pattern.test(value) ? undefined : instead);
  return { path, check, source };
}

export function between(path: Path, min: number, max: number, source: string): Rule {
  const check = (value: unknown) =>
    typeof value === "number" && value >= min && value <= max ? undefined : `write a number from ${min} to ${max}`;
  return { path, check, source };
}

export function atLeast(path: Path, min: number, source: string): Rule {
  const check = (value: unknown) =>
    typeof value === "number" && value >= min ? undefined : `write a number of at least ${min}`;
  return { path, check, source };
}

/** The result of an update is the old one: only a new resource is drawn anew. */
export function drawnOnce(draw: (ctx: Created) => Properties): (ctx: Created) => Properties {
  return (ctx) => {
    const drawn = draw(ctx);
    if (!ctx.old) return drawn;
    const old = ctx.old.properties;
    return Object.fromEntries(Object.entries(drawn).map(([name, value]) => [name, old[name] ?? value]));
  };
}

/** An address as services take it: IPv4 with all four parts (ipaddr.js alone also reads `10.1`), or IPv6. */
export function isIp(value: unknown): value is string {
  return typeof value === "string" && (ipaddr.IPv4.isValidFourPartDecimal(value) || ipaddr.IPv6.isValid(value));
}

export function isCidr(value: unknown): value is string {
  return typeof value === "string" && (ipaddr.IPv4.isValidCIDRFourPartDecimal(value) || ipaddr.IPv6.isValidCIDR(value));
}
