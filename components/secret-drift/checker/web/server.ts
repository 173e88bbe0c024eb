import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { type AddressInfo, isIP } from "node:net";
import { describeCrash } from "../crash.ts";

/** What a path answers; its headers come with every other. */
export interface Reply {
  /** Default 200. */
  readonly status?: number;
  readonly type: string;
  readonly body: string;
}

export interface ServerOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly host: string;
  /** Names under which it may be asked, beside those of the loopback interface. */
  readonly names: readonly string[];
  readonly answer: (url: URL) => Promise<Reply>;
  /** What the browser may load and run. */
  readonly policy: string;
  /** Told what could not be answered. */
  readonly complain: (sentence: string) => void;
}

export interface Listening {
  /** Without a slash at its end. */
  readonly url: string;
  close(): Promise<void>;
}

/** Longer than any reader needs to send a line. */
const PATIENCE = 10_000;
const LOOPBACK = ["127.0.0.1", "[::1]", "localhost"];

/** Serves what may be read, and nothing else: no other method, no other origin, nothing kept by whoever is in between. */
export async function listen(options: ServerOptions): Promise<Listening> {
  const { port, host } = options;
  const server = createServer({ requestTimeout: PATIENCE, headersTimeout: PATIENCE }, (request, response) => {
    void respond(request, response, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { address, port: given } = server.address() as AddressInfo;
  const shown = isIP(address) === 6 ? `[${address}]` : address;
  const closed = new Promise<void>((resolve) => server.once("close", resolve));
  return {
    url: `http://${shown}:${given}`,
    close: () => {
      if (server.listening) server.close();
      server.closeAllConnections();
      return closed;
    },
  };
}

async function respond(request: IncomingMessage, response: ServerResponse, options: ServerOptions): Promise<void> {
  const { status = 200, type, body } = await replyTo(request, options);
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    // names of secrets belong to who asks, not to a cache on the way
    "cache-control": "no-store",
    "content-security-policy": options.policy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "x-frame-options": "DENY",
    ...(status === 405 && { allow: "GET, HEAD" }),
  });
  response.end(request.method === "HEAD" ? undefined : body);
}

async function replyTo(request: IncomingMessage, options: ServerOptions): Promise<Reply> {
  const { method = "", headers, url = "/" } = request;
  if (!isNamed(headers.host ?? "", options))
    return text(421, "this server is not meant by that name: ask it by the name that it was started with");
  if (method !== "GET" && method !== "HEAD") return text(405, "only reading is possible here: use GET");
  if (!URL.canParse(url, "http://localhost") || !url.startsWith("/")) return text(400, "this is no path");
  try {
    return await options.answer(new URL(`http://localhost${url}`));
  } catch (error) {
    options.complain(`a page could not be served: ${describeCrash(error)}`);
    return text(500, "this could not be answered; the log says why");
  }
}

/**
 * A page of any origin may have its own name point to 127.0.0.1 and read what is there; only the name that it asked by
 * gives it away. https://owasp.org/www-community/attacks/DNS_Rebinding
 */
function isNamed(asked: string, { host, names }: ServerOptions): boolean {
  const isLocal = LOOPBACK.includes(host) || host === "::1" || host.startsWith("127.");
  if (!isLocal && names.length === 0) return true;
  const name = asked.toLowerCase().replace(/:\d+$/, "");
  return [...LOOPBACK, host.toLowerCase(), ...names.map((each) => each.toLowerCase())].includes(name);
}

export function text(status: number, sentence: string): Reply {
  return { status, type: "text/plain; charset=utf-8", body: `${sentence}\n` };
}

export function json(document: object, status = 200): Reply {
  return { status, type: "application/json; charset=utf-8", body: `${JSON.stringify(document)}\n` };
}
