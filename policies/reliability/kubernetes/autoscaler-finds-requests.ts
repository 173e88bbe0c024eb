import { AUTOSCALER, label } from "../../framework/kubernetes.ts";
import { at, listAt, plainAt, textAt, unknownAt } from "../../framework/known.ts";
import { pathOf, unknownIn } from "../../framework/pod-specs.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Report, Resource } from "../../framework/policy.ts";
import { lastingIn, WORKLOAD_TYPES } from "./workloads.ts";
import type { Lasting } from "./workloads.ts";

export const autoscalerFindsRequests = stackPolicy({
  name: "autoscaler-finds-requests",
  family: "reliability",
  severity: "high",
  level: "mandatory",
  description: "Every container that an autoscaler scales by utilization has a request of that resource.",
  why: "Utilization is use divided by the request: where one container has none, the autoscaler knows nothing and scales nothing.",
  fix: "Set `resources.requests` for each container of the workload, sidecars too, or scale by `averageValue`.",
  control: {
    name: "Kubernetes: how a HorizontalPodAutoscaler works",
    url: "https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#how-does-a-horizontalpodautoscaler-work",
  },
  settings: {},
  types: WORKLOAD_TYPES,
  checkStack(stack, _settings, report) {
    for (const workload of lastingIn(stack).flatMap(({ workloads }) => workloads)) {
      const { scaler } = workload;
      if (!scaler || !AUTOSCALER.test(scaler.type)) continue;
      const unknown = unknownAt(scaler.unknown, "spec.metrics");
      if (unknown !== undefined) report.undecided(unknown, `what ${label(scaler)} scales by`, scaler.urn);
      for (const metric of utilizations(scaler)) checkRequests(workload, scaler, metric, report);
    }
  },
});

/** The resources whose utilization an autoscaler looks at, each in all containers or in one. */
interface Utilization {
  readonly resource: string;
  readonly container?: string;
}

/** Metrics that do not fit into the first version of the API. */
const METRICS = "autoscaling.alpha.kubernetes.io/metrics";

function utilizations({ inputs, unknown }: Resource): Utilization[] {
  const written = listAt(inputs, "spec.metrics").flatMap((metric): Utilization[] => {
    const source = at(metric, "resource") ?? at(metric, "containerResource");
    const resource = textAt(source, "name");
    if (resource === undefined || at(source, "target.averageUtilization") === undefined) return [];
    const container = textAt(source, "container");
    return [{ resource, ...(container !== undefined && { container }) }];
  });
  const isOpen = unknownAt(unknown, "spec.metrics", "metadata.annotations") !== undefined;
  const hasMetrics = listAt(inputs, "spec.metrics").length > 0 || METRICS in plainAt(inputs, "metadata.annotations");
  // https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/ (metrics)
  if (!isOpen && !hasMetrics) return [{ resource: "cpu" }];
  // the first version of the API knew CPU alone
  return at(inputs, "spec.targetCPUUtilizationPercentage") === undefined ? written : [...written, { resource: "cpu" }];
}

function checkRequests(
  { pod, resource: { urn } }: Lasting,
  scaler: Resource,
  metric: Utilization,
  report: Report,
): void {
  for (const container of pod.containers.filter(({ kind }) => kind === "container" || kind === "sidecar")) {
    if (metric.container !== undefined && container.fields["name"] !== metric.container) continue;
    const field = `resources.requests.${metric.resource}`;
    // a request that is not written equals the limit
    const given = at(container.fields, field) ?? at(container.fields, `resources.limits.${metric.resource}`);
    if (given !== undefined) continue;
    const unknown = unknownIn(container, field, `resources.limits.${metric.resource}`);
    if (unknown !== undefined) report.undecided(unknown, `whether ${label(scaler)} can scale ${container.name}`, urn);
    else {
      report.violation(
        `${container.name} has no ${metric.resource} request, by which ${label(scaler)} scales; set ${pathOf(container, field)}.`,
        urn,
      );
    }
  }
}
