import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources } from "./context.ts";
import type { MonitorValues, PlacementValues, ResourceValues } from "./common-values.ts";
import { EVERY_POD, fromApiServer, prometheusOn, measured, tcp, toApis } from "./network.ts";
import type { AddonNetwork } from "./network.ts";
import type { AddonContext } from "./context.ts";

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

const OPERATOR = { "app.kubernetes.io/name": "keda-operator" };
const METRICS_SERVER = { app: "keda-operator-metrics-apiserver" };
const WEBHOOKS = { app: "keda-admission-webhooks" };

/** https://keda.sh/docs/2.20/operate/cluster/#firewall */
function kedaNetwork(context: AddonContext): AddonNetwork {
  return {
    flows: [
      toApis(),
      ...measured(prometheusOn(context, 8080)),
      { name: "metrics-apiserver", pods: METRICS_SERVER, ingress: [fromApiServer(context, 6443)] },
      { name: "webhooks", pods: WEBHOOKS, ingress: [fromApiServer(context, 9443)] },
      { name: "operator", pods: OPERATOR, ingress: [{ pods: { labels: METRICS_SERVER }, port: 9666 }] },
      { name: "questions", pods: METRICS_SERVER, egress: [{ pods: { labels: OPERATOR }, port: 9666 }] },
      // A broker that AWS runs, in the network's own subnets.
      { name: "managed-queues", pods: OPERATOR, egress: [{ cidrs: [context.networkCidr], port: 5671 }] },
    ],
    // What it scales by: queues, their management interface, Prometheus.
    policies: {
      sources: {
        podSelector: { matchLabels: OPERATOR },
        policyTypes: ["Egress"],
        egress: [{ to: [EVERY_POD], ports: tcp(5671, 5672, 9090, 15_672) }],
      },
    },
  };
}

export const keda: HelmAddon<KedaValues> = {
  name: "keda",
  why: "Scales workloads by what waits for them, e.g. the length of a queue",
  needs: ["coredns", "metrics-server"],
  after: ["prometheus-operator-crds"],
  namespace: "keda",
  network: kedaNetwork,
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
