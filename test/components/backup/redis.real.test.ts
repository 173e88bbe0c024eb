import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { redisWork } from "../../../components/backup/redis.ts";
import { clusterFormer } from "../../../components/redis/former.ts";
import { clusterSettings, redisArguments, redisSettings } from "../../../components/redis/settings.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import type { Running } from "../../helpers/server.ts";
import { freePort, program, started } from "../../helpers/server.ts";
import { busPort } from "../redis/ports.ts";
import { BackupUnderTest, PASSWORD } from "./run.ts";

const client = program("redis-cli", "redis-tools");
const settings = redisSettings({ size: { cpu: 1, memory: "256Mi" }, maxMemory: "128Mi" });

async function server(port: number, folder: string, cluster: boolean): Promise<Running> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "redis.conf"), `requirepass ${PASSWORD}\n${cluster ? `masterauth ${PASSWORD}\n` : ""}`);
  return started(
    program("redis-server", "redis-server"),
    [
      ...[join(folder, "redis.conf"), "--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
      ...redisArguments({ ...settings, ...(cluster ? clusterSettings("localhost") : {}) }),
    ],
    /Ready to accept connections/,
  );
}

function ask(port: number, ...command: string[]): string {
  const env = { ...process.env, REDISCLI_AUTH: PASSWORD };
  return execFileSync(client, ["-c", "-p", String(port), ...command], { encoding: "utf8", env, stdio: "pipe" }).trim();
}

async function backupOf(ports: readonly number[], mode: "single" | "cluster"): Promise<BackupUnderTest> {
  const scratch = { host: "127.0.0.1", port: await freePort() };
  const nodes = ports.map((port) => `127.0.0.1:${port}`);
  const backup = new BackupUnderTest(
    "redis",
    redisWork({ nodes, mode, programs: "redis", scratch }),
    {},
    { restoreTestEvery: 1 },
  );
  backup.environment["REDIS_PASSWORD_FILE"] = backup.passwordFile;
  return backup;
}

describe("a backup of a real Redis", () => {
  const folder = temporaryFolder();

  it("brings every key of every kind back, with its time to live", async () => {
    const port = await freePort();
    await using _server = await server(port, join(folder, "single"), false);
    const digest = () =>
      ["text", "list", "hash", "set", "sorted", "stream"].map((key) => ask(port, "DUMP", key)).join("\n");
    ask(port, "SET", "text", "Ω \\n");
    ask(port, "RPUSH", "list", "a", "b");
    ask(port, "HSET", "hash", "f", "v");
    ask(port, "SADD", "set", "1", "2", "3");
    ask(port, "ZADD", "sorted", "1.5", "m");
    ask(port, "XADD", "stream", "*", "k", "v");
    ask(port, "SET", "mortal", "v", "EX", "10000");
    ask(port, "-n", "3", "SET", "elsewhere", "v");
    const before = digest();
    const backup = await backupOf([port], "single");
    const made = backup.run("once");
    assert.equal(made.status, 0, made.output);
    ask(port, "FLUSHALL");
    ask(port, "SET", "new", "since");
    const restored = backup.run("restore", "latest");
    assert.deepEqual([restored.status, restored.output], [0, `restored 8 keys to 127.0.0.1:${port}\n`]);
    assert.equal(digest(), before);
    assert.equal(ask(port, "GET", "new"), "");
    assert.ok(Number(ask(port, "TTL", "mortal")) > 9000);
    assert.equal(ask(port, "-n", "3", "GET", "elsewhere"), "v");
    assert.equal(ask(port, "SET", "again", "writable"), "OK");
    assert.match(ask(port, "ROLE"), /^master/);
    assert.equal(ask(port, "CONFIG", "GET", "masterauth").split("\n")[1] ?? "", "");
  });

  it("is refused when its file is damaged, and when the server is not there", async () => {
    const port = await freePort();
    const backup = await backupOf([port], "single");
    {
      await using _server = await server(port, join(folder, "damaged"), false);
      ask(port, "SET", "key", "value");
      assert.equal(backup.run("once").status, 0);
    }
    assert.notEqual(backup.run("once").status, 0);
    const file = backup.path("backups", backup.names()[0] ?? "", `127.0.0.1-${port}.rdb`);
    const bytes = readFileSync(file);
    bytes[bytes.length - 12] = 0xff;
    writeFileSync(file, bytes);
    assert.notEqual(backup.run("test").status, 0);
  });

  it("of a cluster has every primary, or is none", async () => {
    const ports: number[] = [];
    while (ports.length < 3) ports.push(await busPort(ports));
    const servers = await Promise.all(ports.map((port) => server(port, join(folder, String(port)), true)));
    try {
      await form(ports, join(folder, "former.sh"));
      for (let key = 0; key < 60; key++) ask(ports[0] ?? 0, "SET", `key-${key}`, `value-${key}`);
      const backup = await backupOf(ports, "cluster");
      const made = backup.run("once");
      assert.equal(made.status, 0, made.output);
      for (const port of ports) ask(port, "FLUSHALL");
      const restored = backup.run("restore", "latest");
      assert.equal(restored.status, 0, restored.output);
      for (let key = 0; key < 60; key++) assert.equal(ask(ports[1] ?? 0, "GET", `key-${key}`), `value-${key}`);
      await servers[2]?.[Symbol.asyncDispose]();
      const { status, output } = backup.run("once");
      assert.notEqual(status, 0);
      assert.match(output, /the primaries that answer have \d+ slots of 16384/);
    } finally {
      for (const each of servers) await each[Symbol.asyncDispose]();
    }
  });
});

async function form(ports: readonly number[], script: string): Promise<void> {
  const passwordFile = `${script}.password`;
  writeFileSync(passwordFile, PASSWORD);
  const nodes = ports.map((port) => `127.0.0.1:${port}`);
  writeFileSync(script, clusterFormer({ nodes, primaries: ports.length, client, passwordFile }));
  const run = (what: string) => spawnSync("sh", [script, what]).status;
  for (run("once"); run("check") !== 0; run("once")) await sleep(200);
}
