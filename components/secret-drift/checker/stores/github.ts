import type { SecretValue } from "../secret-value.ts";
import {
  type Asked,
  type Listed,
  MISSING,
  type Missing,
  type Store,
  TOUCHED,
  answered,
  isStill,
  refused,
} from "../store.ts";
import { GithubClient } from "./github-client.ts";
import type { GithubAppOptions } from "./github-credential.ts";
import { type GithubScope, githubScope, wrongGithubScope } from "./github-scope.ts";
import { type SealingKey, seal } from "./github-seal.ts";

export interface GithubStoreOptions {
  readonly name: string;
  /** Of the REST API. Default: https://api.github.com */
  readonly url?: string;
  /** Name of the environment variable with the token. Default: GITHUB_TOKEN */
  readonly tokenVariable?: string;
  /** Instead of a token. */
  readonly app?: GithubAppOptions;
  /**
   * What is asked in a minute at most; a GET counts 1, a PUT 5. Default: 800, of the 900 that GitHub allows.
   * https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
   */
  readonly pointsPerMinute?: number;
  /** Until an attempt is given up, in milliseconds. Default: 10,000 */
  readonly timeout?: number;
  /** Before the second attempt, in milliseconds; before the third it is four times as long. Default: 250 */
  readonly pause?: number;
}

export const POINTS_PER_MINUTE = 800;
const TIMEOUT = 10_000;
const PAUSE = 250;
/** GitHub's dates are in whole ones. */
const SECOND = 1_000;
/** https://docs.github.com/en/actions/reference/security/secrets#naming-your-secrets */
const NAME = /^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/;
/** GitHub stores names in capitals, whatever it was given: another one would be missing for ever. */
const INSTEAD = "write capitals, digits and underscores, no digit first, and not GITHUB_";
/** In bytes. https://docs.github.com/en/actions/reference/security/secrets#limits-for-secrets */
const LARGEST = 48 * 1024;

/**
 * GitHub Actions secrets of organisations, repositories and environments. GitHub gives no value back: `updatedAt`, in whole
 * seconds, tells whether anybody has written.
 */
export class GithubStore implements Store {
  readonly name: string;
  readonly readable = false;
  readonly #client: GithubClient;

