import { createHash } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export const INDEX = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [] }));
export const INDEX_DIGEST = `sha256:${createHash("sha256").update(INDEX).digest("hex")}`;
/** Of one platform: what a client gets that does not ask for lists. */
const SINGLE_DIGEST = `sha256:${"1".repeat(64)}`;

export interface Registry extends AsyncDisposable {
  /** `127.0.0.1:port`, as it stands before a repository's name. */
  readonly host: string;
  /** Method and path of each request, in order. */
  readonly requests: readonly string[];
  /** Digest that the tag of `app` has from now on. */
  move(digest: string): void;
}

/**
 * A registry as the distribution specification has it, with a token for anybody; a repository's name says how it fares.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md, https://distribution.github.io/distribution/spec/auth/token/
 */
export async function startRegistry(): Promise<Registry> {
  const requests: string[] = [];
  const left = new Map([
    ["limited", 2],
    ["stumbling", 2],
  ]);
  let digest = INDEX_DIGEST;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "", `http://${request.headers.host ?? ""}`);
    requests.push(`${request.method ?? ""} ${url.pathname}${url.search}`);
    if (url.pathname === "/token") return token(url, response);
    const [, name = "", tag = ""] = /^\/v2\/(.+)\/manifests\/(.+)$/.exec(url.pathname) ?? [];
    if (name === "slow") return undefined;
    if (name === "cut") return void request.socket.destroy();
    if (name === "basic") return refuse(response, 401, { "www-authenticate": 'Basic realm="registry"' });
    if (name === "elsewhere")
      return refuse(response, 401, { "www-authenticate": 'Bearer realm="http://tokens.example/token"' });
    if (name === "private") return refuse(response, 403);
    if (name === "busy") return refuse(response, 429, { "retry-after": "3600" });
    const again = left.get(name) ?? 0;
    left.set(name, again - 1);
    if (again > 0) return name === "limited" ? refuse(response, 429, { "retry-after": "7" }) : refuse(response, 502);
    if (request.headers.authorization !== `Bearer ${tokenOf(`repository:${name}:pull`)}`) {
      const realm = `http://${request.headers.host ?? ""}/token`;
      return refuse(response, 401, {
        "www-authenticate": `Bearer realm="${realm}",service="registry.test",scope="repository:${name}:pull"`,
      });
    }
    if (tag !== "1.0") return refuse(response, 404);
    return manifest(request, response, name, digest);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    move: (next) => (digest = next),
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function tokenOf(scope: string): string {
  return createHash("sha256").update(scope).digest("hex");
}

function token({ searchParams }: URL, response: ServerResponse): void {
  if (searchParams.get("service") !== "registry.test") return refuse(response, 400);
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ token: tokenOf(searchParams.get("scope") ?? ""), expires_in: 300 }));
}

function refuse(response: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  response.writeHead(status, headers).end();
}

function manifest(request: IncomingMessage, response: ServerResponse, name: string, digest: string): void {
  const takesLists = request.headers.accept?.includes("application/vnd.oci.image.index.v1+json") === true;
  const told = name === "wrong" ? "sha512:0" : takesLists ? digest : SINGLE_DIGEST;
  if (name !== "headless") response.setHeader("docker-content-digest", told);
  response.setHeader("content-length", String(INDEX.length));
  if (name === "headless" && request.method === "GET") return void response.end(INDEX);
  response.end();
}
