import type {
  CapacityReport,
  NodeCapacity,
  PlaceCapacity,
  Projection,
  Throughput,
  WorkloadCapacity,
} from "@groundwork/lib/capacity-report";
import type { DiffReport, QuotaDiff, ResourceChange } from "@groundwork/lib/diff-report";
import type { QuotaReport } from "@groundwork/lib/rehearsal-report";
import { changesBy, costOf } from "./costs.ts";
import { EAST, SYSTEMS, WEST, urnOf } from "./places.ts";

const GIB = 2 ** 30;

/**
 * A pull request against production as a reviewer meets it: more backends of finai-nexus, more nodes in both regions, a
 * search database of another engine, which is replaced, and a bucket that goes.
 */
export function prodDiff(): DiffReport {
  const before = capacityOf(false);
  const after = capacityOf(true);
  const cost = { before: costOf(false), after: costOf(true) };
  const changed = (place: PlaceCapacity): boolean => place.system === "finai-nexus";
  return {
    schema: 1,
    project: "groundwork",
    stack: "prod",
    target: "cloud",
    base: { label: "main", commit: "c4bac12dd1f0a1c0a8b7b1d26c4f7b4fb0f2a7e9" },
    head: { label: "working tree" },
    changed: true,
    resources: { counts: { create: 12, update: 8, replace: 2, delete: 1, same: 1667 }, changes: CHANGES, noise: 3 },
    capacity: {
      before,
      after,
      places: after.places.filter(changed).map((place) => {
        const old = before.places.find(({ system, region }) => system === place.system && region === place.region);
        return { system: place.system, region: place.region, ...(old ? { before: old } : {}), after: place };
      }),
      throughput: after.throughput.filter(changesThroughput).map((one) => {
        const old = before.throughput.find(({ system, region }) => system === one.system && region === one.region);
        return { system: one.system, region: one.region, ...(old ? { before: old } : {}), after: one };
      }),
    },
    cost: {
      ...cost,
      deltaCents: cost.after.totalCents - cost.before.totalCents,
      bySystem: changesBy(cost, ({ system }) => system),
      byRegion: changesBy(cost, ({ region }) => region),
      byService: changesBy(cost, ({ service }) => service),
      items: changesBy(cost, ({ system, region, description }) => `${description}, ${system}, ${region}`).filter(
        ({ beforeCents, afterCents }) => beforeCents !== afterCents,
      ),
    },
    policy: {
      pack: "groundwork@0.1.0",
      added: [
        {
          policy: "database-is-encrypted",
          level: "mandatory",
          urn: urnOf("aws:rds/cluster:Cluster", "web-platform-search-us-west-2"),
          message:
            "storageEncrypted is false, so backups and replicas are readable too: set storageEncrypted: true with a kmsKeyId.",
        },
        {
          policy: "replicas-survive-a-zone",
          level: "advisory",
          urn: urnOf("kubernetes:apps/v1:Deployment", "finai-nexus-backend-us-east-1"),
          message: "5 replicas may all be in one zone: spread them with topologySpreadConstraints.",
        },
      ],
      fixed: [
        {
          policy: "container-has-limits",
          level: "mandatory",
          urn: urnOf("kubernetes:apps/v1:Deployment", "tracks-scraper-us-west-2"),
          message: "The container scraper has no memory limit: set resources.limits.memory.",
        },
      ],
      remaining: [
        {
          policy: "log-group-retention",
          level: "advisory",
          urn: urnOf("aws:cloudwatch/logGroup:LogGroup", "us-west-2-cluster"),
          message: "Logs are kept for ever: set retentionInDays.",
        },
      ],
      undecided: [
        {
          policy: "listener-uses-tls",
          level: "mandatory",
          urn: urnOf("aws:lb/listener:Listener", "us-west-2-gateway"),
          message: "certificateArn is not known before the update.",
        },
      ],
    },
    quotas: QUOTAS,
    notes: ["Prices are on demand; reserved capacity is in `groundwork optimize`."],
    seconds: 7.42,
  };
}

/** A stack of the same pull request that stays as it is. */
export function unchangedDiff(): DiffReport {
  const base = prodDiff();
  const { before } = base.capacity;
  const cost = { before: base.cost.before, after: base.cost.before };
  return {
    ...base,
    stack: "dev",
    target: "docker",
    changed: false,
    resources: { counts: { create: 0, update: 0, replace: 0, delete: 0, same: 215 }, changes: [], noise: 0 },
    capacity: { before, after: before, places: [], throughput: [] },
    cost: {
      ...cost,
      deltaCents: 0,
      bySystem: changesBy(cost, ({ system }) => system),
      byRegion: changesBy(cost, ({ region }) => region),
      byService: changesBy(cost, ({ service }) => service),
      items: [],
    },
    policy: { pack: "groundwork@0.1.0", added: [], fixed: [], remaining: [], undecided: [] },
    quotas: [],
    notes: [],
  };
}

