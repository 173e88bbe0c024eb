import { listed } from "../framework/format.ts";
import {
  ROLLOUT,
  SCALERS,
  clustersOf,
  DISRUPTION_BUDGET,
  label,
  namespaceOf,
  podLabelsPath,
  unknownRange,
  WORKLOAD,
  NAMESPACE,
} from "../framework/kubernetes.ts";
import type { Autoscaler, Cluster, Workload } from "../framework/kubernetes.ts";
import { at, numberAt, plainAt, unknownAt } from "../framework/known.ts";
import { stackPolicy } from "../framework/policy.ts";
import type { Report, Resource } from "../framework/policy.ts";
import type { Stack } from "../framework/stack.ts";

/** What is meant to be there all the time, so that an eviction is a disruption. */
const LASTING: ReadonlySet<string> = new Set(["Deployment", "StatefulSet", "ReplicaSet", "Pod"]);

export const replicasAndDisruptionBudgetConsistent = stackPolicy({
  name: "replicas-and-disruption-budget-consistent",
  family: "resource-limits",
  severity: "medium",
  level: "mandatory",
  description:
    "Autoscaler bounds are in order, nothing sets replicas beside an autoscaler, and each disruption budget lets at least one pod go.",
  why: "A budget that never lets a pod go blocks every node upgrade; replicas beside an autoscaler undo its scaling at each update.",
  fix: "Keep minReplicas <= maxReplicas, leave spec.replicas out (or in ignoreChanges) where an autoscaler scales, and keep minAvailable below the fewest replicas (or use maxUnavailable: 1).",
  control: {
    name: "Kubernetes: disruptions, HorizontalPodAutoscaler; AWS EKS best practices: reliability",
    url: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
  },
  settings: {},
  types: [WORKLOAD, ROLLOUT, ...SCALERS, DISRUPTION_BUDGET, NAMESPACE],
  checkStack(stack, _settings, report) {
    for (const cluster of clustersOf(stack)) {
      for (const autoscaler of cluster.autoscalers) checkAutoscaler(autoscaler, report);
      for (const workload of cluster.workloads) checkReplicas(workload, report);
      const budgets = cluster.resources.filter(({ type }) => DISRUPTION_BUDGET.test(type));
      for (const budget of budgets) checkBudget(stack, cluster, budget, report);
    }
  },
});

function checkAutoscaler(autoscaler: Autoscaler, report: Report): void {
  const { resource, min, max, bounds } = autoscaler;
  const unknown = unknownRange(autoscaler);
  if (unknown !== undefined) report.undecided(unknown, `the range of ${label(resource)}`, resource.urn);
  else if (max !== undefined && min > max) {
    report.violation(
      `${label(resource)} has ${bounds.min} ${min} above ${bounds.max} ${max}; raise ${bounds.max} to at least ${min}.`,
      resource.urn,
    );
  }
}

function checkReplicas({ resource, autoscaler }: Workload, report: Report): void {
  if (!autoscaler || ignoresReplicas(resource)) return;
  const unknown = unknownAt(resource.unknown, "spec.replicas");
  if (unknown !== undefined)
    report.undecided(unknown, `whether ${label(resource)} sets replicas beside its autoscaler`, resource.urn);
  const replicas = numberAt(resource.inputs, "spec.replicas");
  if (replicas === undefined) return;
  report.violation(
    `${label(resource)} sets spec.replicas to ${replicas} while ${label(autoscaler.resource)} scales it, so each update undoes the scaling; leave spec.replicas out, or write ignoreChanges: ["spec.replicas"].`,
    resource.urn,
  );
}

/** With the option they hold for the first time only. https://www.pulumi.com/docs/iac/concepts/resources/options/ignorechanges/ */
function ignoresReplicas({ ignoreChanges = [] }: Resource): boolean {
  return ignoreChanges.some((path) => ["spec", "spec.replicas", "spec.*", "*"].includes(dotted(path)));
}

/** `["spec"]["replicas"]` is another way to write `spec.replicas`. */
function dotted(path: string): string {
  return path.replaceAll(/\["?([^"\]]+)"?\]/g, ".$1").replace(/^\./, "");
}

