import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";
import type { ServerResponse } from "node:http";
import sodium from "libsodium-wrappers";
import { type Asked, type FakeServer, json, serve } from "./server.ts";

export type Visibility = "all" | "private" | "selected";

interface Kept {
  /** What was in the sealed box, or what a person wrote. */
  value: string;
  readonly created: number;
  updated: number;
  visibility?: Visibility;
  repositories?: readonly number[];
}

interface Place {
  readonly secrets: Map<string, Kept>;
  keys: { readonly publicKey: Uint8Array; readonly privateKey: Uint8Array };
  keyId: string;
}

export interface FakeGithub extends FakeServer {
  /** Makes an organisation, a repository or an environment: `org:acme`, `repo:acme/shop`, `env:acme/shop/production`. */
  add(scope: string): void;
  /** What a person sets on the page. */
  set(scope: string, name: string, value: string, access?: Pick<Kept, "visibility" | "repositories">): void;
  remove(scope: string, name: string): void;
  get(scope: string, name: string): Kept | undefined;
  /** GitHub takes a new pair of keys. */
  rotateKey(scope: string): void;
  /** Entries of a page, if fewer than were asked for. */
  page: number;
  /** Requests an hour. */
  limit: number;
  /** Requests that have counted against it. */
  used: number;
  /** Its own clock, in seconds since 1970. */
  clock: number;
  /** The one that is installed here, and the key that it signs with, in PEM. */
  app: { readonly id: string; readonly installation: number; readonly publicKey: string } | undefined;
  /** Tokens of its installation, with when they end by {@link clock}. */
  readonly tokens: Map<string, number>;
  /** Called before each answer: what somebody does just then. */
  meanwhile: ((asked: Asked) => void) | undefined;
}

const TOKEN = /^bearer (\S+)/i;
const NAME = /^(?!GITHUB_)[A-Z_][A-Z0-9_]*$/;
const DOCUMENTATION = "https://docs.github.com/rest/actions/secrets";

type Body = Readonly<Record<string, unknown>>;
interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

function paths(scope: string): string {
  const [kind = "", name = ""] = [scope.slice(0, scope.indexOf(":")), scope.slice(scope.indexOf(":") + 1)];
  if (kind === "org") return `/orgs/${name}/actions/secrets`;
  if (kind === "repo") return `/repos/${name}/actions/secrets`;
  const [owner = "", repository = "", ...environment] = name.split("/");
  return `/repos/${owner}/${repository}/environments/${encodeURIComponent(environment.join("/"))}/secrets`;
}

function keyPair(): Place["keys"] {
  return sodium.crypto_box_keypair();
}

/**
 * Actions secrets as GitHub's REST API describes them: https://docs.github.com/en/rest/actions/secrets,
 * https://github.com/github/rest-api-description; limits and conditional requests as in
 * https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api
 */
export async function fakeGithub(): Promise<FakeGithub> {
  await sodium.ready;
  const places = new Map<string, Place>();
  let keyNumber = 568_250_167_242_549_743n;
  const nextKey = () => String((keyNumber += 1n));
  const placeOf = (scope: string): Place => {
    const place = places.get(paths(scope));
    if (place === undefined) throw new Error(`the fake GitHub has no ${scope}`);
    return place;
  };
  const state: Omit<FakeGithub, keyof FakeServer> = {
    page: 100,
    limit: 5_000,
    used: 0,
    clock: 1_767_225_600,
    app: undefined,
    tokens: new Map(),
    meanwhile: undefined,
    add: (scope) => void places.set(paths(scope), { secrets: new Map(), keys: keyPair(), keyId: nextKey() }),
    set: (scope, name, value, access) => {
      const { secrets } = placeOf(scope);
      const before = secrets.get(name);
      const updated = (fake.clock += 1);
      secrets.set(name, { ...before, created: before?.created ?? updated, value, updated, ...access });
    },
    remove: (scope, name) => void placeOf(scope).secrets.delete(name),
    get: (scope, name) => placeOf(scope).secrets.get(name),
    rotateKey: (scope) => void Object.assign(placeOf(scope), { keys: keyPair(), keyId: nextKey() }),
  };
  const server = await serve((asked, response) => {
    fake.meanwhile?.(asked);
    reply(fake, asked, answerOf(fake, places, asked), response);
  });
  const fake: FakeGithub = Object.assign(server, state);
  return fake;
}

