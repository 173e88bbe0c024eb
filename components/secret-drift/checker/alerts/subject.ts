import type { DriftKind } from "../finding.ts";
import type { Place, Risk } from "../mapping.ts";
import type { Route } from "./settings.ts";

interface Common {
  /** Tells it from all others, over rounds and restarts. */
  readonly key: string;
  readonly risk: Risk;
  /** Of nobody where it is empty. */
  readonly owners: readonly string[];
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** A drift. */
export interface DriftSubject extends Common {
  readonly type: "drift";
  readonly kind: DriftKind;
  /** Id of the secret, or the name of what the mapping does not know. */
  readonly secret: string;
  /** Its path in the source; absent where the mapping does not know it. */
  readonly property?: string;
  readonly place: Place;
  readonly evidence: string;
}

/** Something with the checker's means, rather than with a secret. */
export interface TroubleSubject extends Common {
  readonly type: "trouble";
  /** One sentence without its full stop. */
  readonly text: string;
  /** The same, of when it is over. */
  readonly over: string;
}

/** What healing has done, or could not. It does not last, so it is never over. */
export interface HealingSubject extends Common {
  readonly type: "healing";
  readonly id: string;
  readonly secret: string;
  readonly result: "done" | "failed";
  readonly reason: string;
}

/** What can be told. No value is in it; names may hold anything that a store takes for a name. */
export type Subject = DriftSubject | TroubleSubject | HealingSubject;

/** A trouble that may still pass by itself: it counts when it has lasted for some rounds. */
export type Suspicion = Omit<TroubleSubject, "since">;

/** A receiver that messages do not reach. */
export interface Unreached {
  readonly receiver: string;
  readonly reason: string;
}

export const RANKS: Readonly<Record<Risk, number>> = { low: 0, medium: 1, high: 2 };

/** Whether a receiver with these routes is to hear of it. */
export function isRouted({ risk, owners }: Pick<Subject, "risk" | "owners">, routes: readonly Route[]): boolean {
  return routes.some((route) => {
    const { owners: wanted } = route;
    // what is nobody's is everybody's
    const isTheirs = wanted === undefined || owners.length === 0 || owners.some((owner) => wanted.includes(owner));
    return isTheirs && RANKS[risk] >= RANKS[route.minimumRisk];
  });
}
