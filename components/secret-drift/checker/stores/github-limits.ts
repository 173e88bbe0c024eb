import { setTimeout as sleep } from "node:timers/promises";
import { type Asked, type ProblemKind, type StoreProblem, refused } from "../store.ts";

type Headers = Readonly<Record<string, string | number | undefined>>;

/** Where GitHub does not say how long. https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#handle-rate-limit-errors-appropriately */
const UNTOLD = 60;
/** In seconds: limits are counted by the hour, so what is longer is a mistake. */
const LONGEST = 60 * 60;
/** Requests in a row without an answer, after which it is left alone for a while, so that a round over a thousand repositories ends. */
const FAILURES = 10;
/** In seconds. */
const LEFT_ALONE = 30;

/**
 * Keeps within GitHub's limits on what is asked in a minute, evenly, and asks nothing while GitHub has said to wait: who goes
 * on asking is locked out. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export class GithubLimits {
  readonly #millisecondsPerPoint: number;
  #next = 0;
  #closed: { readonly until: number; readonly problem: StoreProblem } | undefined;
  #failures = 0;

  constructor(pointsPerMinute: number) {
    this.#millisecondsPerPoint = 60_000 / pointsPerMinute;
  }

  /** Waits until it is the turn of a request. */
  async turn(method: string): Promise<void> {
    const now = performance.now();
    const at = Math.max(now, this.#next);
    this.#next = at + points(method) * this.#millisecondsPerPoint;
    if (at > now) await sleep(at - now);
  }

  /** Why nothing may be asked now, if so. */
  closed(): Asked<never> | undefined {
    if (this.#closed === undefined) return undefined;
    const { until, problem } = this.#closed;
    const left = Math.ceil((until - performance.now()) / 1_000);
    if (left > 0) return refused(problem.kind, problem.message, left);
    this.#closed = undefined;
    this.#failures = 0;
    return undefined;
  }

  /** Remembers what came of a request. */
  came(problem: StoreProblem | undefined): void {
    this.#failures = problem?.kind === "unavailable" ? this.#failures + 1 : 0;
    if (problem === undefined) return;
    if (problem.kind === "rate-limited") this.#close(problem, problem.retryAfter ?? UNTOLD);
    else if (this.#failures >= FAILURES) this.#close(problem, LEFT_ALONE);
  }

  #close(problem: StoreProblem, seconds: number): void {
    this.#closed = { until: performance.now() + seconds * 1_000, problem };
  }
}

/** https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#calculating-points-for-the-secondary-rate-limit */
function points(method: string): number {
  return method === "GET" || method === "HEAD" ? 1 : 5;
}

/** What octokit throws. */
interface Refusal {
  readonly status?: unknown;
  readonly message?: unknown;
  readonly response?: { readonly headers?: Headers };
}

const KINDS: Readonly<Record<number, readonly [ProblemKind, string]>> = {
  401: ["unauthorized", "GitHub does not take our token"],
  403: ["forbidden", "GitHub does not let us: the token has no such permission"],
  404: ["no-such-scope", "GitHub has no such scope, or may not tell us that it has"],
  409: ["conflict", "somebody else is writing at GitHub"],
};

/** Our own words by status code: GitHub's may quote what it was sent. */
export function githubProblem(error: unknown): StoreProblem {
  const { status, message, response } = error as Refusal;
  if (typeof status !== "number" || response === undefined)
    return { kind: "unavailable", message: "GitHub does not answer, or too late" };
  const headers = response.headers ?? {};
  if (isLimit(status, headers, String(message)))
    return {
      kind: "rate-limited",
      message: `GitHub has been asked too often (HTTP ${status})`,
      retryAfter: secondsToWait(headers),
    };
  const [kind, words] = KINDS[status] ?? general(status);
  return { kind, message: `${words} (HTTP ${status})` };
}

/** A limit and a missing permission have the same code. https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit */
function isLimit(status: number, headers: Headers, message: string): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return (
    headers["retry-after"] !== undefined ||
    String(headers["x-ratelimit-remaining"]) === "0" ||
    /\bsecondary rate limit\b/i.test(message)
  );
}

/** All by GitHub's clock: ours may be wrong. */
function secondsToWait(headers: Headers): number {
  const told = Number(headers["retry-after"]);
  if (Number.isFinite(told) && told >= 0) return Math.min(told, LONGEST);
  const reset = Number(headers["x-ratelimit-reset"]);
  const now = Date.parse(String(headers["date"])) / 1_000;
  const left = reset - now + 1;
  if (String(headers["x-ratelimit-remaining"]) !== "0" || !Number.isFinite(left)) return UNTOLD;
  return Math.min(Math.max(Math.ceil(left), 1), LONGEST);
}

function general(status: number): readonly [ProblemKind, string] {
  if (status >= 500) return ["unavailable", "GitHub has an error of its own"];
  if (status >= 400) return ["rejected", "GitHub refuses what was asked"];
  // a renamed repository is somebody's to look at: what takes its old name later must not get our values
  if (status >= 300) return ["no-such-scope", "it has another name at GitHub by now: write that one"];
  return ["unavailable", "GitHub has answered something else than what was asked"];
}
