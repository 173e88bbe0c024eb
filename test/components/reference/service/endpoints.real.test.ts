import assert from "node:assert/strict";
import { connect } from "amqplib";
import { createSigner } from "./token.ts";
import type { ServiceProcess } from "./process.ts";
import {
  postgresVariables,
  rabbitmqVariables,
  redisVariables,
  runService,
  secretFile,
  startService,
  until,
} from "./process.ts";
import type { Restartable } from "./servers.ts";
import { CANARY, startPostgres, startRabbitmq, startRedis } from "./servers.ts";

const JWT_SECRET = `jwt-${CANARY}`;
const token = createSigner(JWT_SECRET);

interface Stored {
  readonly id: string;
  readonly title: string;
  readonly durationSeconds: number;
}

describe("every endpoint of the reference service, with all its servers", () => {
  let postgres: Awaited<ReturnType<typeof startPostgres>>;
  let redis: Restartable;
  let broker: Restartable;
  let service: ServiceProcess;
  const reader = { authorization: `Bearer ${token({ sub: "alice", roles: ["reader"] })}` };

  before(async () => {
    [postgres, redis, broker] = await Promise.all([startPostgres(), startRedis(), startRabbitmq()]);
    service = await startService({
      ...postgresVariables(postgres),
      ...redisVariables(redis),
      ...rabbitmqVariables(broker),
      JWT_SECRET_FILE: secretFile(JWT_SECRET),
      AUTH_REQUIRED_ROLES: "reader,admin",
      SERVICE_SYSTEM: "tracks",
      SERVICE_NAME: "rest-api",
    });
    await until(async () => (await service.get("/health/detailed")).text.includes('"status":"ok"'));
    postgres.query(
      `INSERT INTO items (id, title, artist, duration_seconds, produced_at)
       SELECT 'track-' || lpad(n::text, 3, '0'), 'Track ' || n, 'Ada', n, now() - interval '2 hours' FROM generate_series(1, 120) n`,
    );
  });
  after(async () => {
    for (const server of [service, postgres, redis, broker]) await server[Symbol.asyncDispose]();
  });

  it("/ and /health", async () => {
    assert.deepEqual((await service.get("/")).json(), { service: "groundwork-reference", role: "api" });
    assert.deepEqual((await service.get("/health")).json(), { status: "ok" });
  });

  it("/health/detailed: each dependency, memory, disk", async () => {
    const body = (await service.get("/health/detailed")).json<{
      dependencies: Record<string, { up: boolean }>;
      memory: { usedBytes: number; totalBytes: number };
      disk: { usedBytes: number; totalBytes: number };
    }>();
    assert.deepEqual(
      Object.entries(body.dependencies).map(([name, { up }]) => [name, up]),
      [
        ["postgres", true],
        ["redis", true],
        ["rabbitmq", true],
      ],
    );
    for (const { usedBytes, totalBytes } of [body.memory, body.disk])
      assert.ok(usedBytes > 0 && usedBytes < totalBytes);
  });

  it("/health/circuit-breakers", async () => {
    const closed = { state: "CLOSED" };
    assert.deepEqual((await service.get("/health/circuit-breakers")).json(), {
      postgres: closed,
      redis: closed,
      rabbitmq: closed,
    });
  });

  it("/metrics: routes and never paths, in the exposition format", async () => {
    await service.get("/no/such/path");
    const { headers, text } = await service.get("/metrics");
    assert.match(headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
    assert.match(text, /^http_request_duration_seconds_count\{method="GET",route="\/health",status="200"\} \d+$/m);
    assert.match(text, /^http_request_duration_seconds_count\{method="GET",route="other",status="404"\} \d+$/m);
    assert.match(text, /^http_requests_in_flight 1$/m);
    assert.match(text, /^dependency_up\{dependency="postgres"\} 1$/m);
    assert.match(text, /^process_resident_memory_bytes \d+$/m);
    assert.doesNotMatch(text, /such/);
  });

  it("/api/items: pages that hold every item once, in order", async () => {
    const ids: string[] = [];
    let after = "";
    for (;;) {
      const page = (await service.get(`/api/items?limit=50&after=${after}`, reader)).json<{
        items: Stored[];
        next?: string;
      }>();
      ids.push(...page.items.map(({ id }) => id));
      if (page.next === undefined) break;
      after = page.next;
    }
    assert.equal(ids.length, 120);
    assert.deepEqual(ids, [...new Set(ids)].sort());
  });

  it("/api/items: refuses what is no page", async () => {
    for (const query of ["limit=0", "limit=501", "limit=x", `after=${"a".repeat(101)}`, "after=%27"])
      assert.equal((await service.get(`/api/items?${query}`, reader)).status, 400, query);
  });

  it("/api/items/:id", async () => {
    const item = (await service.get("/api/items/track-007", reader)).json<Stored>();
    assert.deepEqual([item.id, item.title, item.durationSeconds], ["track-007", "Track 7", 7]);
    assert.equal((await service.get("/api/items/none", reader)).status, 404);
    assert.equal((await service.get("/api/items/%27%20OR%201", reader)).status, 400);
  });

  it("/api/stats", async () => {
    const stats = (await service.get("/api/stats", reader)).json<{ items: number; lastHour: number }>();
    assert.deepEqual([stats.items, stats.lastHour], [120, 120]);
  });

  it("exposed routes: 401 without a valid token, 403 without the role, 200 with it", async () => {
    const bearer = (text: string) => ({ authorization: `Bearer ${text}` });
    const status = async (headers: Record<string, string>) => (await service.get("/api/stats", headers)).status;
    assert.equal(await status({}), 401);
    assert.equal(await status(bearer("nonsense")), 401);
    assert.equal(await status(bearer(createSigner(`other-${CANARY}`)({ sub: "mallory", roles: ["admin"] }))), 401);
    assert.equal(await status(bearer(token({ sub: "late", roles: ["reader"], exp: 1 }))), 401);
    assert.equal(await status(bearer(token({ sub: "none", roles: ["reader"] }, "none"))), 401);
    assert.equal(await status(bearer(token({ sub: "bob", roles: ["writer"] }))), 403);
    assert.equal(await status(bearer(token({ sub: "bob" }))), 403);
    assert.equal(await status(bearer(token({ sub: "carol", role: "admin" }))), 200);
    assert.equal(await status(reader), 200);
  });

  it("leaves an audit line for each operation, also for a refused one, and none for health checks", async () => {
    await service.get("/api/items/track-008", { ...reader, "x-request-id": "r" });
    await until(() => service.events("audit").some(({ operation }) => operation === "GET /api/items/:id"));
    const lines = service.events("audit");
    const one = lines.find(({ operation, status }) => operation === "GET /api/items/:id" && status === 200);
    assert.deepEqual(
      [one?.["subject"], one?.["roles"], one?.["system"], one?.["service"]],
      ["alice", ["reader"], "tracks", "rest-api"],
    );
    assert.ok(lines.some(({ status, subject }) => status === 401 && subject === "anonymous"));
    assert.ok(lines.some(({ status, subject }) => status === 403 && subject === "bob"));
    assert.ok(lines.every(({ operation }) => !String(operation).includes("/health")));
  });

  it("writes down the address that a trusted proxy gives, and nobody else's claim", async () => {
    const claim = { "x-forwarded-for": "203.0.113.7" };
    const address = async (variables: Record<string, string>) => {
      await using other = await startService({ ...variables, SERVICE_ROLE: "api" });
      await other.get("/no/such/path", claim);
      await until(() => other.events("audit").length > 0);
      return other.events("audit")[0]?.["address"];
    };
    assert.equal(await address({ TRUSTED_PROXIES: "127.0.0.0/8" }), "203.0.113.7");
    assert.equal(await address({ TRUSTED_PROXIES: "10.0.0.0/8" }), "127.0.0.1");
    assert.equal(await address({}), "127.0.0.1");
  });

  it("answers 503 while the database is away, and again afterwards", async () => {
    await postgres.stop();
    await until(async () => (await service.get("/api/stats", reader)).status === 503);
    assert.deepEqual((await service.get("/api/stats", reader)).json(), { error: "postgres is not available" });
    await postgres.start();
    await until(async () => (await service.get("/api/stats", reader)).status === 200);
  });

  it("has made the queues, and shows no secret in any answer, metric or line", async () => {
    const address = { hostname: "127.0.0.1", port: broker.port, vhost: "tracks", username: "tracks", password: CANARY };
    const connection = await connect(address);
    const channel = await connection.createChannel();
    for (const queue of ["items", "items.dead"]) assert.equal((await channel.checkQueue(queue)).messageCount, 0);
    await connection.close();
    const paths = [
      "/",
      "/health",
      "/health/detailed",
      "/health/circuit-breakers",
      "/metrics",
      "/api/items",
      "/api/stats",
    ];
    for (const path of paths) assert.ok(!(await service.get(path, reader)).text.includes("canary"), path);
    assert.ok(!service.output().includes("canary"));
    assert.ok(!service.output().includes(reader.authorization.slice(7)));
  });
});

describe("the reference service that is told something impossible", () => {
  const cases: readonly [string, Record<string, string>, RegExp][] = [
    ["a port", { PORT: "0" }, /^PORT is "0"; write a number from 1 to 65535\.$/],
    ["a role", { SERVICE_ROLE: "boss" }, /^SERVICE_ROLE is "boss"; write api, source or worker\.$/],
    [
      "a role without its broker",
      { SERVICE_ROLE: "source" },
      /^SERVICE_ROLE is "source" and RABBITMQ_HOST is not set; .+\.$/,
    ],
    [
      "a missing secret",
      { PGHOST: "db", PGUSER: "u", PGPASSWORD_FILE: "/none" },
      /^PGPASSWORD_FILE is "\/none", which cannot be read \(ENOENT\); .+\.$/,
    ],
    ["roles and no secret", { AUTH_REQUIRED_ROLES: "admin" }, /^AUTH_REQUIRED_ROLES is "admin" .+JWT_SECRET_FILE.+\.$/],
    ["a short secret", { JWT_SECRET: "canary-short" }, /^JWT_SECRET_FILE holds 12 bytes; write at least 32, .+\.$/],
    ["a URL", { EXTERNAL_API_URL: "ftp://x" }, /^EXTERNAL_API_URL is no URL; .+\.$/],
    ["a batch", { WORKER_BATCH: "300" }, /^WORKER_BATCH is 300, .+ write 200 or less\.$/],
    [
      "a proxy",
      { TRUSTED_PROXIES: "10.0.0.0/33" },
      /^TRUSTED_PROXIES has "10\.0\.0\.0\/33"; write an IP address .+\.$/,
    ],
    ["a flag", { REDIS_HOST: "r", REDIS_TLS: "yes" }, /^REDIS_TLS is "yes"; write true or false\.$/],
  ];
  for (const [what, variables, sentence] of cases)
    it(`says so in one sentence and ends with 2: ${what}`, async () => {
      const { code, errors } = await runService(variables);
      assert.match(errors.trimEnd(), sentence);
      assert.ok(!errors.includes("canary"));
      assert.equal(code, 2);
    });
});
