import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import * as amqp from "amqplib";
import { definerScript } from "../../../components/rabbitmq/definer.ts";
import { definitions } from "../../../components/rabbitmq/definitions.ts";
import type { Topology } from "../../../components/rabbitmq/spec.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import type { Broker } from "./broker.ts";
import { brokerEnvironment, startBroker } from "./broker.ts";

const PASSWORD = "canary";
const topology: Topology = {
  queues: [
    { name: "items", deliveryLimit: 3 },
    { name: "raw.items", maxLength: 1000 },
    { name: "audit", type: "classic", deadLetters: false },
  ],
  exchanges: [{ name: "events", type: "topic", bindings: [{ queue: "audit", routingKey: "audit.#" }] }],
};

describe("a real RabbitMQ", () => {
  let broker: Broker;
  before(async () => {
    broker = await startBroker(PASSWORD);
  });
  after(() => broker[Symbol.asyncDispose]());

  it("starts with the configuration, lets its one user in, and blocks at the watermark", async () => {
    assert.equal((await broker.ask("whoami", "wrong")).status, 401);
    for (const path of ["users", "vhosts"]) {
      assert.deepEqual(
        (await broker.list<{ name: string }>(path)).map(({ name }) => name),
        ["tracks"],
      );
    }
    const limits = await until(async () => {
      const [node] = await broker.list<{ mem_limit?: number; disk_free_limit?: number }>("nodes");
      return node?.mem_limit === undefined ? undefined : [node.mem_limit, node.disk_free_limit];
    });
    assert.deepEqual(limits, [1228 * 2 ** 20, 2 ** 30]);
  });

  it("is given queues, exchanges and policies by the script, again and again", async () => {
    for (let time = 0; time < 2; time++) assert.deepEqual(define(broker, PASSWORD), { status: 0, stderr: "" });
    const wanted = definitions(topology);
    const queues = await broker.list<{ name: string; durable: boolean; arguments: object }>("queues/tracks");
    assert.deepEqual(sorted(queues, "durable", "arguments"), sorted(wanted.queues, "durable", "arguments"));
    const exchanges = (await broker.list<{ name: string; type: string; internal: boolean }>("exchanges/tracks")).filter(
      ({ name }) => !/^(amq\.|$)/.test(name),
    );
    assert.deepEqual(sorted(exchanges, "type", "internal"), sorted(wanted.exchanges, "type", "internal"));
    const policies = await broker.list<{ name: string; pattern: string; definition: object }>("policies/tracks");
    assert.deepEqual(sorted(policies, "pattern", "definition"), sorted(wanted.policies, "pattern", "definition"));
    const applied = await until(async () => {
      const items = (await broker.list<{ name: string; policy?: string }>("queues/tracks")).find(
        ({ name }) => name === "items",
      );
      return items?.policy;
    });
    assert.equal(applied, "queue-items");
  });

  it("keeps what a consumer gives up, and what it fails at too often", async () => {
    const url = {
      protocol: "amqp",
      hostname: "127.0.0.1",
      port: broker.amqp,
      username: "tracks",
      password: PASSWORD,
      vhost: "tracks",
    };
    const connection = await amqp.connect(url);
    const channel = await connection.createConfirmChannel();
    await channel.prefetch(1);
    channel.sendToQueue("items", Buffer.from("given up"), { persistent: true });
    channel.sendToQueue("items", Buffer.from("poison"), { persistent: true });
    channel.publish("events", "audit.login", Buffer.from("seen"), { persistent: true });
    await channel.waitForConfirms();
    await channel.consume("items", (message) => {
      if (message) channel.nack(message, false, message.content.toString() === "poison");
    });
    const dead: string[] = [];
    await channel.consume(
      "items.dead",
      (message) => {
        if (message) dead.push(message.content.toString());
      },
      { noAck: true },
    );
    await until(() => Promise.resolve(dead.length === 2 || undefined));
    assert.deepEqual(dead.sort(), ["given up", "poison"]);
    const seen = await channel.get("audit");
    assert.equal(seen === false ? "" : seen.content.toString(), "seen");
    await connection.close();
  });

  it("shows its metrics to Prometheus", async () => {
    const text = await (await fetch(`http://127.0.0.1:${broker.metrics}/metrics`)).text();
    assert.match(text, /^rabbitmq_queue_messages_ready \d/m);
  });

  it("tells of a wrong password without saying it", () => {
    const { status, stderr } = define(broker, "no-canary");
    assert.notEqual(status, 0);
    assert.equal(stderr, "RabbitMQ answered 401 to POST /api/definitions/tracks\n");
  });
});

function define(broker: Broker, password: string) {
  const folder = temporaryFolder({ password, "definitions.json": JSON.stringify(definitions(topology)) });
  const script = definerScript("tracks", join(folder, "definitions.json"));
  const { status, stderr } = spawnSync("bash", ["-c", script, "define", "once"], {
    encoding: "utf8",
    env: brokerEnvironment(broker, join(folder, "password")),
  });
  return { status, stderr };
}

function sorted<T extends { readonly name: string }>(things: readonly T[], ...keys: (keyof T)[]): unknown[] {
  return things
    .map((thing) => [thing.name, ...keys.map((key) => thing[key])] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The broker counts itself every five seconds; mocha's own time limit ends a wait in vain. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    await sleep(200);
  }
}
