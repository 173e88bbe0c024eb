import { NODE_POOL } from "@groundwork/lib/capacity/kinds";
import { effectiveRequests } from "@groundwork/lib/pods";
import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";
import { cores, listed, memoryText } from "../framework/format.ts";
import { HIDING_TYPES } from "../framework/hidden.ts";
import { clustersOf, label, NAMESPACE, SCALERS, WORKLOAD } from "../framework/kubernetes.ts";
import type { Cluster, Workload } from "../framework/kubernetes.ts";
import { plainAt, unknownAt } from "../framework/known.ts";
import { groupsOf, nodeOf, POOL_TYPES } from "../framework/nodes.ts";
import type { NodePool } from "../framework/nodes.ts";
import { stackPolicy } from "../framework/policy.ts";
import type { Report, Resource } from "../framework/policy.ts";

const AMOUNTS = ["cpu", "memory"] as const;

export const nodePoolsAreBounded = stackPolicy({
  name: "node-pools-are-bounded",
  family: "resource-limits",
  severity: "high",
  level: "mandatory",
  description:
    "Each Karpenter NodePool has limits, and with the node groups they hold the cluster's pods: at their minimum always, at the autoscalers' maximum as advice.",
  why: "A NodePool without limits buys nodes without end; with limits that are too low the autoscalers ask for pods that stay pending.",
  fix: "Set spec.limits of the NodePool to what the pods may need together and the budget allows.",
  control: {
    name: "AWS EKS best practices: Karpenter, create limits",
    url: "https://docs.aws.amazon.com/eks/latest/best-practices/karpenter.html",
  },
  settings: {},
  types: [WORKLOAD, ...SCALERS, ...HIDING_TYPES, NAMESPACE, ...POOL_TYPES],
  checkStack(stack, _settings, report) {
    for (const cluster of clustersOf(stack)) {
      const pools = cluster.resources.filter(({ type }) => NODE_POOL.test(type));
      const [first] = pools;
      if (!first) continue;
      const open = pools.filter((pool) => !checkLimits(pool, report));
      if (open.length === 0) checkSums(cluster, pools, groupsOf(stack, cluster), first.urn, report);
    }
  },
});

/** Whether the limits are there and known. */
function checkLimits(pool: Resource, report: Report): boolean {
  const unknown = unknownAt(pool.unknown, "spec.limits");
  if (unknown !== undefined) {
    report.undecided(unknown, `whether ${label(pool)} is bounded`, pool.urn);
    return false;
  }
  if (Object.values(plainAt(pool.inputs, "spec.limits")).some((limit) => kubernetesQuantity(limit) !== undefined))
    return true;
  report.violation(
    `${label(pool)} has no limits, so that it may buy nodes without end; set spec.limits (for example cpu: "200", memory: 800Gi).`,
    pool.urn,
  );
  return false;
}

/** Karpenter counts whole nodes against its limits, so that what does not fit by the sums alone can never run. */
function checkSums(
  cluster: Cluster,
  pools: readonly Resource[],
  groups: readonly NodePool[],
  urn: string,
  report: Report,
): void {
  const names = listed([...pools.map(label), ...groups.map(({ name }) => `node group ${name}`)]);
  for (const amount of AMOUNTS) {
    const room = roomFor(amount, pools, groups);
    if (room === undefined) continue;
    const text = amount === "cpu" ? cores : memoryText;
    const sum = (count: (workload: Workload) => number | undefined) =>
      cluster.workloads.reduce(
        (total, workload) => total + (count(workload) ?? 0) * (effectiveRequests(workload.pods)[amount] ?? 0),
        0,
      );
    const say = (needed: number, when: string) =>
      `The pods request ${text(needed)} of ${amount} ${when}, more than the ${text(room)} that ${names} may have together; raise their limits, or lower replicas or requests.`;
    const [least, most] = [sum(({ min }) => min), sum(({ max }) => max)];
    if (least > room) report.violation(say(least, "at their minimum"), urn);
    else if (most > room) report.advice(say(most, "when the autoscalers reach their maximum"), urn);
  }
}

/** `undefined` where a pool that takes any pod has no limit of this kind, or a node group's size cannot be told. */
function roomFor(
  amount: (typeof AMOUNTS)[number],
  pools: readonly Resource[],
  groups: readonly NodePool[],
): number | undefined {
  let room = 0;
  for (const { inputs } of pools) {
    const limits = plainAt(inputs, "spec.limits");
    const limit = kubernetesQuantity(limits[amount]);
    if (limit !== undefined) room += limit;
    // one that is bounded by its GPUs alone is for the pods that ask for them
    else if (!Object.keys(limits).some((key) => key.includes("/"))) return undefined;
  }
  for (const group of groups) {
    const node = nodeOf(group, {});
    if (typeof node === "string" || group.unknown !== undefined || group.max === undefined) return undefined;
    room += group.max * node[amount];
  }
  return room;
}
