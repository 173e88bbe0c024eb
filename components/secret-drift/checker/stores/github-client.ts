import { Octokit } from "@octokit/core";
import { paginateRest } from "@octokit/plugin-paginate-rest";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import type { SecretValue } from "../secret-value.ts";
import { type Asked, type StoreProblem, answered, refused } from "../store.ts";
import { AppToken, type GithubAppOptions, type GithubCredential, VariableToken } from "./github-credential.ts";
import { GithubLimits, githubProblem } from "./github-limits.ts";

export interface GithubClientOptions {
  /** Of the REST API. */
  readonly url: string;
  /** What tells GitHub who is asking: the name of the environment variable with a token, or an app. */
  readonly credential: string | GithubAppOptions;
  /** A GET counts 1, a PUT 5. */
  readonly pointsPerMinute: number;
  /** Of one attempt, in milliseconds. */
  readonly timeout: number;
  /** Before the second attempt, in milliseconds; before the third it is four times as long. */
  readonly pause: number;
}

type Parameters = Readonly<Record<string, unknown>>;

/** Entries of a page: the most that GitHub gives. https://docs.github.com/en/rest/actions/secrets#list-repository-secrets */
const PAGE = 100;
/** Seconds that are waited for GitHub within a round; what takes longer is the next round's. */
const PATIENCE = 5;
/** Of a list, until it is given up. */
const READINGS = 4;
/** After the first attempt. */
const RETRIES = 2;
/** What a second attempt does not change; 403 and 429 are the throttling's. */
const FINAL = [400, 401, 403, 404, 409, 410, 413, 422, 429, 451];
/** https://docs.github.com/en/rest/about-the-rest-api/api-versions */
const VERSION = "2022-11-28";
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };

/** An answer as GitHub gave it, which stays true as long as GitHub says so. */
interface Known {
  readonly etag: string;
  readonly link: string | undefined;
  /** JSON: whoever gets it may change what they got. */
  readonly text: string;
}

/** What the pages of a list held when they were read. */
interface Reading {
  readonly found: readonly unknown[];
  readonly pages: number;
  /** Entries that there are, by the last page. */
  readonly total: number;
}

interface Response {
  readonly url: string;
  readonly status: number;
  readonly headers: Record<string, string | number | undefined>;
  data: unknown;
}

class Refused extends Error {
  readonly problem: StoreProblem;

