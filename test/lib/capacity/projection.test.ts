import assert from "node:assert/strict";
import fc from "fast-check";
import type { Assumptions, Demand } from "../../../lib/capacity/assumptions.ts";
import { nothingAssumed } from "../../../lib/capacity/assumptions.ts";
import { capacityOf } from "../../../lib/capacity/capacity.ts";
import type { CapacityOptions } from "../../../lib/capacity/capacity.ts";
import type { CapacityReport } from "../../../lib/capacity-report.ts";
import type { DesiredResource } from "../../../lib/desired-state.ts";
import {
  CLUSTER,
  WEST,
  aurora,
  autoscaler,
  deployment,
  inAws,
  docker,
  container,
  inCluster,
  nodeGroup,
  stateOf,
} from "./fixtures.ts";

/** 100 requests a second of one replica. */
const MODEL = { shop: { web: { serviceSeconds: 0.1, concurrency: 10, cpuSeconds: 0.0001, utilisation: 1 } } };

function assume(demand: Demand, growth: number, more: Partial<Assumptions> = {}): Assumptions {
  return { ...nothingAssumed("test"), demand: { shop: demand }, growth: { default: growth }, model: MODEL, ...more };
}

const WEB = [...CLUSTER, deployment("web", undefined), autoscaler("web", 2, 10)];

function project(resources: readonly DesiredResource[], assumptions: Assumptions, options: CapacityOptions = {}) {
  return capacityOf(stateOf(...resources), assumptions, options).projection;
}

function series({ series: all }: CapacityReport["projection"], measure: string) {
  const found = all.find((one) => one.measure === measure);
  assert.ok(found, `${measure} is none of ${all.map((one) => one.measure).join(", ")}`);
  return found;
}

