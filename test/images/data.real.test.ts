import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import { IMAGES } from "../../components/images.ts";
import { DockerPostgres } from "../../components/postgres/docker.ts";
import { DockerRabbitmq } from "../../components/rabbitmq/docker.ts";
import { DockerRedis } from "../../components/redis/docker.ts";
import { engineOfSuite, inside, logs, owner, stopped } from "./running.ts";
import { describeContainers } from "../helpers/containers.ts";

const CANARY = "canary-8f2c";
/** Of this process: suites run beside each other on one engine. */
const own = (name: string) => `i${process.pid}-${name}`;
const common = () => ({
  system: "images",
  networks: [new docker.Network("backend", { name: own("backend") })],
  protect: false,
});

describeContainers("images for data tiers", () => {
  const engine = engineOfSuite("postgres", "postgresExporter", "pgbouncer", "valkey", "redisExporter", "rabbitmq");
  afterEach(() => engine.clear());

  it("PostgreSQL, its roles, exporter and pooler run as the component asks for", async () => {
    const name = own("pg");
    const containers = await engine.run(() => {
      const pooler = { mode: "transaction", poolSize: 5, maxClients: 50 } as const;
      const spec = { database: "shop", size: { cpu: 0.5, memory: "256Mi" }, pooler } as const;
      return new DockerPostgres(name, { ...common(), spec });
    });
    const server = containers.get(name);
    const [exporter, pooler] = [containers.get(`${name}-exporter`), containers.get(`${name}-pooler`)];
    assert.ok(server !== undefined && exporter !== undefined && pooler !== undefined);
    assert.deepEqual([await owner(server), await owner(exporter)], ["999:999", "65534:65534"]);
    assert.equal(await owner(pooler), "998:996");

    // by the network, so that the password counts
    const ask = (sql: string, host: string, port: string, password = CANARY) =>
      inside(server, [
        "env",
        `PGPASSWORD=${password}`,
        "psql",
        "-h",
        host,
        "-p",
        port,
        "-U",
        "shop",
        "-Atc",
        sql,
        "shop",
      ]);
    assert.match((await ask("show server_version", name, "5432")).text, /^17\./);
    assert.deepEqual(await ask("show data_checksums", name, "5432"), { text: "on", code: 0 });
    assert.deepEqual(await ask("select 41 + 1", `${name}-pooler`, "6432"), { text: "42", code: 0 });
    assert.equal((await ask("select 1", name, "5432", "wrong")).code, 2, "it asks for the password");
    const metrics = await inside(exporter, ["wget", "-q", "-O", "-", "http://127.0.0.1:9187/metrics"]);
    assert.match(metrics.text, /^pg_up 1$/m);
    assert.match(metrics.text, /^pg_postmaster_start_time_seconds/m);

    const { seconds } = await stopped(server);
    assert.ok(seconds < 25, "the stop signal ends it before it is killed");
    assert.match(await logs(server), /received fast shutdown request/);
    await server.start();
    assert.ok(!(await logs(server)).includes(CANARY));
  });

  it("PostgreSQL refuses an empty volume without a password, and two ways to give one", async () => {
    const refused = async (...Env: string[]) => {
      const container = await engine.begin({ Image: IMAGES.postgres, Env });
      const { StatusCode } = (await container.wait()) as { StatusCode: number };
      return { code: StatusCode, text: await logs(container) };
    };
    const without = await refused();
    assert.equal(without.code, 1);
    assert.match(without.text, /superuser password is not specified/);
    const twice = await refused("POSTGRES_PASSWORD=a", "POSTGRES_PASSWORD_FILE=/b");
    assert.equal(twice.code, 1);
    assert.match(twice.text, /both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set/);
  });

  it("Valkey and its exporter run as the component asks for", async () => {
    const name = own("redis");
    const containers = await engine.run(() => {
      const args = common();
      const spec = { size: { cpu: 0.25, memory: "128Mi" } } as const;
      return new DockerRedis(name, { ...args, spec, monitoredFrom: args.networks });
    });
    const [server, exporter] = [containers.get(name), containers.get(`${name}-exporter`)];
    assert.ok(server !== undefined && exporter !== undefined);
    assert.deepEqual([await owner(server), await owner(exporter)], ["999:999", "59000:59000"]);
    assert.match((await inside(server, ["valkey-cli", "ping"])).text, /NOAUTH/, "it asks for the password");
    const set = ["env", `REDISCLI_AUTH=${CANARY}`, "valkey-cli", "set", "key", "value"];
    assert.equal((await inside(server, set)).text, "OK");
    const metrics = await inside(exporter, ["wget", "-q", "-O", "-", "http://127.0.0.1:9121/metrics"]);
    assert.match(metrics.text, /^redis_up 1$/m);
    assert.equal((await stopped(server)).code, 0);
  });

  it("RabbitMQ gets its queues, answers for its metrics and ends by itself", async () => {
    const name = own("rabbit");
    const containers = await engine.run(() => {
      const spec = {
        vhost: "shop",
        size: { cpu: 1, memory: "512Mi" },
        topology: { queues: [{ name: "orders" }] },
      } as const;
      return new DockerRabbitmq(name, { ...common(), spec });
    });
    const [broker, definer] = [containers.get(name), containers.get(`${name}-definer`)];
    assert.ok(broker !== undefined && definer !== undefined);
    assert.deepEqual([await owner(broker), await owner(definer)], ["999:999", "999:999"]);
    const queues = await inside(broker, ["rabbitmqctl", "-q", "list_queues", "-p", "shop", "name"]);
    assert.match(queues.text, /^orders$/m);
    const plugins = await inside(broker, ["rabbitmq-plugins", "list", "-q", "-m", "-E"]);
    assert.deepEqual(plugins.text.split("\n").sort(), ["rabbitmq_management", "rabbitmq_prometheus"]);
    const { code, seconds } = await stopped(broker);
    assert.ok(code === 0 && seconds < 25, `exit code ${code} after ${seconds} s`);
  });

  it("RabbitMQ refuses variables that the official image no longer takes", async () => {
    const container = await engine.begin({ Image: IMAGES.rabbitmq, Env: ["RABBITMQ_VM_MEMORY_HIGH_WATERMARK=0.5"] });
    const { StatusCode } = (await container.wait()) as { StatusCode: number };
    assert.equal(StatusCode, 1);
    assert.match(await logs(container), /RABBITMQ_VM_MEMORY_HIGH_WATERMARK is set but deprecated/);
  });
});
