import { Configuration, EscRawApi, type Value } from "@pulumi/esc-sdk";
import { credential } from "../credential.ts";
import { SecretValue } from "../secret-value.ts";
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
import { Definition, type PropertyPath, Unwritable, formatPath, parsePath } from "./esc-definition.ts";
import { type Failure, HttpService, RETRIES, secondsOf } from "./http.ts";

export interface PulumiEscStoreOptions {
  readonly name: string;
  /** Of the environment variable that holds the access token. Default: PULUMI_ACCESS_TOKEN. */
  readonly tokenVariable?: string;
  /** Of the Pulumi Cloud. Default: https://api.pulumi.com */
  readonly url?: string;
  /** Milliseconds for one answer. Default: 10,000. */
  readonly timeout?: number;
}

const PART = "[\\w.-]{1,100}";
const SCOPE = new RegExp(`^${PART}/${PART}/${PART}$`);
/** Of a session in which values are read: the API's default is an hour. https://www.pulumi.com/docs/reference/cloud-rest-api/environments/ */
const SESSION = "1m";
/** https://www.pulumi.com/docs/reference/cloud-rest-api/#errors */
const ESC = new HttpService(
  "Pulumi ESC",
  {
    401: ["unauthorized", "does not take our access token"],
    404: ["no-such-scope", "has no such environment, or does not let us know of it"],
    409: ["conflict", "has a newer revision than the one that was read"],
    412: ["conflict", "has a newer revision than the one that was read"],
    413: ["rejected", "refuses so large an environment"],
  },
  failureOf,
);

/** Of every answer of the API that we use. */
interface Answer {
  readonly data: unknown;
  readonly headers: unknown;
}

type Ask = (api: EscRawApi, environment: readonly [string, string, string]) => Promise<Answer>;

/**
 * The secrets of environments of Pulumi ESC. Their names are property paths; their version is the environment's revision,
 * for ESC keeps none of a single property. It needs environment:read to list, environment:open to read and environment:write
 * to heal.
 */
export class PulumiEscStore implements Store {
  readonly name: string;
  readonly readable = true;
  readonly guards = true;
  readonly #tokenVariable: string;
  readonly #url: string;
  readonly #timeout: number;

  constructor({
    name,
    tokenVariable = "PULUMI_ACCESS_TOKEN",
    url = "https://api.pulumi.com",
    timeout = 10_000,
  }: PulumiEscStoreOptions) {
    this.name = name;
    this.#tokenVariable = tokenVariable;
    this.#url = url.replace(/\/+$/, "");
    this.#timeout = timeout;
  }

  async list(scope: string): Promise<Asked<readonly Listed[]>> {
    const current = await this.#definition(scope);
    if (!current.ok) return current;
    const at = await this.#revisedAt(scope, current.value.revision);
    if (!at.ok) return at;
    const { definition, revision } = current.value;
    return answered(definition.secrets().map((name) => listed(name, revision, at.value)));
  }

  async read(
    scope: string,
    names: readonly string[],
  ): Promise<Asked<ReadonlyMap<string, Asked<SecretValue | Missing>>>> {
    if (names.length === 0) return answered(new Map());
    const opened = await this.#ask(scope, RETRIES, (api, environment) => api.openEnvironment(...environment, SESSION));
    if (!opened.ok) return opened;
    const { id } = (opened.value.data ?? {}) as { readonly id?: unknown };
    if (typeof id !== "string") return misunderstood();
    const read = await this.#ask(scope, RETRIES, (api, environment) => api.readOpenEnvironment(...environment, id));
    if (!read.ok) return read;
    const { properties } = (read.value.data ?? {}) as { readonly properties?: unknown };
    if (typeof properties !== "object") return misunderstood();
    return answered(new Map(names.map((name) => [name, valueAt(properties, parsePath(name))])));
  }

