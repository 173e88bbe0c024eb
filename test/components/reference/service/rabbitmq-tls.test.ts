import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { rabbitmqConnector } from "../../../../components/reference/service/connections/rabbitmq.ts";

/** https://www.rfc-editor.org/rfc/rfc8446#section-5.1: a handshake record, which a client begins with. */
const HANDSHAKE = 22;

/** The first byte that a broker is sent. */
async function firstByte(tls: boolean): Promise<number | undefined> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const broker = { host: "127.0.0.1", port: (server.address() as AddressInfo).port, tls, vhost: "/", user: "u" };
  const connecting = rabbitmqConnector(broker, { name: "test", timeout: 5000, prepare: () => Promise.resolve() })
    .connect(() => undefined)
    .catch(() => undefined);
  const [socket] = (await once(server, "connection")) as [Socket];
  const [data] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  await connecting;
  server.close();
  return data[0];
}

describe("the connection to RabbitMQ", () => {
  it("speaks TLS from the first byte where that is asked for", async () => {
    assert.equal(await firstByte(true), HANDSHAKE);
    assert.equal(await firstByte(false), "A".charCodeAt(0));
  });
});
