import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";

/** Who a caller wants to talk to. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

export interface Proxy {
  /** On 127.0.0.1; nobody else reaches it. */
  readonly port: number;
  readonly close: () => Promise<void>;
}

/**
 * A proxy as `HTTPS_PROXY` names it: it joins two connections and sees nothing of what they say, for TLS goes through
 * from end to end. https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6
 * @param dial connects to whoever the caller names
 * @param failed is told why it could not; the caller sees `502 Bad Gateway`
 */
export async function startProxy(
  dial: (target: Target) => Promise<Socket>,
  failed: (target: Target, error: Error) => void,
): Promise<Proxy> {
  const clients = new Set<Duplex>();
  const server = createServer((_request, response) => {
    response.writeHead(405, { allow: "CONNECT" }).end();
  });
  server.on("connect", ({ url }, client, head) => {
    clients.add(client);
    client.once("close", () => clients.delete(client));
    client.on("error", () => client.destroy());
    const target = targetOf(url);
    if (target === undefined) {
      client.end("HTTP/1.1 400 Bad Request\r\n\r\n");
      return;
    }
    dial(target).then(
      (remote) => join(client, remote, head),
      (error: unknown) => {
        failed(target, error instanceof Error ? error : new Error(String(error)));
        client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const client of clients) client.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function targetOf(url = ""): Target | undefined {
  const [, host, port] = /^\[?([^\s[\]/@]+?)\]?:(\d{1,5})$/.exec(url) ?? [];
  return host === undefined || port === undefined ? undefined : { host, port: Number(port) };
}

/** The end of either is the end of the other. */
function join(client: Duplex, remote: Socket, head: Buffer): void {
  remote.on("error", () => client.destroy());
  remote.once("close", () => client.destroy());
  client.once("close", () => remote.destroy());
  if (client.destroyed) {
    remote.destroy();
    return;
  }
  client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
  if (head.length > 0) remote.write(head);
  client.pipe(remote).pipe(client);
}
