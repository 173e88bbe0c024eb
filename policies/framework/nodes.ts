import { EKS_CLUSTER, LAUNCH_TEMPLATE, NODE_GROUP, NODE_POOL } from "@groundwork/lib/capacity/kinds";
import { DEFAULT_INSTANCE_TYPE, nodeSize } from "@groundwork/lib/capacity/node-size";
import type { ExtraTypes } from "@groundwork/lib/capacity/node-size";
import type { Allocatable } from "@groundwork/lib/instances";
import type { Cluster } from "./kubernetes.ts";
import { at, listAt, numberAt, textAt, unknownAt } from "./known.ts";
import type { Resource } from "./policy.ts";
import type { Stack } from "./stack.ts";

export { LAUNCH_TEMPLATE, NODE_GROUP };

/** Nodes that come without a node group: what they can hold is not to be told from a node group's size. */
const ELASTIC = ["aws:eks/fargateProfile:FargateProfile", NODE_POOL] as const;

/** What tells which nodes a cluster has. */
export const POOL_TYPES = [EKS_CLUSTER, NODE_GROUP, LAUNCH_TEMPLATE, ...ELASTIC] as const;

export interface NodePool {
  readonly resource: Resource;
  readonly name: string;
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly instanceTypes: readonly string[];
  /** The first input that decides its size and is not known yet. */
  readonly unknown?: string;
}

/** The node groups of a cluster; `undefined` where they do not bound it: there are none here, or nodes come on demand. */
export function poolsOf(stack: Stack, cluster: Cluster): readonly NodePool[] | undefined {
  const { eks } = cluster;
  if (eks === undefined) return undefined;
  const control = stack.ofType(EKS_CLUSTER).find(({ urn }) => urn === eks);
  const elastic =
    cluster.resources.some(({ type }) => ELASTIC[1].test(type)) ||
    stack.ofType(ELASTIC[0]).some(({ urn }) => stack.nearest(urn, EKS_CLUSTER).includes(eks)) ||
    at(control?.inputs, "computeConfig.enabled") === true;
  const groups = groupsOf(stack, cluster);
  return elastic || groups.length === 0 ? undefined : groups;
}

/** The node groups of a cluster, whatever else brings nodes. */
export function groupsOf(stack: Stack, { eks }: Cluster): readonly NodePool[] {
  if (eks === undefined) return [];
  const control = stack.ofType(EKS_CLUSTER).find(({ urn }) => urn === eks);
  const groups = stack.ofType(NODE_GROUP).filter((group) => belongsTo(stack, group, eks, control));
  return groups.map((group) => toPool(stack, group));
}

/** How many nodes a cluster has at the least: one where nobody can tell. */
export function nodesAtLeast(stack: Stack, cluster: Cluster): number {
  const pools = poolsOf(stack, cluster) ?? [];
  return Math.max(
    1,
    pools.reduce((total, { min }) => total + (min ?? 0), 0),
  );
}

function belongsTo(stack: Stack, group: Resource, cluster: string, control: Resource | undefined): boolean {
  const through = stack.nearest(group.urn, EKS_CLUSTER, "clusterName");
  if (through.length > 0) return through.includes(cluster);
  const name = textAt(group.inputs, "clusterName");
  return name !== undefined && name === textAt(control?.inputs, "name");
}

function toPool(stack: Stack, resource: Resource): NodePool {
  const [template] = stack.nearest(resource.urn, LAUNCH_TEMPLATE, "launchTemplate");
  const launch = stack.ofType(LAUNCH_TEMPLATE).find(({ urn }) => urn === template);
  const written = listAt(resource.inputs, "instanceTypes").filter((type) => typeof type === "string");
  const fromTemplate = textAt(launch?.inputs, "instanceType");
  const unknown =
    unknownAt(resource.unknown, "scalingConfig", "instanceTypes") ??
    (launch && unknownAt(launch.unknown, "instanceType", "instanceRequirements"));
  return {
    resource,
    name: textAt(resource.inputs, "nodeGroupName") ?? resource.name,
    min: numberAt(resource.inputs, "scalingConfig.minSize"),
    max: numberAt(resource.inputs, "scalingConfig.maxSize"),
    instanceTypes: written.length > 0 ? written : [fromTemplate ?? DEFAULT_INSTANCE_TYPE],
    ...(unknown !== undefined && { unknown }),
  };
}

/** What a node of the pool leaves to pods, or the name of the instance type that nobody knows. */
export function nodeOf(pool: NodePool, extra: ExtraTypes): Allocatable | string {
  return nodeSize(pool.instanceTypes, extra);
}
