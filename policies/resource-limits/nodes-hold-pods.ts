import { unplaced } from "@groundwork/lib/capacity/packing";
import type { NodeKind, PodKind } from "@groundwork/lib/capacity/packing";
import type { ExtraTypes } from "@groundwork/lib/capacity/node-size";
import type { Allocatable } from "@groundwork/lib/instances";
import { effectiveRequests } from "@groundwork/lib/pods";
import { counted } from "@groundwork/lib/counted";
import { cores, listed, memoryText } from "../framework/format.ts";
import { HIDING_TYPES, MANAGED_ADDON } from "../framework/hidden.ts";
import { clustersOf, NAMESPACE, SCALERS, WORKLOAD } from "../framework/kubernetes.ts";
import type { Cluster, Workload } from "../framework/kubernetes.ts";
import { nodeOf, POOL_TYPES, poolsOf } from "../framework/nodes.ts";
import type { NodePool } from "../framework/nodes.ts";
import { stackPolicy } from "../framework/policy.ts";
import type { Report } from "../framework/policy.ts";
import { bytes, memory, number } from "../framework/settings.ts";
import type { Setting, Values } from "../framework/settings.ts";

const instanceTypes: Setting<ExtraTypes> = {
  default: {},
  schema: {
    type: "object",
    description: "Instance types beyond the built-in m, c, r and t families, by name.",
    default: {},
    additionalProperties: {
      type: "object",
      properties: { vcpu: { type: "number" }, memoryGiB: { type: "number" }, maxPods: { type: "number" } },
      required: ["vcpu", "memoryGiB", "maxPods"],
      additionalProperties: false,
    },
  },
};

const settings = {
  addOnCpu: number(
    0.2,
    "Cores of each node that EKS add-ons request (aws-node, kube-proxy, EBS CSI, CoreDNS's share), where the stack does not manage them.",
  ),
  addOnMemory: memory("256Mi", "Memory of each node that EKS add-ons request, where the stack does not manage them."),
  addOnPods: number(4, "Pods of each node that are EKS add-ons, where the stack does not manage them."),
  instanceTypes,
};

export const nodesHoldPods = stackPolicy({
  name: "nodes-hold-pods",
  family: "resource-limits",
  severity: "high",
  level: "mandatory",
  description:
    "A cluster's node groups, at their maximum size, hold the pods: at their minimum always, at the autoscalers' maximum as advice.",
  why: "Pods that fit no node stay pending: the update hangs until it times out, or an autoscaler adds replicas that never run.",
  fix: "Raise maxSize or the instance type of the node group, or lower replicas or requests.",
  control: {
    name: "AWS EKS best practices: compute and autoscaling; AWS Well-Architected REL07",
    url: "https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html",
  },
  settings,
  types: [WORKLOAD, ...SCALERS, ...HIDING_TYPES, NAMESPACE, ...POOL_TYPES],
  checkStack(stack, values, report) {
    for (const cluster of clustersOf(stack)) {
      const pools = poolsOf(stack, cluster);
      const [urn] = pools?.map(({ resource }) => resource.urn) ?? [];
      if (pools && urn !== undefined && cluster.workloads.length > 0) checkCluster(cluster, pools, urn, values, report);
    }
  },
});

function checkCluster(
  cluster: Cluster,
  pools: readonly NodePool[],
  urn: string,
  values: Values<typeof settings>,
  report: Report,
): void {
  const nodes = nodesOf(cluster, pools, values, report);
  if (!nodes) return;
  const fixed = cluster.workloads.filter(({ min }) => min !== undefined);
  const atLeast = unplaced(
    nodes,
    podKinds(fixed, ({ min }) => min),
  );
  const atMost =
    atLeast.length > 0
      ? []
      : unplaced(
          nodes,
          podKinds(fixed, ({ max }) => max),
        );
  const size = counted(
    nodes.reduce((total, { count }) => total + count, 0),
    "node",
  );
  const say = (left: typeof atLeast, when: string) =>
    `${left.length > 0 ? listed(left.map(({ kind, count }) => `${counted(count, "pod")} of ${kind.name} (${cores(kind.cpu)}, ${memoryText(kind.memory)})`)) : ""} find no room on the ${size} of ${listed(pools.map(({ name }) => name))} ${when}; raise maxSize or the instance type, or lower requests.`;
  if (atLeast.length > 0) report.violation(say(atLeast, "even at the minimum of all workloads"), urn);
  else if (atMost.length > 0) report.advice(say(atMost, "when the autoscalers reach their maximum"), urn);
  if (atLeast.length === 0) reportUnknown(cluster, urn, report);
}

/** The nodes at their most, each less what runs on every node; `undefined` when that cannot be told. */
function nodesOf(
  cluster: Cluster,
  pools: readonly NodePool[],
  values: Values<typeof settings>,
  report: Report,
): NodeKind[] | undefined {
  const nodes: NodeKind[] = [];
  for (const pool of pools) {
    const node = nodeOf(pool, values.instanceTypes);
    if (pool.unknown !== undefined || pool.max === undefined) {
      report.undecided(
        pool.unknown ?? "scalingConfig.maxSize",
        `whether node group ${pool.name} holds the pods`,
        pool.resource.urn,
      );
      return undefined;
    }
    if (typeof node === "string") {
      report.advice(
        `Node group ${pool.name} has the instance type ${node}, which is not in the catalogue; add it to nodes-hold-pods.instanceTypes in the policy config.`,
        pool.resource.urn,
      );
      return undefined;
    }
    nodes.push({ count: pool.max, free: less(node, cluster, values) });
  }
  return nodes;
}

/** Add-ons that the stack manages are among the workloads. */
function less(node: Allocatable, cluster: Cluster, values: Values<typeof settings>): Allocatable {
  const everywhere = cluster.workloads.filter(({ min }) => min === undefined);
  const isManaged = cluster.resources.some(({ type }) => type === MANAGED_ADDON);
  const addOn = isManaged
    ? { cpu: 0, memory: 0, pods: 0 }
    : { cpu: values.addOnCpu, memory: bytes(values.addOnMemory), pods: values.addOnPods };
  const sizes = everywhere.map(({ pods }) => effectiveRequests(pods));
  return {
    cpu: node.cpu - addOn.cpu - sizes.reduce((total, { cpu }) => total + (cpu ?? 0), 0),
    memory: node.memory - addOn.memory - sizes.reduce((total, size) => total + (size.memory ?? 0), 0),
    pods: node.pods - addOn.pods - sizes.length,
  };
}

function podKinds(workloads: readonly Workload[], count: (workload: Workload) => number | undefined): PodKind[] {
  return workloads.map((workload) => {
    const { cpu = 0, memory: size = 0 } = effectiveRequests(workload.pods);
    return { name: workload.name, count: count(workload) ?? 0, cpu, memory: size };
  });
}

function reportUnknown(cluster: Cluster, urn: string, report: Report): void {
  for (const { unknown, resource } of cluster.workloads) {
    if (unknown !== undefined)
      report.undecided(`${unknown} of ${resource.name}`, "whether the nodes hold its pods", urn);
  }
}
