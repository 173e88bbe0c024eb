import type { Fingerprint } from "./fingerprint.ts";
import type { Place } from "./mapping.ts";
import type { StoreProblem } from "./store.ts";

export const DRIFT_KINDS = [
  /** The place does not have it. */
  "missing",
  /** A managed scope has a name that the mapping does not. */
  "extra",
  /** The source has another value than when both last agreed. */
  "changed-here",
  /** The place has another value than when both last agreed. */
  "changed-there",
  /** The value is older than its rotation age. */
  "stale",
  /** The store answers, but does not let us see this one. */
  "unreadable",
  /** Its value is there, under another name of the same scope. */
  "renamed",
  /** Its value is there, in another scope of the same store: never told where values cannot be read. */
  "wrong-scope",
] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

/** One thing that is not as the mapping says. */
export interface Drift {
  readonly kind: DriftKind;
  /** Id of the secret; the name in the store of what the mapping does not know. */
  readonly secret: string;
  readonly place: Place;
  /** What tells it, in one sentence that never holds a value. */
  readonly evidence: string;
}

/** What was true when a place and the source last agreed. */
export interface Agreement {
  readonly fingerprint: Fingerprint;
  /** The place's own date of that value, in milliseconds since 1970. */
  readonly updatedAt?: number;
  readonly version?: string;
}

/** A store that could not be asked about a scope: nothing is known of what is in it, so no drift is told. */
export interface Unasked {
  readonly store: string;
  readonly scope: string;
  readonly problem: StoreProblem;
}

export function driftKey({ kind, secret, place }: Pick<Drift, "kind" | "secret" | "place">): string {
  return JSON.stringify([kind, secret, place.store, place.scope, place.name]);
}
