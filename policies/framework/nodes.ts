import { allocatable, instanceType } from "@groundwork/lib/instances";
import type { Allocatable, InstanceType } from "@groundwork/lib/instances";
import { EKS_CLUSTER } from "./kubernetes.ts";
import type { Cluster } from "./kubernetes.ts";
import { at, listAt, numberAt, textAt, unknownAt } from "./known.ts";
import type { Resource } from "./policy.ts";
import type { Stack } from "./stack.ts";

export const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
export const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";

/** Nodes that come without a node group: what they can hold is not to be told from a node group's size. */
const ELASTIC = ["aws:eks/fargateProfile:FargateProfile", /^kubernetes:karpenter\.sh\/v\w+:NodePool$/] as const;

/** What tells which nodes a cluster has. */
export const POOL_TYPES = [EKS_CLUSTER, NODE_GROUP, LAUNCH_TEMPLATE, ...ELASTIC] as const;

/** EKS's own default. https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html */
const DEFAULT_INSTANCE_TYPE = "t3.medium";

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
  const groups = stack.ofType(NODE_GROUP).filter((group) => belongsTo(stack, group, eks, control));
  return elastic || groups.length === 0 ? undefined : groups.map((group) => toPool(stack, group));
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

/** Instance types that the catalogue does not have, in the policy config's notation. */
export type ExtraTypes = Readonly<Record<string, { vcpu: number; memoryGiB: number; maxPods: number }>>;

/**
 * What a node of the pool leaves to pods; the weakest of its instance types, because any may be launched. The name of the
 * type that nobody knows, where there is one.
 */
export function nodeOf(pool: NodePool, extra: ExtraTypes): Allocatable | string {
  const found: Allocatable[] = [];
  for (const name of pool.instanceTypes) {
    const type = lookUp(name, extra);
    if (!type) return name;
    found.push(allocatable(type));
  }
  return {
    cpu: Math.min(...found.map(({ cpu }) => cpu)),
    memory: Math.min(...found.map(({ memory }) => memory)),
    pods: Math.min(...found.map(({ pods }) => pods)),
  };
}

function lookUp(name: string, extra: ExtraTypes): InstanceType | undefined {
  const own = Object.hasOwn(extra, name) ? extra[name] : undefined;
  return own ? { vcpu: own.vcpu, memory: own.memoryGiB * 2 ** 30, maxPods: own.maxPods } : instanceType(name);
}
