import assert from "node:assert/strict";
import { createServer } from "node:http";
import { once } from "node:events";
import { freePort } from "../../../helpers/server.ts";
import type { ServiceProcess } from "./process.ts";
import { postgresVariables, rabbitmqVariables, redisVariables, startService, until } from "./process.ts";
import type { Restartable } from "./servers.ts";
import { CANARY, startPostgres, startRabbitmq, startRedis, startRedisCluster } from "./servers.ts";

interface Detailed {
  readonly status: string;
  readonly dependencies: Readonly<
    Record<string, { up: boolean; optional: boolean; breaker: string; reason?: string; downSeconds?: number }>
  >;
}

type Kind = "postgres" | "redis" | "rabbitmq";

const tiers: Readonly<
  Record<Kind, { start: () => Promise<Restartable>; variables: (tier: { port: number }) => Record<string, string> }>
> = {
  postgres: { start: startPostgres, variables: (tier) => postgresVariables(tier) },
  redis: { start: startRedis, variables: (tier) => redisVariables(tier) },
  rabbitmq: { start: startRabbitmq, variables: (tier) => rabbitmqVariables(tier) },
};

const detailed = async (service: ServiceProcess) => (await service.get("/health/detailed")).json<Detailed>();
const isUp = async (service: ServiceProcess, name: string) => (await detailed(service)).dependencies[name]?.up === true;
const breaker = async (service: ServiceProcess, name: string) =>
  (await service.get("/health/circuit-breakers")).json<Record<string, { state: string }>>()[name]?.state;
const states = (service: ServiceProcess) => service.events("breaker").map(({ state }) => state);

for (const [name, { start, variables }] of Object.entries(tiers)) {
  describe(`the reference service and ${name}`, () => {
    let tier: Restartable;
    before(async () => {
      tier = await start();
    });
    after(() => tier[Symbol.asyncDispose]());

    it("tries six times with doubled waits, goes on in the background, and recovers", async () => {
      await tier.stop();
      await using service = await startService({ ...variables(tier), CONNECT_RETRY_SECONDS: "0.02" });
      await until(() => service.events("dependency.given-up").length === 1);
      const attempts = service.events("dependency.attempt");
      assert.deepEqual(
        attempts.map(({ nextSeconds }) => nextSeconds),
        [0.02, 0.04, 0.08, 0.16, 0.32, undefined],
      );
      assert.equal((await service.get("/health")).status, 200, "restarting it would not bring the tier back");
      assert.deepEqual((await service.get("/ready")).json(), { status: "waiting" });
      const down = await detailed(service);
      assert.equal(down.status, "degraded");
      assert.ok(down.dependencies[name]?.reason !== undefined);
      assert.equal(await service.metric(`dependency_up{dependency="${name}"}`), 0);

      await tier.start();
      await until(() => isUp(service, name));
      assert.equal((await detailed(service)).status, "ok");
      assert.deepEqual((await service.get("/ready")).json(), { status: "ready" });
      assert.equal(await service.metric(`dependency_up{dependency="${name}"}`), 1);
      assert.ok(!service.output().includes(CANARY));
    });

    it("opens the breaker when it stops, tries half open, and closes when it is back", async () => {
      await using service = await startService(variables(tier));
      await until(() => isUp(service, name));
      assert.equal(await breaker(service, name), "CLOSED");
      assert.equal(await service.metric(`circuit_breaker_state{dependency="${name}",state="CLOSED"}`), 1);

      await tier.stop();
      await until(async () => (await breaker(service, name)) === "OPEN");
      assert.equal((await detailed(service)).status, "degraded");
      assert.equal((await service.get("/ready")).status, 503);
      assert.equal((await service.get("/health")).status, 200);
      // half open, tried in vain, open again
      await until(() => states(service).filter((state) => state === "OPEN").length >= 2);

      await tier.start();
      await until(async () => (await breaker(service, name)) === "CLOSED");
      assert.deepEqual(states(service).slice(0, 3), ["OPEN", "HALF_OPEN", "OPEN"]);
      assert.deepEqual(states(service).slice(-2), ["HALF_OPEN", "CLOSED"]);
      assert.equal((await detailed(service)).status, "ok");
    });

    it("stays ready for the grace while it is gone, and not before it was ever there", async () => {
      await using service = await startService({ ...variables(tier), READY_GRACE_SECONDS: "600" });
      await until(() => isUp(service, name));
      await tier.stop();
      await until(async () => !(await isUp(service, name)));
      assert.ok(((await detailed(service)).dependencies[name]?.downSeconds ?? -1) >= 0);
      assert.equal((await service.get("/ready")).status, 200);

      await using late = await startService({ ...variables(tier), READY_GRACE_SECONDS: "600" });
      assert.equal((await late.get("/ready")).status, 503);
      await tier.start();
      await until(async () => (await late.get("/ready")).status === 200);
    });

    it("notices a server that hangs, which no closed socket tells", async () => {
      await using service = await startService({ ...variables(tier), OPERATION_TIMEOUT_SECONDS: "0.5" });
      await until(() => isUp(service, name));
      tier.freeze();
      await until(async () => (await breaker(service, name)) === "OPEN");
      assert.equal((await service.get("/health")).status, 200);
      tier.thaw();
      await until(async () => (await breaker(service, name)) === "CLOSED");
    });

    it("is refused with a wrong password and shows it to nobody", async () => {
      const wrong = { ...variables(tier) };
      for (const key of Object.keys(wrong)) if (key.endsWith("PASSWORD_FILE")) delete wrong[key];
      const secret = `wrong-${CANARY}`;
      const password = { postgres: "PGPASSWORD", redis: "REDIS_PASSWORD", rabbitmq: "RABBITMQ_PASSWORD" }[name] ?? "";
      await using service = await startService({ ...wrong, [password]: secret });
      await until(() => service.events("dependency.attempt").length >= 2);
      const answers = await Promise.all(
        ["/health/detailed", "/health/circuit-breakers", "/metrics"].map((path) => service.get(path)),
      );
      for (const text of [service.output(), ...answers.map((answer) => answer.text)]) assert.ok(!text.includes(CANARY));
    });
  });
}

