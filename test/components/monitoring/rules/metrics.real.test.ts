import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { haproxyConfig } from "../../../../components/postgres/haproxy.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { as, freePort, give, program, started } from "../../../helpers/server.ts";
import { startBroker } from "../../rabbitmq/broker.ts";
import { askedFor, assertGiven, scraped } from "./metrics.ts";

/**
 * A rule about a metric that nobody serves stays silent for ever, and promtool cannot know. So each group is held against
 * what really serves its metrics, where Debian has it. MongoDB, cAdvisor and GPUs cannot be had here.
 */
describe("the metrics that rules ask for, as their real exporters serve them:", () => {
  it("node_exporter", async () => {
    const port = await freePort();
    await using _exporter = await started(
      program("prometheus-node-exporter", "prometheus-node-exporter"),
      [`--web.listen-address=127.0.0.1:${port}`],
      /Listening on/,
    );
    const asked = askedFor(["host", "capacity"], "node");
    // which disks there are differs from machine to machine
    assertGiven(
      await scraped(port),
      asked.filter((name) => !/^node_(filesystem|disk)_/.test(name)),
    );
  });

  it("redis_exporter, of a cluster's node and of a replica", async () => {
    const [clustered, replica] = [await freePort(), await freePort()];
    const bus = ["--cluster-enabled", "yes", "--cluster-port", String(await freePort())];
    await using _clustered = await redisServer(clustered, bus);
    await using _replica = await redisServer(replica, ["--replicaof", `127.0.0.1 ${clustered}`]);
    const text = (await redisMetrics(clustered)) + (await redisMetrics(replica));
    assertGiven(text, askedFor(["redis", "redis-cluster"], "redis"));
  });

  it("RabbitMQ's own plug-in", async () => {
    await using broker = await startBroker("monitored");
    assertGiven(await scraped(broker.metrics), askedFor(["rabbitmq", "business"], "rabbitmq"));
  });

  it("HAProxy in front of a PostgreSQL cluster", async () => {
    const ports = { writer: await freePort(), readers: await freePort(), status: await freePort() };
    const members = [{ name: "m0", host: "127.0.0.1", port: await freePort(), checkPort: await freePort() }];
    const config = haproxyConfig({ members, address: "127.0.0.1", ports, maxConnections: 100 });
    const file = join(temporaryFolder({ "haproxy.cfg": config }), "haproxy.cfg");
    await using _proxy = await started(program("haproxy", "haproxy"), ["-f", file], /Loading success|is DOWN/);
    assertGiven(await scraped(ports.status), askedFor(["postgres-replication"], "haproxy"));
  });

  it("postgres_exporter", async () => {
    const owner = as("postgres");
    const [server, port] = [await freePort(), await freePort()];
    const folder = temporaryFolder();
    give(folder, owner);
    const data = join(folder, "data");
    execFileSync(program("initdb", "postgresql"), ["-D", data, "-U", "postgres", "-A", "trust"], {
      ...owner,
      stdio: "ignore",
    });
    await using _server = await started(
      program("postgres", "postgresql"),
      ["-D", data, "-p", String(server), "-h", "127.0.0.1", "-k", folder],
      /ready to accept connections/,
      { ...owner, stop: "SIGQUIT" },
    );
    await using _exporter = await started(
      program("prometheus-postgres-exporter", "prometheus-postgres-exporter"),
      [`--web.listen-address=127.0.0.1:${port}`],
      /[Ll]istening on/,
      { ...owner, env: { DATA_SOURCE_NAME: `postgresql://postgres@127.0.0.1:${server}/postgres?sslmode=disable` } },
    );
    // Debian's 0.11 asks for these by a file of queries; collectors of the deployed version bring them
    const newer = [
      "pg_postmaster_start_time_seconds",
      "pg_stat_user_tables_n_dead_tup",
      "pg_stat_user_tables_n_live_tup",
    ];
    assertGiven(await scraped(port), askedFor(["postgres"], "pg"), newer);
  });
});

function redisServer(port: number, options: readonly string[]) {
  const own = ["--port", String(port), "--save", "", "--dir", temporaryFolder()];
  return started(program("redis-server", "redis-server"), [...own, ...options], /Ready to accept connections/);
}

async function redisMetrics(redis: number): Promise<string> {
  const port = await freePort();
  await using _exporter = await started(
    program("prometheus-redis-exporter", "prometheus-redis-exporter"),
    ["-redis.addr", `redis://127.0.0.1:${redis}`, "-web.listen-address", `127.0.0.1:${port}`],
    /Providing metrics/,
  );
  return await scraped(port);
}
