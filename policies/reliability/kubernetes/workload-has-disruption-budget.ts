import { DISRUPTION_BUDGET, label, namespaceOf } from "../../framework/kubernetes.ts";
import { EXEMPT } from "../../framework/pod-specs.ts";
import { stackPolicy } from "../../framework/policy.ts";
import { fits } from "../../framework/settings.ts";
import { lastingIn, selects, WORKLOAD_TYPES } from "./workloads.ts";

export const workloadHasDisruptionBudget = stackPolicy({
  name: "workload-has-disruption-budget",
  family: "reliability",
  severity: "medium",
  level: "mandatory",
  description: "Every workload of more than one pod has a PodDisruptionBudget.",
  why: "An upgrade of the nodes evicts all pods of a workload at once unless a budget keeps some of them.",
  fix: "Add a PodDisruptionBudget with `maxUnavailable: 1` whose selector takes the pods' labels.",
  control: {
    name: "AWS EKS best practices: reliability, pod disruption budgets",
    url: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
  },
  settings: { exempt: EXEMPT },
  types: [...WORKLOAD_TYPES, DISRUPTION_BUDGET],
  checkStack(stack, { exempt }, report) {
    for (const { cluster, workloads } of lastingIn(stack)) {
      const budgets = cluster.resources
        .filter(({ type }) => DISRUPTION_BUDGET.test(type))
        .map((budget) => ({ ...budget, namespace: namespaceOf(stack, budget, cluster.resources) }));
      for (const workload of workloads.filter(({ namespace }) => !fits(namespace, exempt))) {
        const { resource, namespace, least } = workload;
        if (least < 2 || workload.pod.partial) continue;
        const found = budgets
          .filter((budget) => budget.namespace === namespace)
          .map((budget) => ({ budget, takes: selects({ ...budget, path: "spec.selector.matchLabels" }, workload) }));
        if (found.some(({ takes }) => takes === true)) continue;
        const open = found.find(({ takes }) => takes === undefined)?.budget;
        if (open) {
          report.undecided(
            `spec.selector of ${open.name}`,
            `whether ${label(open)} is for ${label(resource)}`,
            resource.urn,
          );
        } else {
          report.violation(
            `${label(resource)} has ${least} pods and no PodDisruptionBudget; add one in namespace ${namespace} that selects them, with maxUnavailable 1.`,
            resource.urn,
          );
        }
      }
    }
  },
});