/** Adds what every answer has: the limit, the date, and what makes conditional requests possible. */
function reply(fake: FakeGithub, { method, path, headers }: Asked, answer: Answer, response: ServerResponse): void {
  const text = answer.body === undefined ? "" : JSON.stringify(answer.body);
  const etag = `W/"${createHash("sha256")
    .update(`${path}${text}${answer.headers?.["link"] ?? ""}`)
    .digest("hex")}"`;
  const fresh = method === "GET" && answer.status === 200 && headers["if-none-match"] === etag;
  const free = fresh || path === "/rate_limit";
  const over = !free && answer.status !== 401 && fake.used >= fake.limit;
  if (!free && !over) fake.used += 1;
  const common = {
    date: new Date(fake.clock * 1_000).toUTCString(),
    "x-github-media-type": "github.v3; format=json",
    "x-ratelimit-limit": String(fake.limit),
    "x-ratelimit-remaining": String(fake.limit - fake.used),
    "x-ratelimit-used": String(fake.used),
    "x-ratelimit-reset": String(fake.clock + 1_800),
    "x-ratelimit-resource": "core",
  };
  if (over)
    return json(response, 403, refusal(403, "API rate limit exceeded for user ID 1.").body, {
      ...common,
      "content-type": "application/json; charset=utf-8",
    });
  if (fresh) return void response.writeHead(304, { ...common, etag }).end();
  if (answer.body === undefined) return void response.writeHead(answer.status, common).end();
  json(response, answer.status, answer.body, {
    ...common,
    ...answer.headers,
    "content-type": "application/json; charset=utf-8",
    ...(method === "GET" && answer.status === 200 && { etag }),
  });
}

function answerOf(fake: FakeGithub, places: ReadonlyMap<string, Place>, asked: Asked): Answer {
  const [, token] = TOKEN.exec(String(asked.headers["authorization"])) ?? [];
  if (asked.path.startsWith("/app/")) return installationToken(fake, asked, token ?? "");
  const isEnded = token?.startsWith("ghs_") === true && (fake.tokens.get(token) ?? 0) <= fake.clock;
  if (token === undefined || isEnded) return refusal(401, "Bad credentials");
  const { pathname, searchParams } = new URL(asked.path, fake.url);
  if (pathname === "/rate_limit") return { status: 200, body: { resources: { core: { limit: fake.limit } } } };
  const base = /^.*?\/secrets(?=\/|$)/.exec(pathname)?.[0] ?? "";
  const place = places.get(base);
  if (place === undefined) return refusal(404, "Not Found");
  const [name, part] = pathname.slice(base.length + 1).split("/");
  const isOrganisation = base.startsWith("/orgs/");
  if (name === undefined || name === "") return list(fake, place, base, pathname, searchParams);
  if (name === "public-key")
    return { status: 200, body: { key_id: place.keyId, key: Buffer.from(place.keys.publicKey).toString("base64") } };
  if (asked.method === "PUT") return put(fake, place, name, JSON.parse(asked.body) as Body, isOrganisation);
  const kept = place.secrets.get(name.toUpperCase());
  if (kept === undefined) return refusal(404, "Not Found");
  if (part === undefined) return { status: 200, body: described(fake, base, name.toUpperCase(), kept) };
  if (part !== "repositories" || kept.visibility !== "selected") return refusal(409, "Conflict");
  const repositories = (kept.repositories ?? []).map((id) => ({ id, name: `repository-${id}`, private: true }));
  return page(fake, pathname, searchParams, "repositories", repositories);
}

