import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** What a server does with the next requests instead of answering them. */
export interface Trouble {
  /** How many of them. Default: all, until it is lifted. */
  times?: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The connection ends without an answer. */
  readonly cut?: boolean;
  /** The answer comes after so many milliseconds. */
  readonly delay?: number;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A local server that answers as a published API does, and can be told to be in trouble. */
export interface FakeServer {
  readonly url: string;
  /** Everything that it was asked. */
  readonly asked: Asked[];
  trouble: Trouble | undefined;
}

/** Serves as long as the process has something else to do. */
export async function serve(
  answer: (asked: Asked, response: ServerResponse) => void | Promise<void>,
): Promise<FakeServer> {
  const asked: Asked[] = [];
  const fake: { url: string; asked: Asked[]; trouble: Trouble | undefined } = { url: "", asked, trouble: undefined };
  const server = createServer((request, response) => {
    void handle(request, response).catch(() => response.destroy());
  });
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const { method = "", url = "", headers } = request;
    const one = { method, path: url, headers, body: await text(request) };
    asked.push(one);
    const { trouble } = fake;
    if (trouble === undefined) return answer(one, response);
    if (trouble.times !== undefined && --trouble.times <= 0) fake.trouble = undefined;
    if (trouble.delay !== undefined) await new Promise((resolve) => setTimeout(resolve, trouble.delay));
    if (trouble.cut === true) return void request.socket.destroy();
    if (trouble.status === undefined) return answer(one, response);
    response.writeHead(trouble.status, trouble.headers).end(trouble.body ?? "");
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  // it may be asked for in the middle of a test, where no hook can be added: it just keeps nothing waiting
  server.unref();
  server.on("connection", (socket) => socket.unref());
  return fake;
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
