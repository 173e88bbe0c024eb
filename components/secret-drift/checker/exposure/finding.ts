import type { Encoding } from "./encodings.ts";
import type { Sighting } from "./text.ts";

export type Where =
  /** In a file as it is now. */
  | "work-tree"
  /** In an earlier version of a file: whoever has the repository has it. */
  | "history"
  | "commit-message"
  | "file"
  | "log"
  | "manifest"
  | "state"
  | "container";

/** A secret where it should not be. No part of its value is in this. */
export interface Exposure {
  /** What was looked at: `repository /path`, `state export.json`. */
  readonly target: string;
  /** `managed-value`, or what the rule is called: `github/GITHUB_TOKEN`. */
  readonly rule: string;
  /** Id of the secret whose value it is; absent where only a rule says that it is one. */
  readonly secret?: string;
  readonly encoding: Encoding;
  readonly where: Where;
  /** Of a file in the repository, below its root; anything else as it was named. */
  readonly path: string;
  /** From 1, where each begins; empty where the place has no lines. */
  readonly lines: readonly number[];
  /** The first commit with it. */
  readonly commit?: string;
  /** The author's date of that commit, in ISO 8601. */
  readonly date?: string;
  /** How many versions of the file have it. */
  readonly versions?: number;
  /** The URN of a resource in a state, a container's name, a manifest's kind and name. */
  readonly resource?: string;
  /** Path of a property in it, or the name of a variable. */
  readonly property?: string;
  /** Tells one text from another, by a keyed fingerprint. */
  readonly mark: string;
}

/** What stays the same as long as it is there, whatever is written around it. */
export function exposureKey(exposure: Exposure): string {
  const { rule, secret, encoding, path, resource, property, mark } = exposure;
  const commit = exposure.where === "commit-message" ? exposure.commit : undefined;
  return JSON.stringify([rule, secret, encoding, path, resource, property, commit, mark]);
}

/** What several sightings in one place come to: one finding for each text and encoding. */
export function exposuresOf(
  sightings: Iterable<Sighting>,
  place: Pick<Exposure, "target" | "where" | "path">,
): Exposure[] {
  const found = new Map<string, Exposure & { lines: number[] }>();
  for (const { line, ...sighting } of sightings) {
    const exposure = { ...sighting, ...place, lines: [line] };
    const key = exposureKey(exposure);
    const known = found.get(key);
    if (known === undefined) found.set(key, exposure);
    else known.lines.push(line);
  }
  return [...found.values()];
}
