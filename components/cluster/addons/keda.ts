import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources } from "./context.ts";
import type { MonitorValues, PlacementValues, ResourceValues } from "./common-values.ts";

interface Replicated {
  readonly replicaCount: number;
}
interface Observed {
  readonly enabled: boolean;
  readonly serviceMonitor: MonitorValues;
}
/** Values that the chart keeps by part instead of in the part. */
interface ByPart<T> {
  readonly operator: T;
  readonly metricServer: T;
  readonly webhooks: T;
}

/** https://github.com/kedacore/charts/blob/v2.20.2/keda/values.yaml */
export interface KedaValues extends PlacementValues {
  readonly clusterName: string;
  readonly operator: Replicated;
  readonly metricsServer: Replicated;
  readonly webhooks: Replicated;
  readonly resources: ByPart<ResourceValues>;
  readonly podDisruptionBudget: ByPart<{ readonly minAvailable: number }>;
  readonly prometheus: ByPart<Observed>;
}

export const keda: HelmAddon<KedaValues> = {
  name: "keda",
  why: "Scales workloads by what waits for them, e.g. the length of a queue",
  needs: ["coredns", "metrics-server"],
  after: ["prometheus-operator-crds"],
  namespace: "keda",
  release: {
    chart: "keda",
    repository: "https://kedacore.github.io/charts",
    version: "2.20.2",
    source: "https://github.com/kedacore/keda-olm-operator/issues/332",
  },
  values: (context) => {
    const replicated = { replicaCount: context.replicas };
    const budget = { minAvailable: context.replicas > 1 ? 1 : 0 };
    const observed = { enabled: isMonitored(context), serviceMonitor: { enabled: isMonitored(context) } };
    return {
      ...context.placement,
      clusterName: context.clusterName,
      operator: replicated,
      metricsServer: replicated,
      webhooks: replicated,
      resources: {
        operator: resources("100m", "128Mi", { cpu: "1", memory: "512Mi" }),
        metricServer: resources("50m", "128Mi", { cpu: "500m", memory: "512Mi" }),
        webhooks: resources("20m", "64Mi", { cpu: "200m", memory: "128Mi" }),
      },
      podDisruptionBudget: { operator: budget, metricServer: budget, webhooks: budget },
      prometheus: { operator: observed, metricServer: observed, webhooks: observed },
    };
  },
};