describe("projection", () => {
  it("tells the month in which the demand is more than the stack carries, and what to change", () => {
    const found = project(WEB, assume({ requestsPerSecond: 700 }, 10));
    const requests = series(found, "requests a second");
    assert.equal(requests.limit, 1000);
    assert.deepEqual(requests.values, [700, 770, 847, 931.7, 1024.87, 1127.357, 1240.093]);
    assert.deepEqual(series(found, "replicas of web").values, [7, 8, 9, 10, 11, 12, 13]);
    assert.deepEqual(found.reached, [
      {
        system: "shop",
        region: WEST,
        measure: "requests a second",
        limit: 1000,
        month: 4,
        advice:
          "Raise maxReplicas of HorizontalPodAutoscaler web or give each replica more cores (replicas.max of web in stacks/systems/shop.ts, or workloads.shop.web.cpu).",
      },
    ]);
  });

  it("names no config key of ours to anybody else's project", () => {
    const state = { ...stateOf(...WEB), target: null };
    const [first] = capacityOf(state, assume({ requestsPerSecond: 2000 }, 0)).projection.reached;
    assert.equal(first?.month, 0);
    assert.equal(first?.advice, "Raise maxReplicas of HorizontalPodAutoscaler web or give each replica more cores.");
  });

  it("counts users by their requests", () => {
    const found = project(WEB, assume({ users: 3000 }, 0));
    assert.equal(series(found, "requests a second").values[0], 300);
  });

  it("says nothing of a system without demand, but that", () => {
    const { projection, notes } = capacityOf(stateOf(...WEB), nothingAssumed("test"));
    assert.deepEqual(projection.reached, []);
    assert.ok(notes.includes("Nothing is projected for shop: capacity.yaml states no demand of it."));
  });

  it("counts connections of the replicas that are needed", () => {
    const environment = { PORT: "8000", PGHOST: "db", DATABASE_POOL_SIZE: "20" };
    const all = [
      ...CLUSTER,
      deployment("web", undefined, { environment }),
      autoscaler("web", 2, 100),
      ...aurora("db", 1, "db.r8g.large", {}, 200).all,
    ];
    const found = project(all, assume({ requestsPerSecond: 500 }, 20));
    const connections = series(found, "connections to the database");
    // 5, 6, 8, 9, 11 replicas of 100 requests a second, with 20 connections each
    assert.deepEqual(connections.values.slice(0, 5), [100, 120, 160, 180, 220]);
    assert.equal(found.reached.find(({ measure }) => measure === connections.measure)?.month, 4);
  });

  it("counts clients of each node of a cache", () => {
    const inputs = { nodeType: "cache.r7g.large", numNodeGroups: 3, replicasPerNodeGroup: 1 };
    const cache = inAws("aws:elasticache/replicationGroup:ReplicationGroup", "sessions", inputs);
    const web = deployment("web", undefined, { environment: { REDIS_HOST: "sessions" } });
    const managed = project([...CLUSTER, web, autoscaler("web", 2, 100), cache], assume({ requestsPerSecond: 500 }, 0));
    const clients = series(managed, "connections to each node of cache sessions");
    assert.deepEqual([clients.limit, clients.values[0]], [65_000, 5]);
    const size = { cpus: "1", memory: 256 };
    const own = project(
      [
        docker,
        container("shop-redis", size),
        container("shop-web-1", { ...size, envs: ["PORT=80", "REDIS_HOST=redis"] }),
      ],
      assume({ requestsPerSecond: 50 }, 0),
    );
    assert.equal(series(own, "connections to each node of redis").limit, 10_000);
  });

  it("adds up storage month by month, against the volumes that there are", () => {
    const claim = inCluster("kubernetes:core/v1:PersistentVolumeClaim", "data", {
      resources: { requests: { storage: "100Gi" } },
    });
    const found = project([...WEB, claim], assume({ storageGiB: 70, storageGrowthGiB: 10 }, 0));
    const storage = series(found, "storage GiB");
    assert.equal(storage.limit, 100);
    assert.deepEqual(storage.values, [70, 80, 90, 100, 110, 120, 130]);
    assert.equal(found.reached.find(({ measure }) => measure === "storage GiB")?.month, 4);
  });

  it("looks at the quota of the namespace", () => {
    const quota = inCluster("kubernetes:core/v1:ResourceQuota", "quota", {
      hard: { "requests.cpu": "4500m", pods: "20" },
    });
    const found = project([...WEB, quota], assume({ requestsPerSecond: 700 }, 10));
    // half a core for each of 7, 8, 9, 10 replicas
    assert.deepEqual(series(found, "cores of namespace shop").values.slice(0, 4), [3.5, 4, 4.5, 5]);
    assert.equal(found.reached.find(({ measure }) => measure === "cores of namespace shop")?.month, 3);
  });

  it("counts nodes, and the account's quota of cores that they take", () => {
    const group = nodeGroup("nodes", "m7i.xlarge", { minSize: 1, maxSize: 3, desiredSize: 1 });
    const quotas = [{ quota: "standardVcpus", code: "L-1216C47A", scope: WEST, used: 4, limit: 12 }];
    const found = project([...WEB, group], assume({ requestsPerSecond: 700 }, 100), { months: 3, quotas });
    // today 7 pods of half a core on one node; then 7, 21 and 49 pods more, of which 6.3 fill one to 80 %
    const nodes = series(found, "nodes of node group nodes");
    assert.deepEqual(nodes.values, [1, 3, 5, 9]);
    assert.equal(nodes.limit, 3);
    assert.equal(found.reached.find(({ measure }) => measure === nodes.measure)?.month, 2);
    const cores = series(found, "AWS quota standardVcpus (L-1216C47A)");
    assert.deepEqual(cores.values, [4, 12, 20, 36]);
    assert.equal(found.reached.find(({ measure }) => measure === cores.measure)?.month, 2);
  });

  it("projects tracks an hour", () => {
    const variables = ["SERVICE_ROLE=source", "CONCURRENT_REQUESTS=12", "DOWNLOAD_DELAY_SECONDS=0.8"];
    const scraper = container("shop-scraper-1", { cpus: "1.5", memory: 1536, envs: variables });
    const found = project([docker, scraper], assume({ tracksPerHour: 20_000 }, 30));
    const tracks = series(found, "tracks an hour");
    // 12 / 0.857 s x 3,600
    assert.equal(tracks.limit, 50_408);
    assert.equal(found.reached[0]?.month, 4);
  });

  describe("whatever the demand", () => {
    const cases = fc.record({
      requestsPerSecond: fc.double({ min: 0, max: 5000, noNaN: true }),
      storageGiB: fc.double({ min: 0, max: 200, noNaN: true }),
      storageGrowthGiB: fc.double({ min: 0, max: 50, noNaN: true }),
      growth: fc.double({ min: 0, max: 100, noNaN: true }),
      more: fc.double({ min: 0, max: 100, noNaN: true }),
      months: fc.integer({ min: 1, max: 36 }),
    });
    const environment = { PORT: "8000", PGHOST: "db", DATABASE_POOL_SIZE: "20" };
    const all = [
      ...CLUSTER,
      nodeGroup("nodes", "m7i.xlarge", { minSize: 1, maxSize: 3, desiredSize: 1 }),
      deployment("web", undefined, { environment }),
      autoscaler("web", 2, 10),
      ...aurora("db", 2, "db.r8g.large", {}, 200).all,
      inCluster("kubernetes:core/v1:ResourceQuota", "quota", { hard: { "requests.cpu": "4", pods: "20" } }),
      inCluster("kubernetes:core/v1:PersistentVolumeClaim", "data", { resources: { requests: { storage: "100Gi" } } }),
    ];
    const quotas = [{ quota: "standardVcpus", code: "L-1216C47A", scope: WEST, used: 4, limit: 12 }];

    it("has the present and one value for each month, and never falls", () => {
      fc.assert(
        fc.property(cases, ({ growth, months, ...demand }) => {
          const found = project(all, assume(demand, growth), { months, quotas });
          assert.equal(found.months, months);
          assert.ok(found.series.length > 5);
          for (const { values } of found.series) {
            assert.equal(values.length, months + 1);
            values.slice(1).forEach((value, index) => assert.ok(value >= (values[index] ?? 0)));
          }
        }),
        { numRuns: 40 },
      );
    });

    it("reaches no limit later when it grows faster", () => {
      fc.assert(
        fc.property(cases, ({ growth, more, months, ...demand }) => {
          const slow = project(all, assume(demand, growth), { months, quotas });
          const fast = project(all, assume(demand, growth + more), { months, quotas });
          for (const { measure, month } of slow.reached) {
            const same = fast.reached.find((one) => one.measure === measure);
            assert.ok(same && same.month <= month, measure);
          }
        }),
        { numRuns: 40 },
      );
    });

    it("reaches without growth only what is reached today", () => {
      fc.assert(
        fc.property(cases, ({ requestsPerSecond, storageGiB, months }) => {
          const { reached } = project(all, assume({ requestsPerSecond, storageGiB }, 0), { months, quotas });
          assert.ok(reached.every(({ month }) => month === 0));
        }),
        { numRuns: 40 },
      );
    });
  });
});