  constructor({ name, url, tokenVariable, app, pointsPerMinute, timeout, pause }: GithubStoreOptions) {
    this.name = name;
    this.#client = new GithubClient({
      url: url ?? "https://api.github.com",
      credential: app ?? tokenVariable ?? "GITHUB_TOKEN",
      pointsPerMinute: pointsPerMinute ?? POINTS_PER_MINUTE,
      timeout: timeout ?? TIMEOUT,
      pause: pause ?? PAUSE,
    });
  }

  async list(scope: string): Promise<Asked<readonly Listed[]>> {
    const where = this.#where(scope);
    if (!where.ok) return where;
    const entries = await this.#client.all(where.value.path, where.value.parameters);
    if (!entries.ok) return entries;
    const found = entries.value.map(listed);
    return found.every((each) => each !== undefined) ? answered(found) : notOurs();
  }

  read(): Promise<Asked<ReadonlyMap<string, Asked<SecretValue | Missing>>>> {
    return Promise.resolve(refused("rejected", "GitHub never gives a value back"));
  }

  async write(scope: string, name: string, value: SecretValue, ifFound?: Listed | Missing): Promise<Asked<Listed>> {
    const where = this.#where(scope);
    if (!where.ok) return where;
    const wrong = this.wrongName(name);
    const refusal = wrong === undefined ? wrongValue(value) : `GitHub takes no such name: ${wrong}`;
    if (refusal !== undefined) return refused("rejected", refusal);
    const { kind, path, parameters } = where.value;
    const key = await this.#client.get(`${path}/public-key`, parameters);
    if (!key.ok) return key;
    const access = kind === "org" ? await this.#access(where.value, name) : answered({});
    if (!access.ok) return access;
    const box = isKey(key.value) ? await seal(value, key.value) : undefined;
    if (!isKey(key.value) || box === undefined) return notOurs();
    const one = { ...parameters, secret_name: name };
    const sealed = { encrypted_value: box, key_id: key.value.key_id };
    if (ifFound !== undefined) {
      // GitHub has no conditional PUT: whoever writes between these two requests is written over
      const now = await this.#client.get(`${path}/{secret_name}`, one);
      if (!now.ok && now.problem.kind !== "no-such-scope") return now;
      if (!isStill(now.ok ? listed(now.value) : MISSING, ifFound)) return refused("conflict", TOUCHED);
    }
    const put = await this.#client.put(`${path}/{secret_name}`, { ...one, ...sealed, ...access.value });
    if (!put.ok) return put;
    const written = await this.#client.get(`${path}/{secret_name}`, one);
    if (!written.ok) return refused(written.problem.kind, `it was written, but then: ${written.problem.message}`);
    const entry = listed(written.value);
    if (entry?.name !== name) return notOurs();
    // the date would be taken for that of our value from then on, and hide somebody else's
    if ((entry.updatedAt ?? 0) > put.value + SECOND)
      return refused("conflict", "it was written, and then somebody else has written it at once: look at who did");
    return answered(entry);
  }

  wrongScope(scope: string): string | undefined {
    return wrongGithubScope(scope);
  }

  wrongName(name: string): string | undefined {
    return NAME.test(name) ? undefined : INSTEAD;
  }

  /** This one counts against no limit. https://docs.github.com/en/rest/rate-limit/rate-limit */
  async health(): Promise<Asked<true>> {
    const asked = await this.#client.get("/rate_limit");
    return asked.ok ? answered(true) : asked;
  }

  #where(scope: string): Asked<GithubScope> {
    const where = githubScope(scope);
    return where === undefined ? refused("no-such-scope", wrongGithubScope(scope) ?? "") : answered(where);
  }

  /** Which repositories see it is not ours to change; what is new is seen by private ones, as in GitHub's own form. */
  async #access({ path, parameters }: GithubScope, name: string): Promise<Asked<Record<string, unknown>>> {
    const one = { ...parameters, secret_name: name };
    const present = await this.#client.get(`${path}/{secret_name}`, one);
    if (!present.ok && present.problem.kind === "no-such-scope") return answered({ visibility: "private" });
    if (!present.ok) return present;
    const { visibility } = present.value as { readonly visibility?: unknown };
    if (visibility !== "all" && visibility !== "private" && visibility !== "selected") return notOurs();
    if (visibility !== "selected") return answered({ visibility });
    const repositories = await this.#client.all(`${path}/{secret_name}/repositories`, one);
    if (!repositories.ok) return repositories;
    const ids = repositories.value.map((each) => (each as { readonly id?: unknown } | null)?.id);
    if (!ids.every((id) => typeof id === "number")) return notOurs();
    return answered({ visibility, selected_repository_ids: ids });
  }
}

function listed(entry: unknown): Listed | undefined {
  const { name, updated_at: date } = (entry ?? {}) as { readonly name?: unknown; readonly updated_at?: unknown };
  const updatedAt = typeof date === "string" ? Date.parse(date) : NaN;
  return typeof name === "string" && !Number.isNaN(updatedAt) ? { name, updatedAt } : undefined;
}

function isKey(value: unknown): value is SealingKey {
  const { key_id: id, key } = (value ?? {}) as Partial<Record<keyof SealingKey, unknown>>;
  return typeof id === "string" && typeof key === "string";
}

function wrongValue(value: SecretValue): string | undefined {
  return Buffer.byteLength(value.reveal()) > LARGEST ? "GitHub takes no value above 48 KB" : undefined;
}

function notOurs<T>(): Asked<T> {
  return refused("unavailable", "GitHub has answered something else than what was asked");
}
