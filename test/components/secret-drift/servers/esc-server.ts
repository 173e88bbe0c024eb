import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import { type Document, isMap, parseDocument, visit } from "yaml";
import { type Asked, type FakeServer, json, serve } from "./server.ts";

interface Revision {
  readonly number: number;
  readonly created: string;
  readonly yaml: string;
}

export interface FakeEsc extends FakeServer {
  /** A person's edit of `organization/project/environment`, which is made where it is not there yet. */
  edit(environment: string, yaml: string): void;
  /** Its definition, with what is encrypted. */
  definition(environment: string): string;
  /** Its values, in plain. */
  values(environment: string): unknown;
  /** Environments that exist, and that our token may not see. */
  readonly denied: Set<string>;
  /** What is done once, right after somebody has read a definition. */
  readonly hooks: { afterRead?: (() => void) | undefined };
}

const TOKEN = /^token pul-[\w-]+$/;

/**
 * Environments of Pulumi ESC as far as the checker asks for them. Sessions are of values as they were when they were opened;
 * secrets are encrypted as they are saved, by XOR, which is enough to see who sends what.
 * https://www.pulumi.com/docs/reference/cloud-rest-api/environments/
 */
export async function fakeEsc(): Promise<FakeEsc> {
  const environments = new Map<string, Revision[]>();
  const sessions = new Map<string, unknown>();
  const denied = new Set<string>();
  const hooks: FakeEsc["hooks"] = {};
  let now = Date.UTC(2026, 0, 1);
  const last = (name: string): Revision => environments.get(name)?.at(-1) ?? { number: 0, created: "", yaml: "" };
  const values = (name: string): unknown => evaluated(parseDocument(last(name).yaml), (other) => values(other), name);
  const edit = (name: string, yaml: string) => {
    const revision = { number: last(name).number + 1, created: new Date((now += 1_000)).toISOString() };
    environments.set(name, [...(environments.get(name) ?? []), { ...revision, yaml: encrypted(yaml) }]);
  };
  const server = await serve((asked, response) => {
    const answer = (status: number, body: unknown = { code: status, message: `about ${asked.body}` }) =>
      json(response, status, body);
    if (!TOKEN.test(String(asked.headers.authorization))) return answer(401);
    const url = new URL(asked.path, "http://localhost");
    if (url.pathname === "/api/user") return answer(200, { githubLogin: "somebody" });
    const [, name = "", rest = ""] =
      /^\/api\/esc\/environments\/([^/]+\/[^/]+\/[^/]+)\/?(.*)$/.exec(decodeURIComponent(url.pathname)) ?? [];
    if (denied.has(name)) return answer(403);
    if (!environments.has(name)) return answer(404);
    const route = `${asked.method} ${rest.replace(/^open\/.+/, "open/id")}`;
    if (route === "GET ") {
      yaml(response, last(name));
      hooks.afterRead?.();
      hooks.afterRead = undefined;
      return;
    }
    if (route === "PATCH ") return patch(asked, response, last(name), () => edit(name, asked.body));
    if (route === "GET versions") {
      const before = Number(url.searchParams.get("before") ?? Infinity);
      const found = (environments.get(name) ?? []).filter(({ number }) => number < before).reverse();
      return answer(
        200,
        found.slice(0, Number(url.searchParams.get("count"))).map(({ yaml: _, ...each }) => each),
      );
    }
    if (route === "POST open") {
      const id = randomUUID();
      sessions.set(id, values(name));
      return answer(200, { id });
    }
    const open = sessions.get(rest.slice("open/".length));
    return route === "GET open/id" && open !== undefined
      ? answer(200, { properties: (wrapped(open) as { value: unknown }).value })
      : answer(404);
  });
  return Object.assign(server, { edit, denied, values, hooks, definition: (name: string) => last(name).yaml });
}

function headersOf({ number }: Revision): Record<string, string> {
  return { etag: `"revision-${number}"`, "pulumi-esc-revision": String(number) };
}

function yaml(response: ServerResponse, revision: Revision): void {
  response.writeHead(200, { "content-type": "application/x-yaml", ...headersOf(revision) }).end(revision.yaml);
}

function patch(asked: Asked, response: ServerResponse, revision: Revision, save: () => void): void {
  const tag = asked.headers["etag"];
  if (tag !== undefined && tag !== headersOf(revision)["etag"])
    return json(response, 409, { code: 409, message: `conflict: ${asked.body}` });
  const { errors, contents } = parseDocument(asked.body);
  if (errors.length > 0 || !isMap(contents) || asked.headers["content-type"] !== "application/x-yaml")
    return json(response, 400, { code: 400, message: "invalid", diagnostics: [{ summary: asked.body }] });
  save();
  json(response, 200, {}, headersOf({ ...revision, number: revision.number + 1 }));
}

const MAGIC = "escx";
const crypt = (bytes: Buffer) => Buffer.from(bytes.map((byte) => byte ^ 0x5a));
const encrypt = (text: string) => crypt(Buffer.from(MAGIC + text)).toString("base64");
const decrypt = (text: string) => crypt(Buffer.from(text, "base64")).toString().slice(MAGIC.length);

/** As it is kept: every `fn::secret` of a text becomes one of a ciphertext. */
function encrypted(text: string): string {
  const document = parseDocument(text);
  visit(document, {
    Pair: (_, pair) => {
      if (String(pair.key) !== "fn::secret" || isMap(pair.value)) return;
      pair.value = document.createNode({ ciphertext: encrypt(String(pair.value)) });
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** What is imported lies below what the environment has itself. */
function evaluated(document: Document, imported: (name: string) => unknown, name: string): unknown {
  const { imports = [], values = {} } = (document.toJS() ?? {}) as { imports?: string[]; values?: unknown };
  const folder = name.slice(0, name.lastIndexOf("/"));
  return imports.reduceRight<unknown>((above, each) => merged(imported(`${folder}/${each}`), above), plain(values));
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const secret = (value as { "fn::secret"?: { ciphertext: string } })["fn::secret"];
  if (secret !== undefined) return decrypt(secret.ciphertext);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
}

function merged(below: unknown, above: unknown): unknown {
  const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isObject(below) || !isObject(above)) return above ?? below;
  const result: Record<string, unknown> = { ...(below as object) };
  for (const [key, value] of Object.entries(above as object)) result[key] = merged(result[key], value);
  return result;
}

/** https://www.pulumi.com/docs/reference/cloud-rest-api/schema/escvalue/ */
function wrapped(value: unknown): unknown {
  const trace = { def: { environment: "somewhere" } };
  if (value === "UNKNOWN") return { unknown: true, trace };
  if (Array.isArray(value)) return { value: value.map(wrapped), trace };
  if (typeof value !== "object" || value === null) return { value, trace };
  return { value: Object.fromEntries(Object.entries(value).map(([key, each]) => [key, wrapped(each)])), trace };
}
