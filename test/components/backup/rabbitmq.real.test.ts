import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { rabbitmqWork } from "../../../components/backup/rabbitmq.ts";
import { definitions } from "../../../components/rabbitmq/definitions.ts";
import type { Broker } from "../rabbitmq/broker.ts";
import { brokerEnvironment, startBroker } from "../rabbitmq/broker.ts";
import { BackupUnderTest, PASSWORD } from "./run.ts";

describe("a backup of a real RabbitMQ", () => {
  let broker: Broker;
  let backup: BackupUnderTest;
  before(async () => {
    broker = await startBroker(PASSWORD);
    backup = new BackupUnderTest("rabbitmq", rabbitmqWork("tracks"), {}, { restoreTestEvery: 1 });
    Object.assign(backup.environment, brokerEnvironment(broker, backup.passwordFile));
    await send(
      "POST",
      "definitions/tracks",
      definitions({
        queues: [{ name: "items" }, { name: "raw" }],
        exchanges: [{ name: "events", type: "topic", bindings: [{ queue: "raw", routingKey: "raw.#" }] }],
      }),
    );
    await send("PUT", "users/reader", { password: "other-canary", tags: "monitoring" });
    await send("PUT", "permissions/tracks/reader", { configure: "", write: "", read: ".*" });
  });
  after(() => broker[Symbol.asyncDispose]());

  const send = async (method: string, path: string, body?: object) => {
    const authorization = `Basic ${Buffer.from(`tracks:${PASSWORD}`).toString("base64")}`;
    const headers = { authorization, "content-type": "application/json" };
    const url = `http://127.0.0.1:${broker.management}/api/${path}`;
    const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  };
  const everything = async () => {
    const all = (await (await broker.ask("definitions")).json()) as Record<string, unknown[]>;
    const parts = ["users", "vhosts", "permissions", "queues", "exchanges", "bindings", "policies"];
    return Object.fromEntries(parts.map((part) => [part, all[part]?.map((each) => JSON.stringify(each)).sort()]));
  };

  it("is made, restored into a scratch virtual host, compared, and leaves nothing behind", async () => {
    const before = await everything();
    const { status, output } = backup.run("once");
    assert.equal(status, 0, output);
    assert.deepEqual(await everything(), before);
  });

  it("brings users, permissions, queues, bindings and policies back", async () => {
    const before = await everything();
    for (const gone of ["queues/tracks/items", "exchanges/tracks/events", "policies/tracks/queue-raw", "users/reader"])
      await send("DELETE", gone);
    assert.notDeepEqual(await everything(), before);
    const { status, output } = backup.run("restore", "latest");
    assert.equal(status, 0, output);
    assert.deepEqual(await everything(), before);
  });

  it("is told from one that lacks something", () => {
    const script = readFileSync(backup.script, "utf8");
    const spoilt = script.replace(
      'api GET "/api/definitions/groundwork-restore-test"',
      'api DELETE /api/queues/groundwork-restore-test/raw && api GET "/api/definitions/groundwork-restore-test"',
    );
    assert.notEqual(spoilt, script);
    const { status } = spawnSync("bash", ["-c", spoilt, "backup", "test"], { env: backup.environment });
    assert.notEqual(status, 0);
  });

  it("fails, and does not say the password, when it is refused", () => {
    const refused = { ...backup.environment, RABBITMQ_USER: "nobody" };
    const { status, stderr } = spawnSync("bash", [backup.script, "once"], { encoding: "utf8", env: refused });
    assert.notEqual(status, 0);
    assert.equal(stderr, "RabbitMQ answered 401 to GET /api/definitions\nbackup of rabbitmq failed\n");
  });
});
