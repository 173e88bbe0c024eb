import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { rabbitmqConfiguration } from "../../../components/rabbitmq/settings.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { as, freePort, give, program, started } from "../../helpers/server.ts";

const PASSWORD = "canary";
const owner = as("rabbitmq");

describe("a real RabbitMQ", () => {
  it("starts with the configuration, lets its one user in, and blocks at the watermark", async () => {
    await using broker = await start();
    const ask = async (path: string, password = PASSWORD) => {
      const authorization = `Basic ${Buffer.from(`tracks:${password}`).toString("base64")}`;
      return fetch(`http://127.0.0.1:${broker.management}/api/${path}`, { headers: { authorization } });
    };
    assert.equal((await ask("whoami", "wrong")).status, 401);
    assert.deepEqual(
      ((await (await ask("users")).json()) as { name: string }[]).map(({ name }) => name),
      ["tracks"],
    );
    assert.deepEqual(
      ((await (await ask("vhosts")).json()) as { name: string }[]).map(({ name }) => name),
      ["tracks"],
    );
    const limits = await until(async () => {
      const [node] = (await (await ask("nodes")).json()) as { mem_limit?: number; disk_free_limit?: number }[];
      return node?.mem_limit === undefined ? undefined : [node.mem_limit, node.disk_free_limit];
    });
    assert.deepEqual(limits, [1228 * 2 ** 20, 2 ** 30]);
  });
});

/** The broker counts itself every five seconds; mocha's own time limit ends a wait in vain. */
async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    await sleep(200);
  }
}

/** On loopback ports of its own, beside any broker that the machine may run. */
async function start() {
  const [amqp, management, distribution, names] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const configuration = rabbitmqConfiguration({ vhost: "tracks", user: "tracks", password: PASSWORD, memory: "2Gi" })
    .replace("listeners.tcp.default = 5672", `listeners.tcp.default = 127.0.0.1:${amqp}`)
    .replace("management.tcp.port = 15672", `management.tcp.ip = 127.0.0.1\nmanagement.tcp.port = ${management}`);
  const folder = temporaryFolder({ "rabbitmq.conf": configuration, enabled_plugins: "[rabbitmq_management]." });
  give(folder, owner);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    RABBITMQ_NODENAME: "groundwork@localhost",
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(folder, "data"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_DIST_PORT: String(distribution),
    ERL_EPMD_PORT: String(names),
    ERL_EPMD_ADDRESS: "127.0.0.1",
  };
  const server = program("rabbitmq-server", "rabbitmq-server").replace(/^\/usr\/sbin/, "/usr/lib/rabbitmq/bin");
  const running = await started(server, [], /completed with \d+ plugins/, { ...owner, env, stop: "SIGTERM" });
  return Object.assign(running, {
    management,
    async [Symbol.asyncDispose]() {
      running.process.kill("SIGTERM");
      await new Promise((resolve) => running.process.once("exit", resolve));
      execFileSync("epmd", ["-port", String(names), "-kill"], { stdio: "ignore" });
    },
  });
}