function checkBudget(stack: Stack, cluster: Cluster, budget: Resource, report: Report): void {
  const name = label(budget);
  const unknown = unknownAt(budget.unknown, "spec.minAvailable", "spec.maxUnavailable", "spec.selector");
  if (unknown !== undefined) report.undecided(unknown, `whether ${name} lets pods go`, budget.urn);
  const { minAvailable, maxUnavailable } = plainAt(budget.inputs, "spec");
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    report.violation(
      `${name} sets both minAvailable and maxUnavailable, which the API server refuses; keep maxUnavailable.`,
      budget.urn,
    );
  } else if (maxUnavailable === 0 || maxUnavailable === "0%" || maxUnavailable === "0") {
    report.violation(
      `${name} has maxUnavailable ${maxUnavailable}, so no pod may ever be evicted and node upgrades hang; set it to 1 or more.`,
      budget.urn,
    );
  } else if (minAvailable !== undefined) {
    checkMinAvailable(budget, minAvailable, guarded(stack, cluster, budget, report), report);
  }
}

/** The workloads whose pods the budget selects; an empty selector selects the whole namespace. */
function guarded(stack: Stack, cluster: Cluster, budget: Resource, report: Report): Workload[] {
  const namespace = namespaceOf(stack, budget, cluster.resources);
  const wanted = Object.entries(plainAt(budget.inputs, "spec.selector.matchLabels"));
  // expressions need more than one look at labels, and budgets with them are rare
  if (at(budget.inputs, "spec.selector.matchExpressions") !== undefined) return [];
  const candidates = cluster.workloads.filter(
    (workload) => workload.namespace === namespace && LASTING.has(workload.kind),
  );
  return candidates.filter(({ resource, labels }) => {
    const unknown = unknownAt(resource.unknown, podLabelsPath(resource.type));
    if (unknown !== undefined && wanted.some(([key]) => labels[key] === undefined)) {
      report.undecided(`${unknown} of ${resource.name}`, `whether ${label(budget)} selects it`, budget.urn);
    }
    return wanted.every(([key, value]) => labels[key] === value);
  });
}

/** A budget counts the pods of all workloads that it selects together. */
function checkMinAvailable(
  budget: Resource,
  minAvailable: unknown,
  workloads: readonly Workload[],
  report: Report,
): void {
  const open = workloads.map(unknownReplicas).find((path) => path !== undefined);
  if (open !== undefined) return report.undecided(open, `whether ${label(budget)} lets pods go`, budget.urn);
  const least = workloads.reduce((total, { min }) => total + (min ?? 0), 0);
  const needed = podsNeeded(minAvailable, least);
  if (least === 0 || needed === undefined || needed < least) return;
  const sizes = workloads.map(({ autoscaler, resource, min = 0 }) =>
    autoscaler ? `${label(autoscaler.resource)} goes down to ${min}` : `${label(resource)} has ${min}`,
  );
  report.violation(
    `${label(budget)} wants ${String(minAvailable)} available while ${listed(sizes)}, so no pod may be evicted and node upgrades hang; lower minAvailable or use maxUnavailable: 1.`,
    budget.urn,
  );
}

function unknownReplicas({ resource, autoscaler }: Workload): string | undefined {
  const path = autoscaler
    ? unknownAt(autoscaler.resource.unknown, `spec.${autoscaler.bounds.min}`)
    : unknownAt(resource.unknown, "spec.replicas");
  return path && `${path} of ${(autoscaler?.resource ?? resource).name}`;
}

/** A share is rounded up. https://kubernetes.io/docs/tasks/run-application/configure-pdb/#rounding-logic-when-specifying-percentages */
function podsNeeded(minAvailable: unknown, replicas: number): number | undefined {
  const [, percent] = typeof minAvailable === "string" ? (/^(\d+)%$/.exec(minAvailable) ?? []) : [];
  if (percent !== undefined) return Math.ceil((replicas * Number(percent)) / 100);
  return numberAt({ minAvailable }, "minAvailable");
}
