import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { clusterFormer } from "../../../components/redis/former.ts";
import { clusterSettings, redisArguments, redisSettings } from "../../../components/redis/settings.ts";
import { CLUSTER_STARTER } from "../../../components/redis/starter.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import type { Running } from "../../helpers/server.ts";
import { program, started } from "../../helpers/server.ts";
import { busPort } from "./ports.ts";

const PASSWORD = "canary";
const COUNT = 6;
const settings = redisSettings({
  size: { cpu: 1, memory: "256Mi" },
  maxMemory: "128Mi",
  save: "900 1",
  eviction: "allkeys-lru",
});

describe("a real Redis cluster of three primaries and three replicas", function () {
  this.timeout(120_000);
  const folder = temporaryFolder({ password: PASSWORD });
  const client = program("redis-cli", "redis-tools");
  const servers: (Running | undefined)[] = [];
  const ports: number[] = [];

  before(async () => {
    while (ports.length < COUNT) ports.push(await busPort(ports));
    writeFileSync(join(folder, "start.sh"), CLUSTER_STARTER);
    writeFileSync(
      join(folder, "former.sh"),
      clusterFormer({
        nodes: ports.map((port) => `127.0.0.1:${port}`),
        primaries: 3,
        client,
        passwordFile: join(folder, "password"),
      }),
    );
  });
  after(() => all(kill));

  const start = async (index: number, disk = index) => {
    const data = join(folder, `node-${disk}`);
    mkdirSync(data, { recursive: true });
    const configuration = join(data, "redis.conf");
    writeFileSync(configuration, `requirepass ${PASSWORD}\nmasterauth ${PASSWORD}\n`);
    servers[index] = await started(
      program("sh", "dash"),
      [
        ...[join(folder, "start.sh"), program("redis-server", "redis-server")],
        ...[configuration, "--port", String(ports[index]), "--bind", "127.0.0.1", "--dir", data],
        ...redisArguments({ ...settings, ...clusterSettings("localhost") }),
      ],
      /Ready to accept connections/,
      { cwd: data },
    );
  };
  const kill = async (index: number) => {
    await servers[index]?.[Symbol.asyncDispose]();
    servers[index] = undefined;
  };
  const all = (what: (index: number) => Promise<void>) => Promise.all(ports.map((_, index) => what(index)));
  const former = (argument: string) =>
    spawnSync("sh", [join(folder, "former.sh"), argument], { encoding: "utf8", timeout: 60_000 });
  const ask = (index: number, ...command: string[]) =>
    execFileSync(client, ["-c", "-p", String(ports[index]), ...command], {
      encoding: "utf8",
      env: { ...process.env, REDISCLI_AUTH: PASSWORD },
      stdio: "pipe",
    }).trim();
  const nodes = (index: number) =>
    ask(index, "CLUSTER", "NODES")
      .split("\n")
      .map((line) => line.split(" "))
      .map(([id = "", address = "", flags = "", primary = "", , , , link, ...slots]) => ({
        id,
        port: Number(/:(\d+)@/.exec(address)?.[1]),
        role: flags.includes("master") ? "primary" : "replica",
        lost: /fail|noaddr/.test(flags),
        primary,
        link,
        slots: slots.join(" "),
      }));
  /** Every server answers for itself, so nothing here rests on gossip. */
  const whole = (index: number) =>
    nodes(index).filter(({ lost, link }) => !lost && link === "connected").length === COUNT &&
    former("check").status === 0;
  const until = async (condition: () => boolean, pass = true) => {
    for (;;) {
      if (pass) assert.equal(former("once").stderr, "");
      try {
        if (condition()) return;
      } catch {
        // a server that is about to come up or to take over refuses for a moment
      }
      await sleep(200);
    }
  };
  const replicasOfEach = (index: number) => {
    const replicas = nodes(index).filter(({ role, lost }) => role === "replica" && !lost);
    return nodes(index)
      .filter(({ slots }) => slots !== "")
      .map(({ id }) => replicas.filter(({ primary }) => primary === id).length);
  };

  it("is formed by the script, whatever has been done before, and leaves a formed one alone", async () => {
    await all(start);
    assert.notEqual(former("check").status, 0);
    // as if an earlier run had been cut off in the middle
    ask(0, "CLUSTER", "ADDSLOTSRANGE", "0", "5460");
    ask(0, "CLUSTER", "MEET", "127.0.0.1", String(ports[1]));
    await until(() => whole(0) && replicasOfEach(0).join() === "1,1,1");
    const slots = (index: number) => nodes(0).find(({ port }) => port === ports[index])?.slots;
    assert.deepEqual([slots(0), slots(1), slots(2)], ["0-5460", "5461-10921", "10922-16383"]);
    const shape = () =>
      JSON.stringify(
        nodes(0)
          .map(({ id, role, primary, slots }) => [id, role, primary, slots])
          .sort(),
      );
    const formed = shape();
    former("once");
    assert.equal(shape(), formed);
  });

  it("has every setting on every server, and sends clients to host names", () => {
    for (const [name, value] of Object.entries({ ...settings, ...clusterSettings("localhost") })) {
      const [, actual] = ask(3, "CONFIG", "GET", name).split("\n");
      assert.equal(
        actual,
        value.replace(/^(\d+)mb$/, (_, size) => String(Number(size) * 2 ** 20)),
        name,
      );
    }
    assert.match(ask(0, "CLUSTER", "SLOTS"), /localhost/);
  });

  it("loses a primary and goes on with what it held", async () => {
    for (let key = 0; key < 50; key++) assert.equal(ask(1, "SET", `key-${key}`, `value-${key}`), "OK");
    for (const primary of [0, 1, 2]) assert.equal(ask(primary, "WAIT", "1", "5000"), "1");
    await kill(0);
    await until(() => {
      for (let key = 0; key < 50; key++) assert.equal(ask(1, "GET", `key-${key}`), `value-${key}`);
      return (
        ask(1, "SET", "after", "the loss") === "OK" &&
        nodes(1).some(({ slots, port }) => slots === "0-5460" && port !== ports[0])
      );
    });
    await start(0);
    await until(() => whole(1) && replicasOfEach(1).join() === "1,1,1");
    assert.equal(nodes(0).find(({ port }) => port === ports[0])?.role, "replica");
  });

  it("takes a server that lost its disk back as a replica", async () => {
    await kill(0);
    rmSync(join(folder, "node-0"), { recursive: true });
    await start(0);
    await until(() => replicasOfEach(1).join() === "1,1,1");
    assert.equal(ask(1, "GET", "key-7"), "value-7");
  });

  it("is made whole again when a restart has given every server another's address", async () => {
    // A replica that has not caught up could be elected, empty as it is: Redis waits five seconds before it sends all.
    await until(() =>
      ports.every((_, index) => /role:master|master_link_status:up/.test(ask(index, "INFO", "replication"))),
    );
    // A kill loses what was not saved yet, and the schedule saves after fifteen minutes.
    for (const index of ports.keys()) assert.equal(ask(index, "SAVE"), "OK");
    await all(kill);
    await all((index) => start(index, (index + 1) % COUNT));
    await until(() => ports.every((_, index) => whole(index)) && replicasOfEach(1).join() === "1,1,1");
    for (let key = 0; key < 50; key++) assert.equal(ask(2, "GET", `key-${key}`), `value-${key}`);
  });
});
