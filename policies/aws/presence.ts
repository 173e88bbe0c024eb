import { at, unknownAt } from "../framework/known.ts";
import type { Resource } from "../framework/policy.ts";

/** Something is written there, be it known yet or not; an empty list is nothing. */
export function isGiven({ inputs, unknown }: Resource, path: string): boolean {
  const value = at(inputs, path);
  if (Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== "") return true;
  return unknownAt(unknown, path) !== undefined;
}
