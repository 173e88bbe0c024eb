import { Secret } from "@pulumi/policy";
import type { Plain } from "./known.ts";

/** Below this a text is also a word or a number that messages need, and hiding it would hide nothing. */
const SHORTEST = 6;

/** Texts that were secret in some resource that the pack has been shown. A process serves one stack. */
const secrets = new Set<string>();

/**
 * Properties with secrets out of their boxes, as checks want them. The texts are remembered, so that no message can show
 * one of them, whatever a policy makes of it: a name or a port may be a secret, too.
 */
export function opened(value: unknown, isSecret = false): unknown {
  if (value instanceof Secret) return opened(value.value, true);
  if (typeof value === "string" && isSecret && value.length >= SHORTEST) secrets.add(value);
  if (Array.isArray(value)) return value.map((each) => opened(each, isSecret));
  // assets and archives are instances of classes and no policy looks into them
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value as Plain).map(([key, each]) => [key, opened(each, isSecret)]));
}

/** A message without the secrets, as they are and as they are quoted. */
export function masked(message: string): string {
  let text = message;
  // the longest first: one secret may be part of another
  for (const secret of [...secrets].sort((a, b) => b.length - a.length)) {
    for (const form of [secret, JSON.stringify(secret).slice(1, -1)]) text = text.replaceAll(form, "[secret]");
  }
  return text;
}