  constructor(problem: StoreProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Asks GitHub's REST API within its limits, and every GET again only if it has changed: that one counts nothing. */
export class GithubClient {
  readonly #octokit: InstanceType<typeof Api>;
  readonly #credential: GithubCredential;
  readonly #limits: GithubLimits;
  readonly #known = new Map<string, Known>();

  constructor({ url, credential, pointsPerMinute, timeout, pause }: GithubClientOptions) {
    const transport = { url: url.replace(/\/+$/, ""), fetch: this.#fetch(timeout), pause };
    this.#credential =
      typeof credential === "string" ? new VariableToken(credential) : new AppToken(credential, transport);
    this.#limits = new GithubLimits(pointsPerMinute);
    this.#octokit = new Api({
      baseUrl: transport.url,
      userAgent: "groundwork-secret-drift",
      log: SILENT,
      request: { log: SILENT, redirect: "manual", fetch: transport.fetch },
      retry: { doNotRetry: FINAL, retries: RETRIES, retryAfterBaseValue: pause },
      throttle: {
        id: `${url} ${JSON.stringify(credential)}`,
        // it ends on the hour, and the plugin reckons it by our clock
        onRateLimit: () => false,
        onSecondaryRateLimit: (seconds, _options, _octokit, retries) => seconds <= PATIENCE && retries < 1,
      },
    });
    this.#octokit.hook.wrap("request", async (request, options) => {
      const { url: key } = this.#octokit.request.endpoint.parse(options);
      const known = options.method === "GET" ? this.#known.get(key) : undefined;
      const attempt = async (token: SecretValue): Promise<Response> => {
        Object.assign(options.headers, headers(token), known !== undefined && { "if-none-match": known.etag });
        return this.#attempt(key, async () => (await request(options)) as Response, known);
      };
      const token = await this.#token();
      const response = await attempt(token).catch(async (error: unknown) => {
        const isRefused = error instanceof Refused && error.problem.kind === "unauthorized";
        if (!isRefused || !(await this.#credential.renew(token))) throw error;
        return attempt(await this.#token());
      });
      if (options.method === "GET") this.#remember(key, response);
      return response as Awaited<ReturnType<typeof request>>;
    });
  }

  get(route: string, parameters: Parameters = {}): Promise<Asked<unknown>> {
    return this.#ask(async () => (await this.#octokit.request(`GET ${route}`, parameters)).data as unknown);
  }

  /** @returns when it was done by GitHub's clock, in milliseconds since 1970; NaN where it has not told */
  put(route: string, parameters: Parameters): Promise<Asked<number>> {
    return this.#ask(async () =>
      Date.parse((await this.#octokit.request(`PUT ${route}`, parameters)).headers.date ?? ""),
    );
  }

  /**
   * Every entry of every page. An entry that somebody deletes moves those behind it to a page that was read already, so more
   * than one page is read until two readings are the same, which counts nothing when nobody writes.
   */
  async all(route: string, parameters: Parameters): Promise<Asked<readonly unknown[]>> {
    let before: string | undefined;
    for (let reading = 0; reading < READINGS; reading++) {
      const asked = await this.#pages(route, parameters);
      if (!asked.ok) return asked;
      const { found, pages, total } = asked.value;
      const text = JSON.stringify(found);
      if (found.length === total && (pages === 1 || text === before)) return answered(found);
      before = text;
    }
    return refused("unavailable", "GitHub has not listed as many entries as it says there are, or they go on changing");
  }

  #pages(route: string, parameters: Parameters): Promise<Asked<Reading>> {
    return this.#ask(async () => {
      const found: unknown[] = [];
      let [pages, total] = [0, NaN];
      for await (const { data } of this.#octokit.paginate.iterator(`GET ${route}`, { ...parameters, per_page: PAGE })) {
        const page: unknown = data;
        if (!Array.isArray(page)) throw new Refused(githubProblem({ status: 200, response: {} }));
        found.push(...(page as unknown[]));
        total = Number((page as { total_count?: unknown }).total_count);
        pages += 1;
      }
      return { found, pages, total };
    });
  }

  async #ask<T>(work: () => Promise<T>): Promise<Asked<T>> {
    try {
      return answered(await work());
    } catch (error) {
      return { ok: false, problem: error instanceof Refused ? error.problem : githubProblem(error) };
    }
  }

  /** One request with all its attempts. What it throws is sanitised, so that no plugin acts on it any more. */
  async #attempt(url: string, request: () => Promise<Response>, known: Known | undefined): Promise<Response> {
    try {
      const response = await request();
      if (response.status >= 300) throw Object.assign(new Error(), { status: response.status, response });
      this.#limits.came(undefined);
      return response;
    } catch (error) {
      const { status, response } = error as { status?: unknown; response?: Response };
      if (status === 304 && known !== undefined && response !== undefined) {
        this.#limits.came(undefined);
        const { etag, link, text } = known;
        return { url, status: 200, headers: { ...response.headers, etag, link }, data: JSON.parse(text) };
      }
      const problem = githubProblem(error);
      this.#limits.came(problem);
      throw new Refused(problem);
    }
  }

  /** A text is an answer that was cut, or none of GitHub's. */
  #remember(key: string, { headers: { etag, link }, data }: Response): void {
    if (typeof etag !== "string" || typeof data !== "object" || data === null) return;
    this.#known.set(key, { etag, link: typeof link === "string" ? link : undefined, text: JSON.stringify(data) });
  }

  async #token(): Promise<SecretValue> {
    const closed = this.#limits.closed();
    if (closed?.ok === false) throw new Refused(closed.problem);
    const token = await this.#credential.token();
    if (token.ok) return token.value;
    this.#limits.came(token.problem);
    throw new Refused(token.problem);
  }

  #fetch(timeout: number): typeof fetch {
    return async (input, init) => {
      await this.#limits.turn(init?.method ?? "GET");
      return fetch(input, { ...init, signal: AbortSignal.timeout(timeout) });
    };
  }
}

const Api = Octokit.plugin(paginateRest, retry, throttling);

function headers(token: SecretValue): Record<string, string> {
  return { authorization: `Bearer ${token.reveal()}`, "x-github-api-version": VERSION };
}

function ignore(): void {
  // what octokit would say may quote what GitHub has sent
}
