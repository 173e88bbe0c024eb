import { setTimeout as sleep } from "node:timers/promises";
import { type Asked, type ProblemKind, answered, refused } from "../store.ts";

/** How often a question that changes nothing is asked again. */
export const RETRIES = 2;
/** In milliseconds; each further one is twice as long. */
const FIRST_PAUSE = 200;
/** Longer pauses are the round's to make. */
const LONGEST_PAUSE = 2_000;

/** What came instead of an answer. */
export interface Failure {
  /** Nothing where nobody answered. */
  readonly status?: number | undefined;
  /** Seconds, where the server has told. */
  readonly wait?: number | undefined;
}

export type Words = Readonly<Record<number, readonly [ProblemKind, string]>>;

/** What most services mean by a status. */
const COMMON: Words = {
  400: ["rejected", "refuses what was asked"],
  403: ["forbidden", "does not let us"],
  422: ["rejected", "refuses what was asked"],
  429: ["rate-limited", "has been asked too often"],
};

/** A service that is asked over HTTP, and how its refusals are told: in our own words, for its own may quote what it was sent. */
export class HttpService {
  readonly #name: string;
  readonly #words: Words;
  readonly #failureOf: (error: unknown) => Failure;

  constructor(name: string, words: Words, failureOf: (error: unknown) => Failure) {
    this.#name = name;
    this.#words = { ...COMMON, ...words };
    this.#failureOf = failureOf;
  }

  /** Asks again after what passes by itself; what changes something is asked once. */
  async ask<T>(retries: number, ask: () => Promise<T>): Promise<Asked<T>> {
    for (let tried = 0; ; tried += 1) {
      try {
        return answered(await ask());
      } catch (error) {
        const failure = this.#failureOf(error);
        const { status, wait } = failure;
        const pause = wait === undefined ? FIRST_PAUSE * 2 ** tried : wait * 1_000;
        const passes = status === undefined || status === 429 || status >= 500;
        if (!passes || tried >= retries || pause > LONGEST_PAUSE) return this.problem(failure);
        await sleep(pause);
      }
    }
  }

  problem<T>({ status, wait }: Failure): Asked<T> {
    if (status === undefined) return refused("unavailable", `${this.#name} does not answer`);
    const [kind, text] = this.#words[status] ?? ["unavailable", "has a problem of its own"];
    return refused(kind, `${this.#name} ${text} (${status})`, wait);
  }
}

/** Of the header Retry-After, which may also be a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
export function secondsOf(retryAfter: string | undefined): number | undefined {
  return retryAfter !== undefined && /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined;
}
