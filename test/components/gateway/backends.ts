import type { IncomingMessage, RequestListener } from "node:http";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A service behind the gateway. */
export interface Backend extends AsyncDisposable {
  readonly port: number;
  /** Connections that were opened to it. */
  readonly connections: () => number;
}

export async function backend(listener: RequestListener, host = "127.0.0.1", port = 0): Promise<Backend> {
  let connections = 0;
  const server = createServer(listener).on("connection", () => connections++);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** Names and values as they came, doubled ones twice. */
  readonly raw: readonly string[];
  readonly body: string;
}

export async function ask(port: number, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const agent = new Agent();
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ host: "127.0.0.1", port, path, headers, agent }, resolve).once("error", reject).end();
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString("latin1");
    return { status: response.statusCode ?? 0, headers: response.headers, raw: response.rawHeaders, body };
  } finally {
    agent.destroy();
  }
}
