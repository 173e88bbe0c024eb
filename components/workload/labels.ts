/** The labels by which everything of a system, or one part of it, is found. */
export function partLabels(system: string, part: string): Record<string, string> {
  return { "groundwork.dev/system": system, "groundwork.dev/part": part };
}
