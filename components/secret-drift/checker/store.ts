import type { SecretValue } from "./secret-value.ts";

/** What stands for a secret that the store has looked for and does not have; an error is something else. */
export const MISSING = Symbol("missing");
export type Missing = typeof MISSING;

/** What came of a question: an answer, or why there is none. Nothing is ever thrown, so no message gets by unsanitised. */
export type Asked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: StoreProblem };

export type ProblemKind =
  /** The store knows us and does not let us: it stays so until somebody grants it. */
  | "forbidden"
  /** The credential is wrong or has ended. */
  | "unauthorized"
  /** The scope does not exist, or we may not know that it does. */
  | "no-such-scope"
  | "rate-limited"
  /** It answered with an error of its own, not at all, or too late. */
  | "unavailable"
  /** It refused what was asked: a name or value that it does not take. */
  | "rejected"
  /** Somebody else has written in between. */
  | "conflict";

export interface StoreProblem {
  readonly kind: ProblemKind;
  /** One sentence without anything that the store sent: its text may quote a value. */
  readonly message: string;
  /** Seconds until it may be asked again, where the store has told. */
  readonly retryAfter?: number;
}

/** A secret as a store lists it. */
export interface Listed {
  readonly name: string;
  /** By the store's own clock, in milliseconds since 1970; absent where it does not tell. */
  readonly updatedAt?: number;
  /** What changes with every write, where the store has such a thing. */
  readonly version?: string;
}

/**
 * One place where secrets are kept. A scope is the smallest thing that lists its names by itself: an ESC environment, a
 * repository, a namespace, a region.
 */
export interface Store {
  /** Its name in the mapping. */
  readonly name: string;
  /** Whether a value can be read back once it was written. */
  readonly readable: boolean;
  /** Every name in a scope. */
  list(scope: string): Promise<Asked<readonly Listed[]>>;
  /** The values of some names of a scope, each with its own answer; only of readable stores. */
  read(scope: string, names: readonly string[]): Promise<Asked<ReadonlyMap<string, Asked<SecretValue | Missing>>>>;
  /** Whether a write that rests on what was found is one step with looking at it: nobody's write can come in between. Default: no */
  readonly guards?: boolean;
  /**
   * Sets one value and tells what the store has made of it. Never deletes.
   * @param ifFound what it rests on: when something else is there by now, nothing is written, and the answer is a `conflict`. Default: it is written over whatever is there
   */
  write(scope: string, name: string, value: SecretValue, ifFound?: Listed | Missing): Promise<Asked<Listed>>;
  /** What to write instead of a scope that this kind of store cannot have; nothing where it may be one. Default: all may. */
  wrongScope?(scope: string): string | undefined;
  /** What to write instead of a name that this kind of store cannot have; nothing where it may have it. Default: all may be. */
  wrongName?(name: string): string | undefined;
  /** What answers for a scope, where the store is several services, such as regions or clusters. Default: one for all scopes. */
  service?(scope: string): string;
  /** Makes what a scope needs before anything can be written there, where there is nothing yet. Default: nothing. @returns whether it had to */
  create?(scope: string): Promise<boolean>;
  /** Whether it answers and takes our credential, by the cheapest question that tells; of a scope where only that can be asked. */
  health(scope: string): Promise<Asked<true>>;
}

/** Why nothing was written over what was there. */
export const TOUCHED = "somebody has written it since it was looked at";

/** Whether what is there now is what was found before. */
export function isStill(now: Listed | Missing | undefined, found: Listed | Missing): boolean {
  if (now === undefined || now === MISSING || found === MISSING) return (now ?? MISSING) === found;
  if (now.version !== undefined && found.version !== undefined) return now.version === found.version;
  return now.updatedAt === found.updatedAt;
}

export function answered<T>(value: T): Asked<T> {
  return { ok: true, value };
}

export function refused<T>(kind: ProblemKind, message: string, retryAfter?: number): Asked<T> {
  return { ok: false, problem: { kind, message, ...(retryAfter !== undefined && { retryAfter }) } };
}
