import { plain } from "../expanders/read.ts";
import { kubernetesQuantity } from "../kubernetes-quantity.ts";
import type { Placement } from "../placement.ts";
import { SHARED } from "../placement.ts";
import type { QuotaReport } from "../rehearsal-report.ts";
import { Advice } from "./advice.ts";
import { connectionLimits } from "./connection-limits.ts";
import { Graph, namespaceOf } from "./graph.ts";
import type { Growth } from "./growth.ts";
import { EKS_CLUSTER, RESOURCE_QUOTA } from "./kinds.ts";
import type { Limit } from "./limit.ts";
import { grouped, placesOf, rounded } from "./limit.ts";
import { nodeLimits } from "./node-limits.ts";
import type { ClusterNodes } from "./nodes.ts";
import type { Part } from "./parts.ts";
import type { PodGroup } from "./pods.ts";
import type { View } from "./view.ts";

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
    ...connectionLimits(view, placesOf(parts), growth, advice),
    ...storage(view, growth, advice),
    ...namespaces(view, parts, growth, advice),
    ...clusters.flatMap((cluster) => nodeLimits(cluster, growth, advice, quotas)),
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
