import assert from "node:assert/strict";
import fc from "fast-check";
import type { Assumptions, ModelOverride } from "../../../lib/capacity/assumptions.ts";
import { nothingAssumed } from "../../../lib/capacity/assumptions.ts";
import { capacityOf } from "../../../lib/capacity/capacity.ts";
import type { DesiredResource } from "../../../lib/desired-state.ts";
import {
  CLUSTER,
  aurora,
  autoscaler,
  container,
  deployment,
  docker,
  inAws,
  inCluster,
  podSpec,
  stateOf,
} from "./fixtures.ts";

function throughputOf(resources: readonly DesiredResource[], assumptions: Assumptions = nothingAssumed("test")) {
  const { throughput } = capacityOf(stateOf(...resources), assumptions);
  assert.equal(throughput.length, 1);
  const [found] = throughput;
  assert.ok(found);
  return found;
}

function withModel(parts: Readonly<Record<string, ModelOverride>>, users?: number): Assumptions {
  const demand: Assumptions["demand"] = users === undefined ? {} : { shop: { requestsPerUserPerMinute: users } };
  return { ...nothingAssumed("test"), model: { shop: parts }, demand };
}

/** A request takes 45 ms, 32 at once, at 70 %. */
const WAITING: ModelOverride = { serviceSeconds: 0.045, concurrency: 32, cpuSeconds: 0.0001, utilisation: 0.7 };

