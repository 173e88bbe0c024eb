import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { DIGEST } from "./pins.ts";

/** No answer, or none that could be used; later it may be another one. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** The registry has answered, and it was no digest. */
export class Refused extends Error {
  override readonly name = "Refused";
}

export interface RegistryOptions {
  /** Milliseconds for one request. Default 10,000. */
  readonly timeout?: number;
  /** How it waits before it asks again, in milliseconds; a test does not. */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

/** Lists of all platforms first: the digest of one platform's image would run on no other. */
const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Milliseconds before the second, third and fourth attempt. */
const BACK_OFF = [500, 1000, 2000];
/** A registry that asks for more patience is asked another day. */
const MOST_PATIENCE = 60_000;
const DOCKER_HUB = "registry-1.docker.io";

interface Place {
  readonly host: string;
  readonly origin: string;
  readonly name: string;
}

interface Asked {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** Asks registries, and a silent one not again for each of its images. */
export function registries(options: RegistryOptions = {}): (repository: string, tag: string) => Promise<string> {
  const silent = new Map<string, Unreachable>();
  return async (repository, tag) => {
    const { host } = placeOf(repository);
    const failure = silent.get(host);
    if (failure !== undefined) throw failure;
    try {
      return await digestOf(repository, tag, options);
    } catch (error) {
      if (error instanceof Unreachable) silent.set(host, error);
      throw error;
    }
  };
}

/**
 * The digest that a tag has now, asked of its registry as anybody: by HEAD, which Docker Hub does not count as a pull.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests
 */
export async function digestOf(repository: string, tag: string, options: RegistryOptions = {}): Promise<string> {
  const place = placeOf(repository);
  const reference = `${repository}:${tag}`;
  const url = `${place.origin}/v2/${place.name}/manifests/${tag}`;
  const ask = (method: "HEAD" | "GET", token?: string) =>
    request(url, { method, headers: { accept: MANIFESTS, ...bearer(token) } }, place.host, options);
  let token: string | undefined;
  let answer = await ask("HEAD");
  if (answer.status === 401) {
    token = await tokenFor(place, reference, answer.headers.get("www-authenticate") ?? "", options);
    answer = await ask("HEAD", token);
  }
  refuseFailure(answer.status, reference, place.host);
  const told = answer.headers.get("docker-content-digest");
  if (told !== null) return checked(told, reference, place.host);
  // the header is optional; a digest is what the bytes are, so they are asked for
  const whole = await ask("GET", token);
  refuseFailure(whole.status, reference, place.host);
  return `sha256:${createHash("sha256").update(whole.body).digest("hex")}`;
}

/** As Docker reads a name. Only this machine is spoken to without TLS. https://docs.docker.com/reference/cli/dockerd/#insecure-registries */
function placeOf(repository: string): Place {
  const [first = "", ...rest] = repository.split("/");
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  if (!hasHost) {
    const name = rest.length === 0 ? `library/${repository}` : repository;
    return { host: "docker.io", origin: `https://${DOCKER_HUB}`, name };
  }
  const host = first === "docker.io" ? DOCKER_HUB : first;
  return { host: first, origin: `${isLoopback(host) ? "http" : "https"}://${host}`, name: rest.join("/") };
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+)(:\d+)?$/.test(host);
}

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function refuseFailure(status: number, reference: string, host: string): void {
  if (status === 200) return;
  if (status === 404) throw new Refused(`${reference} is not there: ${host} knows no such tag.`);
  if (status === 401 || status === 403) throw new Refused(`${reference} is not for everybody: ${host} says ${status}.`);
  throw new Refused(`${reference} has no digest: ${host} says ${status}.`);
}

function checked(digest: string, reference: string, host: string): string {
  if (DIGEST.test(digest)) return digest;
  throw new Refused(`${reference} has no digest: ${host} tells one that is no SHA-256.`);
}

/** A token for anybody, from where the registry says. https://distribution.github.io/distribution/spec/auth/token/ */
async function tokenFor(
  { host, name }: Place,
  reference: string,
  challenge: string,
  options: RegistryOptions,
): Promise<string> {
  const fields = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]): [string, string] => [key, value]),
  );
  const realm = fields.get("realm") ?? "";
  if (!/^bearer /i.test(challenge) || !URL.canParse(realm))
    throw new Refused(`${reference} is not for everybody: ${host} asks for a login.`);
  const url = new URL(realm);
  if (url.protocol !== "https:" && !isLoopback(url.host))
    throw new Refused(`${reference} is not asked for: ${host} sends to ${url.host} without TLS.`);
  const service = fields.get("service");
  if (service !== undefined) url.searchParams.set("service", service);
  url.searchParams.set("scope", `repository:${name}:pull`);
  const { status, body } = await request(url.href, { method: "GET" }, url.host, options);
  const token = status === 200 ? tokenIn(body) : undefined;
  if (token === undefined) throw new Refused(`${reference} is not for everybody: ${url.host} gives no token.`);
  return token;
}

function tokenIn(body: Buffer): string | undefined {
  try {
    const { token, access_token: other } = JSON.parse(body.toString()) as Readonly<Record<string, unknown>>;
    return [token, other].find((one) => typeof one === "string");
  } catch {
    return undefined;
  }
}

/** Asks again where the fault may pass: no answer, too many requests, the server's own failures. */
async function request(url: string, init: RequestInit, host: string, options: RegistryOptions): Promise<Asked> {
  const { wait = (milliseconds: number) => sleep(milliseconds) } = options;
  let last = "";
  for (const pause of [...BACK_OFF, undefined]) {
    const answer = await once(url, init, options);
    if (typeof answer !== "string" && answer.status !== 429 && answer.status < 500) return answer;
    last = typeof answer === "string" ? answer : `it says ${answer.status}`;
    const patience = typeof answer === "string" ? undefined : retryAfter(answer.headers);
    if (pause === undefined || (patience ?? 0) > MOST_PATIENCE) break;
    await wait(Math.max(pause, patience ?? 0));
  }
  throw new Unreachable(`${host} cannot be asked now: ${last}; see to the connection, or ask later.`);
}

/** The answer with its body, which may be cut off too, or why there is none. */
async function once(url: string, init: RequestInit, { timeout = 10_000 }: RegistryOptions): Promise<Asked | string> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(timeout) });
    return {
      status: response.status,
      headers: response.headers,
      body: Buffer.from(await response.arrayBuffer()),
    };
  } catch (error) {
    if (!(error instanceof Error)) return "it does not answer";
    if (error.name === "TimeoutError") return `it does not answer within ${timeout / 1000} s`;
    const { cause } = error;
    const code = cause instanceof Error ? (cause as NodeJS.ErrnoException).code : undefined;
    return code ?? (cause instanceof Error ? cause.message : error.message);
  }
}

/** Seconds or a date. https://www.rfc-editor.org/rfc/rfc9110#field.retry-after */
function retryAfter(headers: Headers): number | undefined {
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}
