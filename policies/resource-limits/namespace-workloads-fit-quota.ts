import { effectiveLimits, effectiveRequests } from "@groundwork/lib/pods";
import { kubernetesQuantity } from "@groundwork/lib/kubernetes-quantity";
import { cores, counted, memoryText } from "../framework/format.ts";
import { AUTOSCALER, clustersOf, NAMESPACE, namespaceOf, RESOURCE_QUOTA, WORKLOAD } from "../framework/kubernetes.ts";
import type { Cluster, Workload } from "../framework/kubernetes.ts";
import { at, listAt, plainAt, textAt, unknownAt } from "../framework/known.ts";
import { nodesAtLeast, POOL_TYPES } from "../framework/nodes.ts";
import { stackPolicy } from "../framework/policy.ts";
import type { Report, Resource } from "../framework/policy.ts";
import type { Stack } from "../framework/stack.ts";

/** What a quota counts of a pod. `cpu` and `memory` are older names of the requests. */
const COUNTED: ReadonlyMap<
  string,
  { readonly of: (workload: Workload) => number; readonly text: (value: number) => string }
> = new Map(
  Object.entries({
    pods: { of: () => 1, text: (value) => counted(value, "pod") },
    cpu: { of: ({ pods }) => effectiveRequests(pods).cpu ?? 0, text: cores },
    "requests.cpu": { of: ({ pods }) => effectiveRequests(pods).cpu ?? 0, text: cores },
    "limits.cpu": { of: ({ pods }) => effectiveLimits(pods).cpu ?? 0, text: cores },
    memory: { of: ({ pods }) => effectiveRequests(pods).memory ?? 0, text: memoryText },
    "requests.memory": { of: ({ pods }) => effectiveRequests(pods).memory ?? 0, text: memoryText },
    "limits.memory": { of: ({ pods }) => effectiveLimits(pods).memory ?? 0, text: memoryText },
  }),
);

export const namespaceWorkloadsFitQuota = stackPolicy({
  name: "namespace-workloads-fit-quota",
  family: "resource-limits",
  severity: "high",
  level: "mandatory",
  description:
    "The workloads of a namespace fit its quota: at their minimum always, at their autoscalers' maximum as advice.",
  why: "What does not fit is rejected by the API server one pod at a time: the update succeeds, and replicas or a rollout silently stay behind.",
  fix: "Raise the quota, or lower replicas, autoscaler bounds or requests. At the maximum one rolling update more must fit.",
  control: {
    name: "Kubernetes: resource quotas; AWS EKS best practices: multi-tenancy quotas",
    url: "https://kubernetes.io/docs/concepts/policy/resource-quotas/",
  },
  settings: {},
  types: [NAMESPACE, RESOURCE_QUOTA, WORKLOAD, AUTOSCALER, ...POOL_TYPES],
  checkStack(stack, _settings, report) {
    for (const cluster of clustersOf(stack)) {
      for (const quota of cluster.resources.filter(({ type }) => type === RESOURCE_QUOTA)) {
        // a scoped quota counts only some pods, by priority class or quality of service
        if (listAt(quota.inputs, "spec.scopes").length > 0 || at(quota.inputs, "spec.scopeSelector") !== undefined)
          continue;
        checkQuota(stack, cluster, quota, report);
      }
    }
  },
});

function checkQuota(stack: Stack, cluster: Cluster, quota: Resource, report: Report): void {
  const namespace = namespaceOf(stack, quota, cluster.resources);
  const workloads = cluster.workloads.filter((workload) => workload.namespace === namespace);
  const name = textAt(quota.inputs, "metadata.name") ?? quota.name;
  const perNode = nodesAtLeast(stack, cluster);
  let exceeded = false;
  for (const [key, value] of Object.entries(plainAt(quota.inputs, "spec.hard"))) {
    const limit = kubernetesQuantity(value);
    const counting = COUNTED.get(key);
    if (limit === undefined || !counting) continue;
    const { of, text } = counting;
    const sum = (count: (workload: Workload) => number | undefined) =>
      round(workloads.reduce((total, workload) => total + (count(workload) ?? perNode) * of(workload), 0));
    const least = sum(({ min }) => min);
    const most = round(
      sum(({ max }) => max) + Math.max(0, ...workloads.map((workload) => surge(workload) * of(workload))),
    );
    const say = (needed: number, when: string) =>
      `The workloads need ${text(needed)} of ${key} ${when}, more than the ${text(limit)} of ResourceQuota ${name}; raise the quota to at least that, or lower replicas or requests.`;
    if (least > limit) {
      exceeded = true;
      report.violation(say(least, "at their minimum"), quota.urn);
    } else if (most > limit) {
      report.advice(say(most, "at their maximum and in a rolling update there"), quota.urn);
    }
  }
  if (!exceeded) reportUnknown(quota, name, workloads, report);
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
function surge({ kind, resource, max }: Workload): number {
  if (kind !== "Deployment" || max === undefined || textAt(resource.inputs, "spec.strategy.type") === "Recreate")
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