  async write(scope: string, name: string, value: SecretValue, ifFound?: Listed | Missing): Promise<Asked<Listed>> {
    const path = parsePath(name);
    if (path === undefined) return refused("rejected", `${name} is no property path, such as database.password`);
    const current = await this.#definition(scope);
    if (!current.ok) return current;
    const { definition, revision, tag } = current.value;
    const has = definition.secrets().includes(formatPath(path)) ? listed(name, revision, undefined) : MISSING;
    if (ifFound !== undefined && !isStill(has, ifFound)) return refused("conflict", TOUCHED);
    try {
      definition.set(path, value);
    } catch (error) {
      if (error instanceof Unwritable) return refused("rejected", error.message);
      throw error;
    }
    // the tag is what Pulumi's own client sends so that nobody's edit in between is lost; the other is HTTP's for the same
    // https://github.com/pulumi/esc/blob/main/cmd/esc/cli/client/client.go
    const headers = { ETag: tag, "If-Match": tag };
    const written = await this.#ask(scope, 0, (api, environment) =>
      api.updateEnvironmentYaml(...environment, definition.toString(), { headers }),
    );
    if (!written.ok) return written;
    const now = revisionOf(written.value);
    if (now === undefined) return misunderstood();
    if (now !== revision + 1)
      return refused("conflict", `somebody else has written ${scope} at the same time: compare its last revisions`);
    const at = await this.#revisedAt(scope, now);
    return at.ok ? answered(listed(name, now, at.value)) : at;
  }

  wrongScope(scope: string): string | undefined {
    return SCOPE.test(scope) ? undefined : "write organization/project/environment";
  }

  wrongName(name: string): string | undefined {
    const path = parsePath(name);
    if (path === undefined) return "write a property path, such as database.password";
    // what is listed has one spelling: by another one a place would be missing for ever
    const listed = formatPath(path);
    return listed === name ? undefined : `write ${listed}, which names the same`;
  }

  /** The one question that needs no environment. https://www.pulumi.com/docs/reference/cloud-rest-api/users/ */
  async health(): Promise<Asked<true>> {
    const token = this.#token();
    if (!token.ok) return token;
    try {
      const { status } = await fetch(`${this.#url}/api/user`, {
        headers: { authorization: `token ${token.value.reveal()}` },
        redirect: "manual",
        signal: AbortSignal.timeout(this.#timeout),
      });
      return status === 200 ? answered(true) : ESC.problem({ status });
    } catch {
      return ESC.problem({});
    }
  }

  async #definition(scope: string) {
    // as text: what is JSON by chance would come as an object
    const text = { responseType: "text", transformResponse: (data: unknown) => data } as const;
    const got = await this.#ask(scope, RETRIES, (api, environment) => api.getEnvironment(...environment, text));
    if (!got.ok) return got;
    const revision = revisionOf(got.value);
    const tag = header(got.value, "etag");
    if (revision === undefined || tag === undefined || typeof got.value.data !== "string")
      return misunderstood<never>();
    try {
      return answered({ definition: new Definition(got.value.data), revision, tag });
    } catch (error) {
      if (error instanceof Unwritable) return refused<never>("unavailable", error.message);
      throw error;
    }
  }

  /** When a revision was made, in milliseconds since 1970; nothing where the API does not tell. */
  async #revisedAt(scope: string, revision: number): Promise<Asked<number | undefined>> {
    const got = await this.#ask(scope, RETRIES, (api, environment) =>
      api.listEnvironmentRevisions(...environment, revision + 1, 1),
    );
    if (!got.ok) return got;
    if (!Array.isArray(got.value.data)) return misunderstood();
    const [last] = got.value.data as { readonly number?: unknown; readonly created?: unknown }[];
    const at = last?.number === revision ? Date.parse(String(last.created)) : Number.NaN;
    return answered(Number.isNaN(at) ? undefined : at);
  }

  /** Asks again what changes nothing, after what passes by itself. */
  async #ask(scope: string, retries: number, ask: Ask): Promise<Asked<Answer>> {
    const token = this.#token();
    if (!token.ok) return token;
    // the SDK's own client leaves out the port
    const api = new EscRawApi(
      new Configuration({
        accessToken: `token ${token.value.reveal()}`,
        basePath: `${this.#url}/api/esc`,
        baseOptions: { timeout: this.#timeout, maxRedirects: 0 },
      }),
    );
    const [organization = "", project = "", environment = ""] = scope.split("/");
    return ESC.ask(retries, () => ask(api, [organization, project, environment]));
  }

  #token(): Asked<SecretValue> {
    const token = credential(this.#tokenVariable);
    if (token === "")
      return refused("unauthorized", `the environment variable ${this.#tokenVariable} holds no access token`);
    return answered(new SecretValue(token));
  }
}

function listed(name: string, revision: number, updatedAt: number | undefined): Listed {
  return { name, version: String(revision), ...(updatedAt !== undefined && { updatedAt }) };
}

function header({ headers }: Answer, name: string): string | undefined {
  const value = (headers as Readonly<Record<string, unknown>>)[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function revisionOf(answer: Answer): number | undefined {
  const text = header(answer, "pulumi-esc-revision") ?? "";
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function failureOf(error: unknown): Failure {
  const { response } = error as { readonly response?: Answer & { readonly status: number } };
  return response === undefined ? {} : { status: response.status, wait: secondsOf(header(response, "retry-after")) };
}

/** Down through the values of an open environment, each of which is wrapped in what ESC knows of it. */
function valueAt(properties: unknown, path: PropertyPath | undefined): Asked<SecretValue | Missing> {
  let value: Partial<Value> = { value: properties };
  for (const step of path ?? []) {
    const inside: unknown = value.value;
    if (value.unknown === true) break;
    if (typeof inside !== "object" || inside === null || !Object.hasOwn(inside, step)) return answered(MISSING);
    value = (inside as Readonly<Record<string | number, Partial<Value>>>)[step] ?? {};
  }
  if (path === undefined || (value.value === undefined && value.unknown !== true)) return answered(MISSING);
  if (value.unknown === true) return refused("unavailable", "Pulumi ESC could not compute it");
  if (value.value === null || typeof value.value === "object")
    return refused("rejected", "it is no single value, and only texts are compared");
  return answered(new SecretValue(String(value.value)));
}

function misunderstood<T>(): Asked<T> {
  return refused("unavailable", "Pulumi ESC answers something that it should not");
}
