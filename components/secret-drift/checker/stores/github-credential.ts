import { createPrivateKey } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Octokit } from "@octokit/core";
import { retry } from "@octokit/plugin-retry";
import { credential } from "../credential.ts";
import { SecretValue } from "../secret-value.ts";
import { type Asked, answered, refused } from "../store.ts";
import { githubProblem } from "./github-limits.ts";

/** What tells GitHub who is asking. */
export interface GithubCredential {
  /** What to send with the next request, or why there is nothing. */
  token(): Promise<Asked<SecretValue>>;
  /** Whether it is worth while to ask again with {@link token}, after GitHub has refused this one. */
  renew(refused: SecretValue): Promise<boolean>;
}

/** A token that somebody has put into an environment variable; read at each request, so that a new one is taken at once. */
export class VariableToken implements GithubCredential {
  readonly #variable: string;

  constructor(variable: string) {
    this.#variable = variable;
  }

  token(): Promise<Asked<SecretValue>> {
    const token = credential(this.#variable);
    return Promise.resolve(
      token === ""
        ? refused("unauthorized", `the environment variable ${this.#variable} has no token`)
        : answered(new SecretValue(token)),
    );
  }

  renew(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

/** A GitHub App, installed at an organisation or account. https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app */
export interface GithubAppOptions {
  /** Id or client id of the app. */
  readonly appId: string;
  readonly installationId: number;
  /** Name of the environment variable with the app's private key in PEM, with line ends or `\n` for them. Default: GITHUB_APP_PRIVATE_KEY */
  readonly privateKeyVariable?: string;
}

/** How the app's own requests are sent. */
export interface AppTransport {
  /** Of the REST API. */
  readonly url: string;
  readonly fetch: typeof fetch;
  /** Before the second attempt, in milliseconds. */
  readonly pause: number;
}

/** In milliseconds: a token that is younger than that may not be known everywhere at GitHub. https://github.com/octokit/auth-app.js#installation-access-tokens */
const YOUNG = 5_000;
/** In milliseconds. */
const PATIENCE = 1_000;
/** What a second attempt does not change. */
const FINAL = [400, 401, 403, 404, 409, 410, 422, 429, 451];
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore };
const DEFAULT_VARIABLE = "GITHUB_APP_PRIVATE_KEY";

/**
 * Tokens of an app's installation, which GitHub gives for an hour. Each is renewed a minute before it ends, and when GitHub
 * refuses it before. Octokit signs for the app, by GitHub's clock where ours is wrong.
 */
export class AppToken implements GithubCredential {
  readonly #options: GithubAppOptions;
  readonly #transport: AppTransport;
  #app: { readonly key: string; readonly octokit: Octokit } | undefined;
  #current: SecretValue | undefined;
  #since = 0;
  #isRefused = false;

  constructor(options: GithubAppOptions, transport: AppTransport) {
    this.#options = options;
    this.#transport = transport;
  }

  async token(): Promise<Asked<SecretValue>> {
    const { privateKeyVariable = DEFAULT_VARIABLE, appId, installationId } = this.#options;
    const key = privateKey(privateKeyVariable);
    if (!key.ok) return key;
    try {
      const { auth } = await this.#octokit(key.value);
      const refresh = this.#isRefused;
      this.#isRefused = false;
      const { token } = (await auth({ type: "installation", refresh })) as { readonly token: string };
      if (token !== this.#current?.reveal()) {
        this.#current = new SecretValue(token);
        this.#since = performance.now();
      }
      return answered(this.#current);
    } catch (error) {
      const problem = githubProblem(error);
      const { status } = error as { readonly status?: unknown };
      if (status !== 401 && status !== 403 && status !== 404) return { ok: false, problem };
      if (problem.kind === "rate-limited") return { ok: false, problem };
      const why = `GitHub gives the app ${appId} no token for the installation ${installationId} (HTTP ${status})`;
      return refused(
        "unauthorized",
        `${why}: its key or one of the numbers is wrong, or it is installed there no more`,
      );
    }
  }

  async renew(used: SecretValue): Promise<boolean> {
    // another request may have renewed it meanwhile
    if (used !== this.#current) return true;
    if (performance.now() - this.#since < YOUNG) await sleep(PATIENCE);
    else this.#isRefused = true;
    return true;
  }

  async #octokit(key: string): Promise<Octokit> {
    const { createAppAuth } = await import("@octokit/auth-app");
    if (this.#app?.key === key) return this.#app.octokit;
    const { url, fetch, pause } = this.#transport;
    const octokit = new App({
      baseUrl: url,
      userAgent: "groundwork-secret-drift",
      log: SILENT,
      request: { log: SILENT, redirect: "manual", fetch },
      retry: { doNotRetry: FINAL, retries: 1, retryAfterBaseValue: pause },
      authStrategy: createAppAuth,
      auth: { appId: this.#options.appId, privateKey: key, installationId: this.#options.installationId, log: SILENT },
    });
    this.#app = { key, octokit };
    return octokit;
  }
}

const App = Octokit.plugin(retry);

/** As PKCS #8, whichever PEM it is: GitHub hands out PKCS #1. */
function privateKey(variable: string): Asked<string> {
  const text = credential(variable).replaceAll("\\n", "\n");
  if (text === "") return refused("unauthorized", `the environment variable ${variable} has no private key`);
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType !== "rsa") return refused("unauthorized", `the key in ${variable} is no RSA key`);
    return answered(key.export({ type: "pkcs8", format: "pem" }).toString());
  } catch {
    return refused("unauthorized", `the environment variable ${variable} has no private key in PEM`);
  }
}

function ignore(): void {
  // what octokit would say may quote what GitHub has sent
}
