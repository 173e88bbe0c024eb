import type { LookUpResult } from "../recover.ts";

/** Of the things that carry a URN, the one that the state does not know: nobody can choose between several. */
export function onlyNew(ids: readonly string[], known: readonly string[], cloud: string): LookUpResult {
  const found = ids.filter((id) => !known.includes(id));
  if (found.length > 1) return { unknown: `${cloud} has ${found.length} things with its URN: ${found.join(", ")}` };
  return { found: found[0] };
}
