import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";
import { memoryText } from "../framework/format.ts";
import { HIDING_TYPES } from "../framework/hidden.ts";
import { clustersOf, NAMESPACE, namespaceOf, RESOURCE_QUOTA, SCALERS, WORKLOAD } from "../framework/kubernetes.ts";
import type { Cluster, Workload } from "../framework/kubernetes.ts";
import { at, listAt, plainAt, textAt, unknownAt } from "../framework/known.ts";
import { nodesAtLeast, POOL_TYPES } from "../framework/nodes.ts";
import { stackPolicy } from "../framework/policy.ts";
import type { Report, Resource } from "../framework/policy.ts";
import type { Stack } from "../framework/stack.ts";
import { COUNTED_TYPES, ofObjects, perPod } from "./quota-counts.ts";
import type { Counting } from "./quota-counts.ts";

export const namespaceWorkloadsFitQuota = stackPolicy({
  name: "namespace-workloads-fit-quota",
  family: "resource-limits",
  severity: "high",
  level: "mandatory",
  description:
    "The workloads of a namespace fit its quota, those of Helm releases and custom resources too: at their minimum always, at their autoscalers' maximum as advice.",
  why: "What does not fit is rejected by the API server one pod at a time: the update succeeds, and replicas or a rollout silently stay behind.",
  fix: "Raise the quota, or lower replicas, autoscaler bounds or requests. At the maximum one rolling update more must fit.",
  control: {
    name: "Kubernetes: resource quotas; AWS EKS best practices: multi-tenancy quotas",
    url: "https://kubernetes.io/docs/concepts/policy/resource-quotas/",
  },
  settings: {},
  types: [NAMESPACE, RESOURCE_QUOTA, WORKLOAD, ...SCALERS, ...HIDING_TYPES, ...COUNTED_TYPES, ...POOL_TYPES],
  checkStack(stack, _settings, report) {
    for (const cluster of clustersOf(stack)) {
      const inside = Map.groupBy(cluster.resources, (resource) => namespaceOf(stack, resource, cluster.resources));
      for (const quota of cluster.resources.filter(({ type }) => type === RESOURCE_QUOTA)) {
        // a scoped quota counts only some pods, by priority class or quality of service
        if (listAt(quota.inputs, "spec.scopes").length > 0 || at(quota.inputs, "spec.scopeSelector") !== undefined)
          continue;
        checkQuota(stack, cluster, quota, inside, report);
      }
    }
  },
});

function checkQuota(
  stack: Stack,
  cluster: Cluster,
  quota: Resource,
  inside: ReadonlyMap<string, readonly Resource[]>,
  report: Report,
): void {
  const namespace = namespaceOf(stack, quota, cluster.resources);
  const workloads = cluster.workloads.filter((workload) => workload.namespace === namespace);
  const name = textAt(quota.inputs, "metadata.name") ?? quota.name;
  const perNode = nodesAtLeast(stack, cluster);
  let exceeded = false;
  for (const [key, value] of Object.entries(plainAt(quota.inputs, "spec.hard"))) {
    const limit = kubernetesQuantity(value);
    if (limit === undefined) continue;
    const counting = perPod(key);
    const need = counting ? ofPods(workloads, counting, perNode) : objects(inside.get(namespace) ?? [], key);
    if (need === undefined) continue;
    const text = counting?.text ?? (key === "requests.storage" ? memoryText : String);
    const say = (needed: number, when: string) =>
      `The workloads need ${text(needed)} of ${key} ${when}, more than the ${text(limit)} of ResourceQuota ${name}; raise the quota to at least that, or lower replicas or requests.`;
    if (need.least > limit) {
      exceeded = true;
      report.violation(say(need.least, counting ? "at their minimum" : "together"), quota.urn);
    } else if (need.most > limit) {
      report.advice(say(need.most, "at their maximum and in a rolling update there"), quota.urn);
    }
  }
  if (!exceeded) reportUnknown(quota, name, workloads, report);
}

interface Need {
  readonly least: number;
  readonly most: number;
}

function ofPods(workloads: readonly Workload[], { of }: Counting, perNode: number): Need {
  const sum = (count: (workload: Workload) => number | undefined) =>
    round(workloads.reduce((total, workload) => total + (count(workload) ?? perNode) * of(workload), 0));
  const rolling = Math.max(0, ...workloads.map((workload) => surge(workload) * of(workload)));
  return { least: sum(({ min }) => min), most: round(sum(({ max }) => max) + rolling) };
}

function objects(inside: readonly Resource[], key: string): Need | undefined {
  const total = ofObjects(key, inside);
  return total === undefined ? undefined : { least: total, most: total };
}

/** What is not known can only add to the sums, so it matters where they did not exceed the quota yet. */
function reportUnknown(quota: Resource, name: string, workloads: readonly Workload[], report: Report): void {
  const unknown = unknownAt(quota.unknown, "spec.hard");
  if (unknown !== undefined) report.undecided(unknown, `whether the workloads fit ResourceQuota ${name}`, quota.urn);
  for (const workload of workloads) {
    if (workload.unknown === undefined) continue;
    report.undecided(
      `${workload.unknown} of ${workload.resource.name}`,
      `whether it fits ResourceQuota ${name}`,
      quota.urn,
    );
  }
}

/** Pods that a rolling update makes before it deletes old ones; a quarter, rounded up, by default. https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#max-surge */
function surge({ kind, resource, hidden, max }: Workload): number {
  if (
    kind !== "Deployment" ||
    hidden ||
    max === undefined ||
    textAt(resource.inputs, "spec.strategy.type") === "Recreate"
  )
    return 0;
  const written = at(resource.inputs, "spec.strategy.rollingUpdate.maxSurge") ?? "25%";
  if (typeof written === "number") return written;
  const [, percent] = typeof written === "string" ? (/^(\d+)%$/.exec(written) ?? []) : [];
  return percent === undefined ? 0 : Math.ceil((max * Number(percent)) / 100);
}

/** Sums of tenths must not exceed a quota by the seventeenth digit. */
function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