describe("what a stack carries", () => {
  it("follows Little's law where requests wait", () => {
    const { requestsPerSecond, concurrentUsers, saturatesFirst, parts } = throughputOf(
      [...CLUSTER, deployment("backend", 5), autoscaler("backend", 5, 20)],
      withModel({ backend: WAITING }),
    );
    // 20 x 32 / 0.045 s x 0.7
    assert.equal(requestsPerSecond, 9955);
    // at 6 requests a minute
    assert.equal(concurrentUsers, 99_550);
    assert.deepEqual(saturatesFirst, { part: "backend", why: "20 replicas x 32 concurrent / 45 ms at 70 %" });
    assert.deepEqual(
      parts[0]?.figures?.map(({ name, source }) => [name, source]),
      [
        ["concurrency", "capacity.yaml, model of backend"],
        ["serviceSeconds", "capacity.yaml, model of backend"],
        ["utilisation", "capacity.yaml, model of backend"],
      ],
    );
  });

  it("is bound by the processor where requests compute", () => {
    const found = throughputOf(
      [...CLUSTER, deployment("backend", 4, { cpu: "500m" })],
      withModel({ backend: { ...WAITING, cpuSeconds: 0.01 } }),
    );
    // 4 x 0.5 cores / 10 ms x 0.7
    assert.equal(found.requestsPerSecond, 140);
    assert.equal(found.saturatesFirst.why, "4 replicas x 0.5 cores / 10 ms of CPU at 70 %");
  });

  it("gives a replica no more cores than it can use", () => {
    const eight = [...CLUSTER, deployment("backend", 1, { cpu: "8" })];
    const cpuBound = { ...WAITING, concurrency: 1000, cpuSeconds: 0.01 };
    // one event loop, unless the model says otherwise
    assert.equal(throughputOf(eight, withModel({ backend: cpuBound })).requestsPerSecond, 70);
    assert.equal(throughputOf(eight, withModel({ backend: { ...cpuBound, threads: 4 } })).requestsPerSecond, 280);
  });

  it("carries more requests where a part sees only a share of them, and counts users by their pace", () => {
    const model = { backend: { ...WAITING, share: 0.5 } };
    const found = throughputOf([...CLUSTER, deployment("backend", 10)], withModel(model, 30));
    // 10 x 32 / 0.045 x 0.7 / 0.5
    assert.equal(found.requestsPerSecond, 9955);
    assert.equal(found.concurrentUsers, 19_910);
    assert.match(found.saturatesFirst.why, /, for 50 % of the requests$/);
  });

  it("finds the part that is full first", () => {
    const { parts, saturatesFirst } = throughputOf(
      [...CLUSTER, deployment("backend", 20), deployment("frontend", 2)],
      withModel({ backend: WAITING, frontend: WAITING }),
    );
    assert.deepEqual(
      parts.map(({ part, requestsPerSecond }) => [part, requestsPerSecond]),
      [
        ["frontend", 995],
        ["backend", 9955],
      ],
    );
    assert.equal(saturatesFirst.part, "frontend");
  });

  it("holds a database to its cores, its writer and its connections", () => {
    const of = (connections: number, model: ModelOverride) =>
      throughputOf(
        [...CLUSTER, deployment("backend", 100), ...aurora("db", 3, "db.r8g.large", {}, connections).all],
        withModel({ backend: { ...WAITING, serviceSeconds: 0.001 }, database: model }),
      ).parts.find(({ part }) => part.startsWith("database"));
    // 3 x 2 cores / 5 ms x 0.7; the writer's 2 cores would carry 1,400 with 20 % writes
    const cpuBound = of(1000, { cpuSeconds: 0.005, serviceSeconds: 0.005 });
    assert.equal(cpuBound?.requestsPerSecond, 840);
    assert.equal(cpuBound?.why, "3 servers x 2 cores / 5 ms of CPU at 70 %");
    // 2 cores / 5 ms x 0.7 / 0.8
    const writing = of(1000, { cpuSeconds: 0.005, serviceSeconds: 0.005, writeShare: 0.8 });
    assert.equal(writing?.requestsPerSecond, 350);
    // 3 x 5 connections / 100 ms x 0.7
    const few = of(5, { cpuSeconds: 0.0001, serviceSeconds: 0.1 });
    assert.equal(few?.requestsPerSecond, 105);
    assert.equal(few?.why, "15 connections / 100 ms at 70 %");
  });

  it("counts a cache's primaries, which run commands on one core each", () => {
    const inputs = { nodeType: "cache.r7g.large", numNodeGroups: 3, replicasPerNodeGroup: 1 };
    const cache = inAws("aws:elasticache/replicationGroup:ReplicationGroup", "cache", inputs);
    const { parts } = throughputOf([...CLUSTER, deployment("backend", 1), cache]);
    // 3 x 81,000 x 0.7
    assert.equal(parts.find(({ part }) => part === "cache cache")?.requestsPerSecond, 170_100);
  });

  it("has tracks of a source pass its workers, the broker and the database", () => {
    const environment = { SERVICE_ROLE: "source", CONCURRENT_REQUESTS: "12", DOWNLOAD_DELAY_SECONDS: "0.8" };
    const found = throughputOf([
      ...CLUSTER,
      deployment("scraper", 4, { cpu: "1500m", environment }),
      deployment("transformer", 4, { cpu: "2", environment: { SERVICE_ROLE: "worker" } }),
      ...aurora("db", 2, "db.r8g.large").all,
    ]);
    // 4 x 12 / (0.8 s + 0.057 s) x 3,600; the bench measured 201,700 to 210,100
    assert.equal(found.tracksPerHour, 201_633);
    assert.equal(found.requestsPerSecond, 0);
    assert.deepEqual(
      found.trackParts?.map(({ part }) => part),
      ["scraper", "transformer", "database db"],
    );
    assert.equal(found.saturatesFirst.part, "scraper");
  });

  it("tells a proxy from a service, and what nobody asks from both", () => {
    const size = { cpus: "1", memory: 256 };
    const { parts } = throughputOf([
      docker,
      container("shop-api-1", { ...size, envs: ["PORT=8000"] }),
      container("shop-gateway", size),
      container("shop-grafana", size),
    ]);
    assert.deepEqual(parts.map(({ part }) => part).sort(), ["api", "gateway"]);
    // 1 core / 250 µs x 0.7
    assert.equal(parts.find(({ part }) => part === "gateway")?.requestsPerSecond, 2800);
  });

  it("has every system pass the gateway that all share", () => {
    const proxy = inCluster(
      "kubernetes:gateway.envoyproxy.io/v1alpha1:EnvoyProxy",
      "gateway",
      {
        provider: {
          kubernetes: {
            envoyDeployment: {
              name: "gateway",
              container: { resources: { requests: { cpu: "500m", memory: "512Mi" } } },
            },
            envoyHpa: { minReplicas: 2, maxReplicas: 10 },
          },
        },
      },
      { namespace: "gateways", labels: {} },
    );
    const { parts } = throughputOf([...CLUSTER, deployment("backend", 1), proxy]);
    const gateway = parts.find(({ part }) => part === "gateway (shared)");
    // 10 x (0.5 + 0.01 of its shutdown manager) / 250 µs x 0.7
    assert.equal(gateway?.requestsPerSecond, 14_280);
  });

  it("leaves out what the model says carries nothing", () => {
    const state = stateOf(...CLUSTER, deployment("backend", 1));
    assert.deepEqual(capacityOf(state, withModel({ backend: { role: "none" } })).throughput, []);
    assert.deepEqual(
      capacityOf(
        stateOf(...CLUSTER, inCluster("kubernetes:batch/v1:Job", "once", { template: { spec: podSpec({}) } })),
        nothingAssumed("test"),
      ).throughput.length,
      0,
    );
  });

  it("never carries less with more replicas, more cores or a smaller share", () => {
    const amounts = fc.record({
      replicas: fc.integer({ min: 1, max: 50 }),
      more: fc.integer({ min: 0, max: 50 }),
      cpu: fc.integer({ min: 1, max: 4000 }),
      moreCpu: fc.integer({ min: 0, max: 4000 }),
      serviceSeconds: fc.double({ min: 0.0001, max: 10, noNaN: true }),
      cpuSeconds: fc.double({ min: 0.0001, max: 1, noNaN: true }),
      concurrency: fc.integer({ min: 1, max: 500 }),
      share: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(amounts, ({ replicas, more, cpu, moreCpu, share, ...figures }) => {
        const of = (count: number, milli: number, part: number): number =>
          throughputOf(
            [...CLUSTER, deployment("web", count, { cpu: `${milli}m` })],
            withModel({ web: { ...figures, share: part } }),
          ).requestsPerSecond;
        const least = of(replicas, cpu, 1);
        assert.ok(of(replicas + more, cpu, 1) >= least);
        assert.ok(of(replicas, cpu + moreCpu, 1) >= least);
        assert.ok(of(replicas, cpu, share) >= least);
      }),
      { numRuns: 60 },
    );
  });
});