describe("the circuit breaker of the reference service", () => {
  it("opens when operations fail, before anybody has looked at the connection, and then answers at once", async () => {
    await using postgres = await startPostgres();
    const slow = { PROBE_SECONDS: "300", OPERATION_TIMEOUT_SECONDS: "0.5" };
    await using service = await startService({ ...postgresVariables(postgres), ...slow });
    await until(() => isUp(service, "postgres"));
    assert.equal((await service.get("/api/stats")).status, 200);
    postgres.freeze();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => service.get("/api/stats")));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [503, 503, 503, 503, 503],
    );
    assert.equal((await service.get("/api/stats")).headers.get("retry-after"), "5");
    // its trial hangs as well, which makes the state last
    await until(async () => (await breaker(service, "postgres")) === "HALF_OPEN");
    await until(async () => (await breaker(service, "postgres")) === "OPEN");
    assert.equal(await isUp(service, "postgres"), true, "the connection itself was not looked at");
    postgres.thaw();
    await until(async () => (await service.get("/api/stats")).status === 200);
    assert.equal(await breaker(service, "postgres"), "CLOSED");
  });
});

describe("the connection pool of the reference service", () => {
  it("makes callers wait for the one connection, and takes their waiting for no failure", async () => {
    await using postgres = await startPostgres();
    const narrow = { DATABASE_POOL_SIZE: "1", DATABASE_POOL_TIMEOUT_SECONDS: "60" };
    await using service = await startService({ ...postgresVariables(postgres), ...narrow });
    await until(() => isUp(service, "postgres"));
    const answers = await Promise.all(Array.from({ length: 100 }, () => service.get("/api/stats")));
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal(
      postgres.query("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'reference-%'"),
      "1",
    );
    assert.deepEqual(states(service), []);
  });
});

describe("the reference service with a server for reads", () => {
  it("reads there and writes its schema to the other", async () => {
    await using writer = await startPostgres();
    await using reader = await startPostgres();
    reader.query(
      "CREATE TABLE items AS SELECT 'only-here' AS id, '' AS title, '' AS artist, 1 AS duration_seconds, now() AS produced_at, now() AS stored_at",
    );
    const variables = { ...postgresVariables(writer), PGHOST_READER: "127.0.0.1", PGPORT_READER: String(reader.port) };
    await using service = await startService(variables);
    await until(() => isUp(service, "postgres"));
    assert.equal((await service.get("/api/items/only-here")).status, 200);
    assert.equal(writer.query("SELECT count(*) FROM items"), "0");
  });
});

describe("the reference service in a region that follows another's database", () => {
  it("is ready where it may only read what is there, and not where nothing is there yet", async () => {
    await using postgres = await startPostgres();
    postgres.query("ALTER SYSTEM SET default_transaction_read_only = on");
    postgres.query("SELECT pg_reload_conf()");
    await using early = await startService(postgresVariables(postgres));
    await until(() => early.events("dependency.attempt").length >= 1);
    assert.equal((await early.get("/ready")).status, 503);

    postgres.query("ALTER SYSTEM RESET default_transaction_read_only");
    postgres.query("SELECT pg_reload_conf()");
    await until(async () => (await early.get("/ready")).status === 200);
    postgres.query("ALTER SYSTEM SET default_transaction_read_only = on");
    postgres.query("SELECT pg_reload_conf()");
    await using follower = await startService(postgresVariables(postgres));
    await until(async () => (await follower.get("/ready")).status === 200);
    assert.equal((await follower.get("/api/stats")).status, 200);
  });
});

describe("the reference service and what it can do without", () => {
  it("is whole without its MongoDB, and says that it is away", async () => {
    await using service = await startService({ MONGODB_HOST: "127.0.0.1", MONGODB_PORT: String(await freePort()) });
    await until(() => service.events("dependency.attempt").length >= 1);
    const body = await detailed(service);
    assert.equal(body.status, "ok");
    assert.equal(body.dependencies["mongodb"]?.up, false);
    assert.equal(body.dependencies["mongodb"]?.optional, true);
    assert.equal((await service.get("/ready")).status, 200);
  });

  it("looks at the external API and goes on without it", async () => {
    let status = 200;
    const api = createServer((_request, response) => void response.writeHead(status).end()).listen(0, "127.0.0.1");
    await once(api, "listening");
    const address = api.address();
    assert.ok(typeof address === "object" && address !== null);
    await using service = await startService({ EXTERNAL_API_URL: `http://127.0.0.1:${address.port}/` });
    await until(() => isUp(service, "external-api"));
    status = 500;
    await until(async () => !(await isUp(service, "external-api")));
    assert.equal((await detailed(service)).dependencies["external-api"]?.reason, "it answered 500");
    assert.equal((await detailed(service)).status, "ok");
    api.close();
    api.closeAllConnections();
  });

  it("speaks to a Redis cluster", async () => {
    await using cluster = await startRedisCluster();
    await using service = await startService({ ...redisVariables(cluster), REDIS_MODE: "cluster" });
    await until(() => isUp(service, "redis"));
    assert.equal(await breaker(service, "redis"), "CLOSED");
  });
});