/**
 * What GitHub says of an app's signature, by its own clock.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
function installationToken(fake: FakeGithub, { method, path }: Asked, jwt: string): Answer {
  const { app, clock } = fake;
  const [header = "", payload = "", signature = ""] = jwt.split(".");
  const signed = Buffer.from(`${header}.${payload}`);
  const key = app && createPublicKey(app.publicKey);
  if (key === undefined || !verify("RSA-SHA256", signed, key, Buffer.from(signature, "base64url")))
    return refusal(401, "A JSON web token could not be decoded");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as { iat: number; exp: number; iss: unknown };
  if (String(claims.iss) !== app?.id) return refusal(401, "Integration not found");
  if (claims.exp <= clock)
    return refusal(
      401,
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  if (claims.exp > clock + 600) return refusal(401, "'Expiration time' claim ('exp') is too far in the future");
  if (method !== "POST" || path !== `/app/installations/${app.installation}/access_tokens`)
    return refusal(404, "Not Found");
  const token = `ghs_${randomBytes(18).toString("hex")}`;
  fake.tokens.set(token, clock + 3_600);
  const expires = new Date((clock + 3_600) * 1_000).toISOString().replace(".000Z", "Z");
  return { status: 201, body: { token, expires_at: expires, permissions: { secrets: "write" } } };
}

function list(fake: FakeGithub, { secrets }: Place, base: string, pathname: string, query: URLSearchParams): Answer {
  const entries = [...secrets].map(([name, kept]) => described(fake, base, name, kept));
  return page(fake, pathname, query, "secrets", entries);
}

function described(fake: FakeGithub, base: string, name: string, kept: Kept) {
  const date = (seconds: number) => new Date(seconds * 1_000).toISOString().replace(".000Z", "Z");
  return {
    name,
    created_at: date(kept.created),
    updated_at: date(kept.updated),
    ...(kept.visibility !== undefined && { visibility: kept.visibility }),
    ...(kept.visibility === "selected" && {
      selected_repositories_url: `${fake.url}${base}/${name}/repositories`,
    }),
  };
}

/** https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api#using-link-headers */
function page(
  fake: FakeGithub,
  pathname: string,
  query: URLSearchParams,
  key: string,
  entries: readonly unknown[],
): Answer {
  const size = Math.min(Number(query.get("per_page") ?? 30), 100, fake.page);
  const number = Number(query.get("page") ?? 1);
  const last = Math.max(1, Math.ceil(entries.length / size));
  const link = (to: number, rel: string) =>
    `<${fake.url}${pathname}?per_page=${query.get("per_page") ?? 30}&page=${to}>; rel="${rel}"`;
  const links = [
    ...(number > 1 ? [link(number - 1, "prev"), link(1, "first")] : []),
    ...(number < last ? [link(number + 1, "next"), link(last, "last")] : []),
  ];
  return {
    status: 200,
    body: { total_count: entries.length, [key]: entries.slice((number - 1) * size, number * size) },
    ...(links.length > 0 && { headers: { link: links.join(", ") } }),
  };
}

function put(fake: FakeGithub, place: Place, asked: string, body: Body, isOrganisation: boolean): Answer {
  const name = asked.toUpperCase();
  const { encrypted_value: box, key_id: keyId, visibility, selected_repository_ids: repositories } = body;
  if (!NAME.test(name)) return refusal(422, "Secret names can only contain alphanumeric characters or underscores");
  if (keyId !== place.keyId || typeof box !== "string")
    return refusal(422, "Invalid request.\n\nBad request - key_id does not match");
  if (isOrganisation && !["all", "private", "selected"].includes(String(visibility)))
    return refusal(422, 'Invalid request.\n\n"visibility" wasn\'t supplied.');
  const { publicKey, privateKey } = place.keys;
  const opened = sodium.crypto_box_seal_open(Buffer.from(box, "base64"), publicKey, privateKey);
  const before = place.secrets.get(name);
  const updated = (fake.clock += 1);
  place.secrets.set(name, {
    value: Buffer.from(opened).toString("utf8"),
    created: before?.created ?? updated,
    updated,
    ...(isOrganisation && { visibility: visibility as Visibility }),
    ...(Array.isArray(repositories) && { repositories: repositories as number[] }),
  });
  return before === undefined ? { status: 201, body: {} } : { status: 204 };
}

export function refusal(status: number, message: string): Answer & { readonly body: object } {
  return { status, body: { message, documentation_url: DOCUMENTATION, status: String(status) } };
}
