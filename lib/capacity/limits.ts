import type { Placement } from "../placement.ts";
import { SHARED } from "../placement.ts";
import type { QuotaReport } from "../rehearsal-report.ts";
import { plain } from "../expanders/read.ts";
import { kubernetesQuantity } from "../kubernetes-quantity.ts";
import { Advice } from "./advice.ts";
import { connectionsOf } from "./connections.ts";
import type { Growth } from "./growth.ts";
import { ceiling } from "./growth.ts";
import { EKS_CLUSTER, RESOURCE_QUOTA } from "./kinds.ts";
import { Graph, namespaceOf } from "./graph.ts";
import { pack } from "./nodes.ts";
import type { ClusterNodes, Packed } from "./nodes.ts";
import type { Part } from "./parts.ts";
import type { PodGroup } from "./pods.ts";
import type { NodeType, Pool } from "./pools.ts";
import type { View } from "./view.ts";

/** Something that has an end, and how much of it is needed in each month. */
export interface Limit extends Placement {
  readonly measure: string;
  readonly limit: number;
  readonly needed: (month: number) => number;
  readonly advice: string;
  /** Stands in the chart, but is told by another limit. */
  readonly quiet?: boolean;
}

const GIBIBYTE = 2 ** 30;

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html (of a cluster's volume; newer versions take more) */
const AURORA_GIB = 128 * 1024;

/** Every limit of a stack that its demand grows towards. */
export function limitsOf(
  view: View,
  parts: readonly Part[],
  clusters: readonly ClusterNodes[],
  growth: Growth,
  quotas: readonly QuotaReport[],
): readonly Limit[] {
  const advice = new Advice(view.state);
  return [
    ...flows(parts, growth, advice),
    ...replicas(parts, growth, advice),
    ...sharedParts(parts, growth, advice),
    ...connections(view, parts, growth, advice),
    ...storage(view, growth, advice),
    ...namespaces(view, parts, growth, advice),
    ...clusters.flatMap((cluster) => nodes(cluster, growth, advice, quotas)),
  ];
}

/** The smallest part decides what a system carries. */
function flows(parts: readonly Part[], growth: Growth, advice: Advice): readonly Limit[] {
  return grouped(parts, ({ system, region, flow }) => `${system} ${region} ${flow}`).flatMap((own) => {
    const least = own.reduce((a, b) => (b.perSecond < a.perSecond ? b : a));
    const { system, region, flow } = least;
    if (growth.demand(system, flow, 0) === undefined) return [];
    const each = flow === "tracks" ? 3600 : 1;
    return [
      {
        system,
        region,
        measure: flow === "tracks" ? "tracks an hour" : "requests a second",
        limit: Math.floor(least.perSecond * each),
        needed: (month: number) => (growth.demand(system, flow, month) ?? 0) * each,
        advice: advice.ofPart(least),
      },
    ];
  });
}

function replicas(parts: readonly Part[], growth: Growth, advice: Advice): readonly Limit[] {
  const first = new Set(
    grouped(parts, ({ system, region, flow }) => `${system} ${region} ${flow}`).map((own) =>
      own.reduce((a, b) => (b.perSecond < a.perSecond ? b : a)),
    ),
  );
  return parts
    .filter((part) => part.group?.system === part.system && growth.demand(part.system, part.flow, 0) !== undefined)
    .map((part) => ({
      system: part.system,
      region: part.region,
      measure: `replicas of ${part.part}`,
      limit: part.replicas.max,
      needed: (month) => growth.replicas(part, month),
      advice: advice.ofPart(part),
      quiet: first.has(part),
    }));
}

/** What carries all systems of a region is held against the sum of their requests. */
function sharedParts(parts: readonly Part[], growth: Growth, advice: Advice): readonly Limit[] {
  const common = parts.filter(({ group, system }) => group !== undefined && group.system !== system);
  return grouped(common, ({ group, region }) => `${region} ${group?.urn ?? ""}`).flatMap((own) => {
    const [first] = own;
    const stated = own.filter(({ system, flow }) => growth.demand(system, flow, 0) !== undefined);
    if (first === undefined || stated.length === 0) return [];
    return [
      {
        system: SHARED,
        region: first.region,
        measure: `requests a second of ${first.group?.name ?? first.part}`,
        limit: Math.floor(Math.min(...own.map(({ perSecond }) => perSecond))),
        needed: (month: number) =>
          stated.reduce((sum, { system, flow }) => sum + (growth.demand(system, flow, month) ?? 0), 0),
        advice: advice.ofPart(first),
      },
    ];
  });
}

function connections(view: View, parts: readonly Part[], growth: Growth, advice: Advice): readonly Limit[] {
  return placesOf(parts).flatMap(({ system, region }) => {
    const here = (one: Placement): boolean => one.system === system && one.region === region;
    const databases = view.servers.filter((one) => one.role === "database" && here(one));
    const groups = view.groups.filter(here);
    const [first] = databases;
    if (first === undefined) return [];
    const total = databases.reduce((sum, { count, connections: each }) => sum + count * each, 0);
    const ofWriter = databases.reduce((sum, { writers, connections: each }) => sum + Math.min(writers, 1) * each, 0);
    const wanted = (kind: "writer" | "readers") => (month: number) =>
      groups.reduce(
        (sum, group) => sum + growth.count(group, month) * connectionsOf(view.assumptions, group, databases)[kind],
        0,
      );
    const of = (kind: "writer" | "readers", limit: number): Limit[] =>
      wanted(kind)(0) === 0
        ? []
        : [
            {
              system,
              region,
              measure: kind === "writer" ? "connections to the database" : "connections to the database's readers",
              limit,
              needed: wanted(kind),
              advice: advice.ofConnections(first),
            },
          ];
    // a proxy lets clients share the writer's connections; readers are asked directly
    return [
      ...(first.pooled ? [] : of("writer", ofWriter)),
      ...of("readers", Math.max(total - ofWriter, first.connections)),
    ];
  });
}

function storage(view: View, growth: Growth, advice: Advice): readonly Limit[] {
  const places = placesOf([...view.servers, ...view.volumes]);
  return places.flatMap((place): Limit[] => {
    const here = (one: Placement): boolean => one.system === place.system && one.region === place.region;
    const volumes = view.volumes.filter(here).reduce((sum, { count, bytes }) => sum + count * bytes, 0);
    const servers = view.servers.filter(here);
    const own = volumes + servers.reduce((sum, one) => sum + one.count * one.storage, 0);
    const elastic = servers.some((one) => one.role === "database" && one.class !== "" && one.storage === 0);
    const limit = elastic ? AURORA_GIB : own / GIBIBYTE;
    if (limit === 0 || growth.storage(place.system, 0) === undefined) return [];
    return [
      {
        ...place,
        measure: "storage GiB",
        limit: Math.floor(limit),
        needed: (month) => growth.storage(place.system, month) ?? 0,
        advice: advice.ofStorage(place.system, elastic),
      },
    ];
  });
}

const COUNTED = [
  { hard: "requests.cpu", amount: ({ size }: PodGroup) => size.cpu, unit: 1, measure: "cores of namespace" },
  {
    hard: "requests.memory",
    amount: ({ size }: PodGroup) => size.memory,
    unit: GIBIBYTE,
    measure: "memory GiB of namespace",
  },
  { hard: "pods", amount: () => 1, unit: 1, measure: "pods of namespace" },
] as const;

/** Quotas of namespaces in which something grows. */
function namespaces(view: View, parts: readonly Part[], growth: Growth, advice: Advice): readonly Limit[] {
  const graph = new Graph(view.state.resources);
  const growing = parts.filter(
    (part) => part.group?.system === part.system && growth.demand(part.system, part.flow, 0) !== undefined,
  );
  return view.state.resources
    .filter(({ type }) => type === RESOURCE_QUOTA)
    .flatMap((quota) => {
      const cluster = graph.nearest(quota.provider, EKS_CLUSTER)?.urn ?? quota.provider ?? "";
      const namespace = namespaceOf(graph, quota);
      const inside = (group: PodGroup | undefined): boolean =>
        group?.cluster === cluster && group.namespace === namespace;
      const first = growing.find(({ group }) => inside(group));
      if (first === undefined) return [];
      const groups = view.groups.filter((group) => inside(group) && !group.perNode);
      const hard = plain(plain(quota.inputs["spec"])["hard"]);
      return COUNTED.flatMap(({ hard: name, amount, unit, measure }): Limit[] => {
        const limit = kubernetesQuantity(
          hard[name] ?? (name === "pods" ? undefined : hard[name.replace("requests.", "")]),
        );
        if (limit === undefined) return [];
        return [
          {
            system: first.system,
            region: first.region,
            measure: `${measure} ${namespace}`,
            limit: rounded(limit / unit),
            needed: (month) =>
              rounded(groups.reduce((sum, group) => sum + growth.count(group, month) * amount(group), 0) / unit),
            advice: advice.ofQuota(namespace, name),
          },
        ];
      });
    });
}

/** Nodes are never filled to the last core. Stated: what bin packing leaves free at the sizes that pods have here. */
const FILL = 0.8;

/** The vCPU quotas that nodes count against. https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html */
const VCPU_QUOTAS = { standard: "L-1216C47A", gpu: "L-DB2E81BA" };

/** Today's nodes by packing, and for what comes on top as many as its cores, memory or pods fill. */
function nodes(
  cluster: ClusterNodes,
  growth: Growth,
  advice: Advice,
  quotas: readonly QuotaReport[],
): readonly Limit[] {
  const today = pack(
    cluster,
    (group) => growth.count(group, 0),
    pack(cluster, ({ replicas: { min } }) => min),
  );
  const isElastic = cluster.pools.some(({ kind }) => kind === "node pool");
  const growing = cluster.pools.filter(({ kind }) => !isElastic || kind === "node pool");
  const homes = growing.map((pool) => ({
    pool,
    groups: cluster.groups.filter((group) => homeOf(group, growing) === pool),
  }));
  const limits = homes.flatMap(({ pool, groups }) => poolLimit(pool, groups, today, growth, advice));
  return [...limits.map(({ limit }) => limit), ...vcpuLimits(cluster, limits, advice, quotas)];
}

interface PoolLimit {
  readonly type: NodeType;
  readonly limit: Limit;
}

/** What tolerates a pool's taints could run there and need not: the first that takes everybody is home. */
function homeOf(group: PodGroup, pools: readonly Pool[]): Pool | undefined {
  return group.perNode ? undefined : pools.find((pool) => (group.size.gpus > 0 || !pool.gpus) && pool.admits(group));
}

function poolLimit(
  pool: Pool,
  groups: readonly PodGroup[],
  today: Packed,
  growth: Growth,
  advice: Advice,
): readonly PoolLimit[] {
  const type = today.filled.find((one) => one.pool === pool)?.type ?? pool.types([])[0];
  const limit = type && pool.most(type);
  if (type === undefined || limit === undefined || !Number.isFinite(limit)) return [];
  const first = today.filled.find((one) => one.pool === pool)?.nodes ?? 0;
  const more = (month: number, amount: (group: PodGroup) => number): number =>
    groups.reduce((sum, group) => sum + (growth.count(group, month) - growth.count(group, 0)) * amount(group), 0);
  const needed = (month: number): number =>
    first +
    ceiling(
      Math.max(
        more(month, ({ size }) => size.cpu) / (type.free.cpu * FILL),
        more(month, ({ size }) => size.memory) / (type.free.memory * FILL),
        more(month, () => 1) / (type.free.pods * FILL),
        more(month, ({ size }) => size.gpus) / (type.free.gpus ?? Infinity),
      ),
    );
  const { region, name, kind } = pool;
  return [
    {
      type,
      limit: {
        system: SHARED,
        region,
        measure: `nodes of ${kind} ${name}`,
        limit,
        needed,
        advice: advice.ofNodes(pool),
      },
    },
  ];
}

function vcpuLimits(
  { region, pools }: ClusterNodes,
  limits: readonly PoolLimit[],
  advice: Advice,
  quotas: readonly QuotaReport[],
): readonly Limit[] {
  return Object.entries(VCPU_QUOTAS).flatMap(([kind, code]): Limit[] => {
    const quota = quotas.find((one) => one.code === code && one.scope === region);
    const own = limits.filter(({ type }) => (type.free.gpus ?? 0) > 0 === (kind === "gpu"));
    if (quota === undefined || own.length === 0) return [];
    const elastic = pools.some((pool) => pool.kind === "node pool");
    return [
      {
        system: SHARED,
        region,
        measure: `AWS quota ${quota.quota} (${quota.code})`,
        limit: quota.limit,
        // the quota's use knows node groups; what Karpenter makes comes on top
        needed: (month) =>
          quota.used +
          own.reduce(
            (sum, { type, limit }) => sum + type.vcpu * (limit.needed(month) - (elastic ? 0 : limit.needed(0))),
            0,
          ),
        advice: advice.ofAwsQuota(quota.code, region),
      },
    ];
  });
}

function placesOf(all: readonly Placement[]): readonly Placement[] {
  return grouped(all, ({ system, region }) => `${system} ${region}`).flatMap(([first]) =>
    first === undefined ? [] : [{ system: first.system, region: first.region }],
  );
}

function grouped<T>(all: readonly T[], key: (one: T) => string): readonly (readonly T[])[] {
  const found = new Map<string, T[]>();
  for (const one of all) found.set(key(one), [...(found.get(key(one)) ?? []), one]);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, ones]) => ones);
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
