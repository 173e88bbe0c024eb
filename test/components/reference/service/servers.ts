import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Running } from "../../../helpers/server.ts";
import { as, freePort, give, program, started } from "../../../helpers/server.ts";

/** What every password in these tests is, so that one search finds a leak. */
export const CANARY = "canary-Pa55-word-that-no-output-may-hold";

/** A server that keeps its data and its port while it is stopped and started. */
export interface Restartable extends AsyncDisposable {
  readonly port: number;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Lets it hang: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
}

/** Without mocha's help, as the bench starts these servers too. */
function folderOf(files: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), "groundwork-test-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

async function restartable(port: number, launch: () => Promise<Running>, after: () => void): Promise<Restartable> {
  let running: Running | undefined = await launch();
  const stop = async () => {
    const former = running;
    running = undefined;
    signal(former, "SIGCONT");
    await former?.[Symbol.asyncDispose]();
  };
  return {
    port,
    stop,
    async start() {
      running ??= await launch();
    },
    freeze: () => signal(running, "SIGSTOP"),
    thaw: () => signal(running, "SIGCONT"),
    async [Symbol.asyncDispose]() {
      await stop();
      after();
    },
  };
}

/** To the server and all that it has started: a stopped postmaster's backends would go on answering. */
function signal(server: Running | undefined, name: NodeJS.Signals): void {
  const root = server?.process.pid;
  if (root === undefined) return;
  const processes = execFileSync("ps", ["-eo", "pid=,ppid="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  const family = new Set([root]);
  // parents come before their children unless numbers have wrapped around, so it is gone through until nobody is new
  for (let size = 0; size < family.size;) {
    size = family.size;
    for (const [pid = 0, parent = 0] of processes) if (family.has(parent)) family.add(pid);
  }
  // one may have ended meanwhile
  spawnSync("kill", ["-s", name.replace("SIG", ""), ...[...family].map(String)]);
}

/** A PostgreSQL that asks for the password; `fsync` is off, as a test's data need not outlive the machine. */
export async function startPostgres(): Promise<Restartable & { query(sql: string): string }> {
  const owner = as("postgres");
  const { folder, remove } = folderOf({ password: CANARY });
  for (const path of [folder, join(folder, "password")]) give(path, owner);
  const data = join(folder, "data");
  const method = ["--auth=scram-sha-256", `--pwfile=${join(folder, "password")}`];
  execFileSync(program("initdb", "postgresql"), ["-D", data, "-U", "tracks", ...method, "--no-sync"], {
    ...owner,
    stdio: "pipe",
  });
  const port = await freePort();
  const settings = [
    "listen_addresses=127.0.0.1",
    `unix_socket_directories=${folder}`,
    "fsync=off",
    "max_connections=300",
  ];
  const options = ["-D", data, "-p", String(port), ...settings.flatMap((setting) => ["-c", setting])];
  const launch = () =>
    // gives shared memory back, which a kill would not
    started(program("postgres", "postgresql"), options, /ready to accept connections/, { ...owner, stop: "SIGINT" });
  const server = await restartable(port, launch, remove);
  const psql = program("psql", "postgresql-client");
  return Object.assign(server, {
    query: (sql: string) =>
      execFileSync(psql, ["-h", "127.0.0.1", "-p", String(port), "-U", "tracks", "-d", "postgres", "-Atc", sql], {
        encoding: "utf8",
        env: { PGPASSWORD: CANARY, PGOPTIONS: "-c client_min_messages=warning" },
      }).trim(),
  });
}

export async function startRedis(): Promise<Restartable> {
  return redisOn(await freePort());
}

function redisOn(port: number, ...options: string[]): Promise<Restartable> {
  const { folder, remove } = folderOf();
  const common = [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--dir",
    folder,
    "--save",
    "",
    "--requirepass",
    CANARY,
  ];
  const launch = () =>
    started(program("redis-server", "redis-server"), [...common, ...options], /Ready to accept connections/);
  return restartable(port, launch, remove);
}

/** Of three primaries, the least that Redis calls a cluster. */
export async function startRedisCluster(): Promise<AsyncDisposable & { readonly port: number }> {
  const ports = await freePorts(6);
  const nodes = await Promise.all(
    ports.slice(0, 3).map((port, index) => {
      const bus = String(ports[index + 3]);
      return redisOn(port, "--cluster-enabled", "yes", "--cluster-port", bus, "--masterauth", CANARY);
    }),
  );
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  execFileSync(program("redis-cli", "redis-tools"), ["--cluster", "create", ...addresses, "--cluster-yes"], {
    stdio: "pipe",
    timeout: 60_000,
    env: { REDISCLI_AUTH: CANARY },
  });
  return {
    port: nodes[0]?.port ?? 0,
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    },
  };
}

/** Each once: nodes that share a port never join. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

/** On loopback ports of its own, beside any broker that the machine may run. */
export async function startRabbitmq(): Promise<Restartable> {
  const owner = as("rabbitmq");
  const [port, distribution, names] = await Promise.all([freePort(), freePort(), freePort()]);
  const configuration = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    "default_vhost = tracks",
    "default_user = tracks",
    `default_pass = ${CANARY}`,
    "loopback_users = none",
    // the machine's own memory and disk are others' matter
    "vm_memory_high_watermark.absolute = 2GB",
    "disk_free_limit.absolute = 50MB",
  ].join("\n");
  const { folder, remove } = folderOf({ "rabbitmq.conf": configuration, enabled_plugins: "[]." });
  give(folder, owner);
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    RABBITMQ_NODENAME: `reference-${port}@localhost`,
    RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
    RABBITMQ_MNESIA_BASE: join(folder, "data"),
    RABBITMQ_LOG_BASE: join(folder, "log"),
    RABBITMQ_DIST_PORT: String(distribution),
    ERL_EPMD_PORT: String(names),
    ERL_EPMD_ADDRESS: "127.0.0.1",
  };
  const server = program("rabbitmq-server", "rabbitmq-server").replace(/^\/usr\/sbin/, "/usr/lib/rabbitmq/bin");
  return restartable(
    port,
    () => started(server, [], /completed with \d+ plugins/, { ...owner, env, stop: "SIGTERM" }),
    () => {
      execFileSync("epmd", ["-port", String(names), "-kill"], { stdio: "ignore" });
      remove();
    },
  );
}
