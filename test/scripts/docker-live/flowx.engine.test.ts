import assert from "node:assert/strict";
import { connect } from "node:http2";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { it } from "mocha";
import { describeContainers } from "../../helpers/containers.ts";
import { inside, logs } from "../../images/running.ts";
import { audited, leaksOnEngine } from "./audit.ts";
import { REPLICAS, flowxOfSuite, problems, token } from "./flowx.ts";

/** What has no stand-in, by the image's name. */
const LEFT_OUT = ["cadvisor", "elasticsearch", "filebeat", "grafana", "kibana", "logstash"];
/** Containers that do run: three tiers' worth of servers, exporters and backups, the workloads' replicas, gateway, monitoring. */
const RUNNING = 12 + 2 * REPLICAS;
/** Fewer than the burst that one client may have, so that nobody is turned away. */
const REQUESTS = 60;
const CALLERS = 6;
/** Prometheus asks for addresses and looks at targets every quarter of a minute each; a check waits as long. */
const TRIES = 300;
const POLL_MS = 500;

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; !(await look()); tried++) {
    assert.ok(tried < TRIES, `${what}: not in time`);
    await sleep(POLL_MS);
  }
}

describeContainers("flowx on a real Docker Engine", () => {
  const flowx = flowxOfSuite();
  const bearer = (...roles: string[]) => ({
    authorization: `Bearer ${token(flowx().secrets.get("flowx-jwt-secret") ?? "", { roles })}`,
  });
  const stats = (headers = bearer("viewer")) => statusOf(`${flowx().url("api")}/api/stats`, headers);
  const said = async (name: string, ...command: string[]) => {
    const { text, code } = await inside(flowx().container(name), command);
    assert.equal(code, 0, `${name}: ${text}`);
    return text;
  };

  it("is healthy, and what cannot be had here is named", async () => {
    const { session } = flowx();
    const leftOut = session.simulator.inventory.leftOut().map(({ item: { urn }, why }) => ({ urn, why }));
    const report = await session.docker?.report(leftOut);
    assert.ok(report !== undefined);
    assert.deepEqual(
      report.containers.filter(({ state }) => state !== "healthy"),
      [],
    );
    assert.equal(report.containers.length, RUNNING, report.containers.map(({ name }) => name).join(", "));
    const images = report.leftOut.map(({ why }) => /([a-z]+):[^/]+: \S+ is not in Debian$/i.exec(why)?.[1] ?? why);
    assert.deepEqual([...new Set(images)].sort(), LEFT_OUT);
  });

  it("answers on its ports, over HTTP/2 as well, and asks for a token where data is", async () => {
    const dashboard = await fetch(flowx().url("dashboard"));
    assert.deepEqual(await dashboard.json(), { service: "groundwork-reference", role: "api" });
    assert.equal(dashboard.headers.get("x-content-type-options"), "nosniff");
    for (const hidden of ["/metrics", "/health/detailed", "/health/circuit-breakers"])
      assert.equal(await statusOf(flowx().url("dashboard") + hidden), 404, hidden);
    assert.equal(await stats({ authorization: "" }), 401);
    assert.equal(await stats({ authorization: `Bearer ${token("x".repeat(32), { roles: ["operator"] })}` }), 401);
    assert.equal(await stats(bearer("nobody")), 403);
    assert.equal(await stats(), 200);
    assert.equal(await statusOverHttp2(flowx().url("dashboard"), "/health"), 200);
  });

  it("spreads requests over every replica by nginx, and finds every worker by one name", async () => {
    const before = (await accessLog(flowx().container("flowx-gateway"))).length;
    const caller = async () => {
      for (let count = 0; count < REQUESTS / CALLERS; count++) assert.equal(await stats(), 200);
    };
    await Promise.all(Array.from({ length: CALLERS }, caller));
    const lines = (await accessLog(flowx().container("flowx-gateway"))).slice(before);
    const counts = new Map<string, number>();
    for (const { upstream } of lines) counts.set(upstream, (counts.get(upstream) ?? 0) + 1);
    const replicas = await addresses("orchestrator", "flowx-frontend");
    assert.deepEqual([...counts.keys()].sort(), replicas.map((address) => `${address}:3000`).sort());
    for (const count of counts.values())
      assert.ok(count >= REQUESTS / REPLICAS / 3 && count <= (REQUESTS * 2) / REPLICAS, JSON.stringify([...counts]));
    const lookUp =
      "require('node:dns').lookup('worker', { all: true, family: 4 }, (_, all) => console.log(all.map((a) => a.address).join()))";
    const found = await said("flowx-orchestrator-1", "node", "-e", lookUp);
    assert.deepEqual(found.split(",").sort(), (await addresses("worker", "flowx-backend")).sort());
  });

  it("runs PostgreSQL and Redis with flowx's own settings", async () => {
    const settings = {
      shared_buffers: "256MB",
      effective_cache_size: "1GB",
      max_connections: "200",
      work_mem: "4MB",
      maintenance_work_mem: "64MB",
    };
    for (const [name, value] of Object.entries(settings))
      assert.equal(await said("flowx-postgres", "psql", "-U", "flowx", "-Atc", `SHOW ${name}`), value, name);
    const redis = {
      maxmemory: String(512 * 2 ** 20),
      "maxmemory-policy": "allkeys-lru",
      save: "900 1",
      "tcp-keepalive": "300",
    };
    for (const [name, value] of Object.entries(redis))
      assert.equal(await asked("CONFIG", "GET", name), `${name}\n${value}`);
  });

  it("is scraped by Prometheus, every part of it but what was left out", async () => {
    const expected = {
      alertmanager: 1,
      "backup-postgres": 1,
      "backup-redis": 1,
      dashboard: 1,
      node: 1,
      orchestrator: REPLICAS,
      postgres: 1,
      prometheus: 1,
      redis: 1,
      worker: REPLICAS,
    };
    let last: readonly Target[] = [];
    const up = () => counted(last.filter(({ health }) => health === "up"));
    await until("Prometheus reaches everything", async () => {
      last = await targets(flowx().url("prometheus"));
      return JSON.stringify(up()) === JSON.stringify(expected);
    }).catch((error: unknown) => assert.fail(`${String(error)}: ${JSON.stringify(last)}`));
    const others = last.filter(({ health }) => health !== "up");
    assert.deepEqual(counted(others), { containers: 1 });
    const rules = await fetch(`${flowx().url("prometheus")}/api/v1/rules`);
    assert.match(await rules.text(), /"name":"BackupMissing"|"name":"Backup/);
  });

  it("has made and tested a backup of each tier, and gets back what was lost", async () => {
    await sql("CREATE TABLE canary AS SELECT 'kept' AS value");
    await asked("SET", "canary", "kept");
    for (const tier of ["postgres", "redis"]) {
      const container = `flowx-backup-${tier}`;
      assert.match(await logs(flowx().container(container)), new RegExp(`backup of ${tier}: \\d{8}T\\d{6}Z`));
      assert.match(await said(container, "sh", "/etc/groundwork/backup.sh", "once"), new RegExp(`backup of ${tier}: `));
      await said(container, "sh", "/etc/groundwork/backup.sh", "test", "latest");
    }
    await sql("DROP TABLE canary");
    await asked("FLUSHALL");
    for (const tier of ["postgres", "redis"])
      await said(`flowx-backup-${tier}`, "sh", "/etc/groundwork/backup.sh", "restore", "latest");
    assert.equal(await sql("SELECT value FROM canary"), "kept");
    assert.equal(await asked("GET", "canary"), "kept");
  });

  it("gets a killed worker back, and loses no request with an orchestrator", async () => {
    const names = ["flowx-worker-2", "flowx-orchestrator-1"];
    for (const name of names) {
      // process 1 is the init, which no signal from inside ends
      await inside(flowx().container(name), ["sh", "-c", "kill -9 -1"]);
      for (let count = 0; count < 10; count++) assert.equal(await stats(), 200, `without ${name}`);
    }
    for (const name of names) {
      await until(`${name} comes back`, async () => {
        const { State, RestartCount } = await flowx().container(name).inspect();
        return RestartCount === 1 && State.Health?.Status === "healthy";
      });
    }
  });

  it("confines every container, and shows no secret to who looks from outside", async () => {
    const { docker, state, secrets } = flowx();
    assert.deepEqual(await audited(docker, state), { containers: RUNNING, faults: [] });
    const password = secrets.get("flowx-postgres-password") ?? "";
    assert.equal(await said("flowx-orchestrator-2", "cat", "/run/secrets/pgpassword"), password);
    const hidden = [...secrets].map(([name, value]) => ({ name, value }));
    assert.ok(hidden.length >= 7 && hidden.every(({ value }) => value.length >= 24));
    const plain = { name: "no secret", value: "DATABASE_POOL_SIZE=50" };
    assert.ok((await leaksOnEngine(docker, state, [plain])).includes("no secret in inspect of flowx-worker-1"));
    const shown = { name: "a bearer token", value: bearer("viewer").authorization.split(".").at(-1) ?? "" };
    assert.deepEqual(await leaksOnEngine(docker, state, [...hidden, shown]), []);
  });

  it("changes nothing the second time, and leaves nothing", async () => {
    const again = await flowx().operate("up", "up-again");
    assert.equal(again.exitCode, 0, problems(again));
    assert.deepEqual({ ...again.changes, same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
    const destroy = await flowx().operate("destroy", "destroy");
    assert.equal(destroy.exitCode, 0, problems(destroy));
    assert.deepEqual(await flowx().session.docker?.live.things(), []);
    const { docker } = flowx();
    const containers = (await docker.listContainers({ all: true })).flatMap(({ Names }) => Names);
    const networks = (await docker.listNetworks()).map(({ Name }) => Name);
    const volumes = (await docker.listVolumes()).Volumes.map(({ Name }) => Name);
    assert.deepEqual(
      [...containers, ...networks, ...volumes].filter((name) => /^\/?flowx/.test(name)),
      [],
    );
  });

  function sql(statement: string): Promise<string> {
    return said("flowx-postgres", "psql", "-U", "flowx", "-Atc", statement);
  }

  function asked(...command: string[]): Promise<string> {
    const client = 'REDISCLI_AUTH="$(cat /run/secrets/redis_password)" valkey-cli "$@"';
    return said("flowx-redis", "sh", "-c", client, "sh", ...command);
  }

  async function addresses(workload: string, network: string): Promise<string[]> {
    const names = Array.from({ length: REPLICAS }, (_, index) => `flowx-${workload}-${index + 1}`);
    const infos = await Promise.all(names.map((name) => flowx().container(name).inspect()));
    return infos.map(({ NetworkSettings }) => NetworkSettings.Networks[network]?.IPAddress ?? "");
  }
});

async function statusOf(url: string, headers: Readonly<Record<string, string>> = {}): Promise<number> {
  const answer = await fetch(url, { headers });
  // what is not read keeps its connection, and with it the process
  await answer.arrayBuffer();
  return answer.status;
}

/** Requests that nginx has passed on, with the last server that it asked. */
async function accessLog(gateway: Docker.Container): Promise<{ readonly upstream: string }[]> {
  return (await logs(gateway))
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { readonly path: string; readonly upstream: string })
    .filter(({ path }) => path === "/api/stats")
    .map(({ upstream }) => ({ upstream: upstream.split(", ").at(-1) ?? "" }));
}

/** With prior knowledge, as a client without TLS begins. https://www.rfc-editor.org/rfc/rfc9113#section-3.3 */
function statusOverHttp2(origin: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const session = connect(origin).once("error", reject);
    const request = session.request({ ":path": path }).once("error", reject);
    request.once("response", (headers) => {
      resolve(headers[":status"]);
      session.destroy();
    });
    request.end();
  });
}

interface Target {
  readonly labels: { readonly part: string };
  readonly health: string;
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/#targets */
async function targets(prometheus: string): Promise<readonly Target[]> {
  const answer = await fetch(`${prometheus}/api/v1/targets?state=active`);
  const { data } = (await answer.json()) as { data: { activeTargets: Target[] } };
  return data.activeTargets;
}

function counted(all: readonly Target[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { part } of all.map(({ labels }) => labels).sort((a, b) => (a.part < b.part ? -1 : 1)))
    counts[part] = (counts[part] ?? 0) + 1;
  return counts;
}
