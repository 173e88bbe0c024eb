import { isDeepStrictEqual } from "node:util";
import { Secret } from "@pulumi/policy";
import type { Plain } from "./known.ts";

/** The SDK keeps what it wraps behind this name. https://github.com/pulumi/pulumi-policy/blob/main/sdk/nodejs/policy/proxy.ts */
const WRAPPED = "__getSpecialProxyTarget";

/** Properties as the SDK holds them, with secrets in boxes; without its proxies, which hide the boxes. */
export function unwrapped(properties: object): object {
  let inner = properties;
  for (;;) {
    const next: unknown = (inner as Plain)[WRAPPED];
    if (typeof next !== "object" || next === null) return inner;
    inner = next;
  }
}

/** The same with secrets out of their boxes; `undefined` where there are files in it, which the SDK cannot hand back whole. */
export function revealed(value: object): Plain | undefined {
  let hasFiles = false;
  const reveal = (inner: unknown): unknown => {
    if (inner instanceof Secret) return reveal(inner.value);
    if (Array.isArray(inner)) return inner.map(reveal);
    if (isPlain(inner)) return Object.fromEntries(Object.entries(inner).map(([key, each]) => [key, reveal(each)]));
    if (typeof inner === "object" && inner !== null) hasFiles = true;
    return inner;
  };
  const result = reveal(value) as Plain;
  return hasFiles ? undefined : result;
}

/**
 * Puts what a remediation changed (`before` to `after`, both without what is not known yet) into the properties as they
 * came: what it did not touch stays as it was, known or not, and what was a secret stays one, wherever it is put.
 */
export function mended(raw: object, before: Plain, after: Plain): object {
  const secrets = new Set(secretTexts(raw, false));
  return mendObject(raw as Plain, before, after, secrets);
}

function mend(raw: unknown, before: unknown, after: unknown, secrets: ReadonlySet<unknown>): unknown {
  if (isDeepStrictEqual(before, after)) return raw;
  if (raw instanceof Secret) return new Secret(mend(raw.value, before, after, secrets));
  if (isPlain(raw) && isPlain(before) && isPlain(after)) return mendObject(raw, before, after, secrets);
  if (Array.isArray(raw) && Array.isArray(before) && Array.isArray(after)) return mendList(raw, before, after, secrets);
  return boxed(after, secrets);
}

function mendObject(raw: Plain, before: Plain, after: Plain, secrets: ReadonlySet<unknown>): object {
  const kept = Object.entries(raw).filter(([key]) => !Object.hasOwn(before, key) || Object.hasOwn(after, key));
  const result: Record<string, unknown> = Object.fromEntries(kept);
  for (const [key, value] of Object.entries(after)) result[key] = mend(raw[key], before[key], value, secrets);
  return result;
}

/** An element that the remediation passed on is found again by what it is, wherever it stands now. */
function mendList(
  raw: readonly unknown[],
  before: readonly unknown[],
  after: readonly unknown[],
  secrets: ReadonlySet<unknown>,
): unknown[] {
  if (before.length === after.length)
    return after.map((value, index) => mend(raw[index], before[index], value, secrets));
  const left = before.map((value, index) => ({ value, index }));
  return after.map((value) => {
    const found = left.findIndex((each) => isDeepStrictEqual(each.value, value));
    const [from] = found < 0 ? [] : left.splice(found, 1);
    return from === undefined ? boxed(value, secrets) : raw[from.index];
  });
}

function boxed(value: unknown, secrets: ReadonlySet<unknown>): unknown {
  if (typeof value === "string" && secrets.has(value)) return new Secret(value);
  if (Array.isArray(value)) return value.map((each) => boxed(each, secrets));
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, boxed(each, secrets)]));
}

function secretTexts(value: unknown, secret: boolean): string[] {
  if (value instanceof Secret) return secretTexts(value.value, true);
  if (typeof value === "string") return secret && value !== "" ? [value] : [];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap((each) => secretTexts(each, secret));
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
