import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { temporaryFolder } from "../../../helpers/folder.ts";
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

async function restartable(port: number, launch: () => Promise<Running>, after = () => {}): Promise<Restartable> {
  let running: Running | undefined = await launch();
  const stop = async () => {
    const former = running;
    running = undefined;
    former?.process.kill("SIGCONT");
    await former?.[Symbol.asyncDispose]();
  };
  return {
    port,
    stop,
    async start() {
      running ??= await launch();
    },
    freeze: () => void running?.process.kill("SIGSTOP"),
    thaw: () => void running?.process.kill("SIGCONT"),
    async [Symbol.asyncDispose]() {
      await stop();
      after();
    },
  };
}

/** A PostgreSQL that asks for the password; `fsync` is off, as a test's data need not outlive the machine. */
export async function startPostgres(): Promise<Restartable & { query(sql: string): string }> {
  const owner = as("postgres");
  const folder = temporaryFolder({ password: CANARY });
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
  const server = await restartable(port, launch);
  const psql = program("psql", "postgresql-client");
  return Object.assign(server, {
    query: (sql: string) =>
      execFileSync(psql, ["-h", "127.0.0.1", "-p", String(port), "-U", "tracks", "-d", "postgres", "-Atc", sql], {
        encoding: "utf8",
        env: { PGPASSWORD: CANARY },
      }).trim(),
  });
}

export async function startRedis(...options: string[]): Promise<Restartable> {
  const port = await freePort();
  const folder = temporaryFolder();
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
  return restartable(port, () =>
    started(program("redis-server", "redis-server"), [...common, ...options], /Ready to accept connections/),
  );
}

/** Of three primaries, the least that Redis calls a cluster. */
export async function startRedisCluster(): Promise<AsyncDisposable & { readonly port: number }> {
  const nodes = await Promise.all([1, 2, 3].map(() => startClusterNode()));
  const addresses = nodes.map(({ port }) => `127.0.0.1:${port}`);
  execFileSync(program("redis-cli", "redis-tools"), ["--cluster", "create", ...addresses, "--cluster-yes"], {
    stdio: "pipe",
    env: { REDISCLI_AUTH: CANARY },
  });
  return {
    port: nodes[0]?.port ?? 0,
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
    },
  };
}

async function startClusterNode(): Promise<Restartable> {
  const bus = String(await freePort());
  return startRedis("--cluster-enabled", "yes", "--cluster-port", bus, "--masterauth", CANARY);
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
  const folder = temporaryFolder({ "rabbitmq.conf": configuration, enabled_plugins: "[]." });
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
    () => execFileSync("epmd", ["-port", String(names), "-kill"], { stdio: "ignore" }),
  );
}