export function resourceChange(changed: Partial<ResourceChange>): ResourceChange {
  const { type = "kubernetes:apps/v1:Deployment", name = "web" } = changed;
  return {
    urn: urnOf(type, name),
    type,
    name,
    system: "shared",
    region: WEST,
    change: "update",
    stateful: false,
    protected: false,
    properties: [],
    certain: true,
    ...changed,
  };
}

const CHANGES: readonly ResourceChange[] = [
  resourceChange({
    type: "aws:rds/cluster:Cluster",
    name: "web-platform-search-us-west-2",
    system: "web-platform",
    change: "replace",
    stateful: true,
    properties: [
      { path: "engine", before: "aurora-mysql", after: "aurora-postgresql", replaces: true },
      { path: "engineVersion", before: "8.0.mysql_aurora.3.10.0", after: "17.5", replaces: false },
      { path: "masterPassword", before: "[secret]", after: "[secret]", replaces: false },
    ],
  }),
  resourceChange({
    type: "aws:s3/bucket:Bucket",
    name: "sophia-exports-us-east-1",
    system: "sophia",
    region: EAST,
    change: "delete",
    stateful: true,
    protected: true,
  }),
  resourceChange({
    type: "aws:rds/clusterInstance:ClusterInstance",
    name: "web-platform-search-us-west-2-0",
    system: "web-platform",
    change: "replace",
    properties: [
      { path: "clusterIdentifier", before: "web-platform-search", after: "(known after up)", replaces: true },
    ],
  }),
  ...Array.from({ length: 12 }, (_, index) =>
    resourceChange({
      type: index % 3 === 0 ? "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule" : "aws:ec2/tag:Tag",
      name: `web-platform-search-us-west-2-${index}`,
      system: "web-platform",
      change: "create",
    }),
  ),
  ...[WEST, EAST].flatMap((region) => [
    resourceChange({
      type: "aws:eks/nodeGroup:NodeGroup",
      name: `${region}-general`,
      region,
      properties: [{ path: "scalingConfig.maxSize", before: "6", after: "8", replaces: false }],
    }),
    resourceChange({
      name: `finai-nexus-backend-${region}`,
      system: "finai-nexus",
      region,
      properties: [
        {
          path: "spec.replicas",
          before: region === WEST ? "5" : "3",
          after: region === WEST ? "8" : "5",
          replaces: false,
        },
      ],
    }),
    resourceChange({
      type: "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
      name: `finai-nexus-backend-${region}`,
      system: "finai-nexus",
      region,
      properties: [{ path: "spec.maxReplicas", before: "20", after: "30", replaces: false }],
    }),
    resourceChange({
      type: "kubernetes:core/v1:ResourceQuota",
      name: `finai-nexus-quota-${region}`,
      system: "finai-nexus",
      region,
      properties: [{ path: 'spec.hard["requests.cpu"]', before: "24", after: "34", replaces: false }],
      certain: region === WEST,
    }),
  ]),
];

function capacityOf(isAfter: boolean): CapacityReport {
  const places = [WEST, EAST].flatMap((region) => SYSTEMS.map((system) => placeOf(system, region, isAfter)));
  return {
    stack: "prod",
    places: places.sort((a, b) => a.system.localeCompare(b.system) || a.region.localeCompare(b.region)),
    nodes: [WEST, EAST].map((region) => nodesOf(region, isAfter)),
    throughput: throughputOf(isAfter),
    projection: projectionOf(isAfter),
    notes: ["Throughput is the model's, calibrated with the reference service; your own services differ."],
  };
}

function nodesOf(region: string, isAfter: boolean): NodeCapacity {
  const needed = region === WEST ? { min: 4, max: isAfter ? 9 : 7 } : { min: 3, max: isAfter ? 7 : 5 };
  return {
    region,
    name: `${region}-general`,
    instanceType: "m7g.2xlarge",
    count: { min: 3, max: isAfter ? 8 : 6 },
    needed,
  };
}

function placeOf(system: string, region: string, isAfter: boolean): PlaceCapacity {
  const workloads = workloadsOf(system, region, isAfter);
  const sum = (of: (workload: WorkloadCapacity) => number): number =>
    workloads.reduce((total, workload) => total + of(workload), 0);
  return {
    system,
    region,
    replicas: { min: sum(({ replicas }) => replicas.min), max: sum(({ replicas }) => replicas.max) },
    vcpu: {
      min: sum(({ replicas, vcpu }) => replicas.min * vcpu),
      max: sum(({ replicas, vcpu }) => replicas.max * vcpu),
    },
    memory: {
      min: sum(({ replicas, memory }) => replicas.min * memory),
      max: sum(({ replicas, memory }) => replicas.max * memory),
    },
    gpus: system === "sophia" ? { min: 0, max: 1 } : { min: 0, max: 0 },
    managed: system === "finai-nexus" ? { vcpu: 16, memory: 128 * GIB } : { vcpu: 4, memory: 24 * GIB },
    storage: (system === "tracks" ? 400 : 120) * GIB,
    iops: 3000,
    connections: { wanted: sum(({ replicas }) => replicas.max * 20), limit: system === "finai-nexus" ? 2000 : 800 },
    workloads,
  };
}

function workloadsOf(system: string, region: string, isAfter: boolean): WorkloadCapacity[] {
  const minimum = region === WEST ? (isAfter ? 8 : 5) : isAfter ? 5 : 3;
  const backend = { min: minimum, max: isAfter ? 30 : 20 };
  const all: Record<string, WorkloadCapacity[]> = {
    "finai-nexus": [
      { name: "backend", replicas: backend, vcpu: 1, memory: GIB },
      { name: "frontend", replicas: { min: 2, max: 15 }, vcpu: 0.5, memory: GIB / 2 },
    ],
    flowx: [
      { name: "orchestrator", replicas: { min: 2, max: 2 }, vcpu: 1, memory: GIB },
      { name: "worker", replicas: { min: 1, max: 10 }, vcpu: 1, memory: GIB },
    ],
    sophia: [{ name: "chat", replicas: { min: 2, max: 6 }, vcpu: 1, memory: 2 * GIB }],
    tracks: [
      { name: "scraper", replicas: { min: 4, max: 4 }, vcpu: 1.5, memory: 1.5 * GIB },
      { name: "data-transformer", replicas: { min: 4, max: 4 }, vcpu: 2, memory: 2 * GIB },
      { name: "rest-api", replicas: { min: 3, max: 3 }, vcpu: 1.5, memory: 1.5 * GIB },
    ],
    "web-platform": [
      { name: "fastapi", replicas: { min: 3, max: 10 }, vcpu: 0.5, memory: GIB / 2 },
      { name: "flask", replicas: { min: 2, max: 4 }, vcpu: 0.5, memory: GIB / 2 },
    ],
  };
  return all[system] ?? [];
}

function throughputOf(isAfter: boolean): Throughput[] {
  return [WEST, EAST].flatMap((region) => [
    carried(
      "finai-nexus",
      region,
      isAfter ? 14_933 : 9_955,
      "backend",
      `${isAfter ? 30 : 20} replicas × 32 concurrent / 45 ms at 70 %`,
    ),
    carried("web-platform", region, 2_800, "postgres", "400 connections / 100 ms at 70 %"),
    {
      ...carried("tracks", region, 16.8, "scraper", "4 replicas × 12 concurrent / 2 s at 70 %"),
      tracksPerHour: 30_240,
    },
  ]);
}

function carried(system: string, region: string, requestsPerSecond: number, part: string, why: string): Throughput {
  const parts = [
    { part, requestsPerSecond, why },
    { part: "gateway", requestsPerSecond: requestsPerSecond * 3, why: "3 replicas at 70 %" },
  ];
  return {
    system,
    region,
    requestsPerSecond,
    concurrentUsers: Math.round(requestsPerSecond * 1.2),
    saturatesFirst: { part, why },
    parts,
  };
}

function changesThroughput({ system }: Throughput): boolean {
  return system === "finai-nexus";
}

function projectionOf(isAfter: boolean): Projection {
  const grow = (start: number, rate: number): number[] =>
    Array.from({ length: 7 }, (_, month) => Math.round(start * (1 + rate) ** month));
  const limit = isAfter ? 14_933 : 9_955;
  const requests = grow(7_400, 0.09);
  const reached = requests.findIndex((value) => value > limit);
  return {
    months: 6,
    series: [
      { system: "finai-nexus", region: WEST, measure: "requests a second", limit, values: requests },
      { system: "tracks", region: WEST, measure: "storage GiB", limit: 400, values: grow(310, 0.06) },
      { system: "shared", region: WEST, measure: "nodes", limit: isAfter ? 8 : 6, values: grow(4, 0.1) },
    ],
    reached: [
      ...(reached < 0
        ? []
        : [
            {
              system: "finai-nexus",
              region: WEST,
              measure: "requests a second",
              limit,
              month: reached,
              advice: "raise `workloads.finai-nexus.backend.max` above 20",
            },
          ]),
      {
        system: "tracks",
        region: WEST,
        measure: "storage GiB",
        limit: 400,
        month: 5,
        advice: "set `postgres.tracks.storage: 600Gi`",
      },
    ],
  };
}

function quota(
  quotaName: string,
  code: string,
  scope: string,
  limit: number,
  uses: readonly [number, number, number?, number?],
): QuotaDiff {
  const [was, is, couldBe, canBe] = uses;
  const use = (used: number, ceiling?: number): QuotaReport => ({
    quota: quotaName,
    code,
    scope,
    used,
    limit,
    ...(ceiling === undefined ? {} : { ceiling }),
  });
  return { quota: quotaName, code, scope, limit, before: use(was, couldBe), after: use(is, canBe) };
}

const QUOTAS: readonly QuotaDiff[] = [
  quota("eksClusters", "L-1194D53C", WEST, 100, [1, 1]),
  quota("elasticIps", "L-0263D0A3", WEST, 5, [3, 3]),
  quota("standardVcpus", "L-1216C47A", WEST, 64, [24, 24, 48, 72]),
  quota("standardVcpus", "L-1216C47A", EAST, 64, [24, 24, 48, 64]),
  quota("rdsInstances", "L-7B6409FD", WEST, 40, [12, 12]),
];
