import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources } from "./context.ts";
import type { MonitorValues } from "./common-values.ts";
import { onlyApis } from "./network.ts";
import type { Placement, Resources } from "./context.ts";

/** What we set of https://github.com/CloudPirates-io/helm-charts/blob/main/charts/rabbitmq-cluster-operator/values.yaml */
interface RabbitmqOperatorValues {
  readonly clusterOperator: Placement & {
    readonly replicaCount: number;
    readonly resources: Resources;
    /** Validation by a webhook, which needs certificates; the API server checks the schema without it. */
    readonly webhook: { readonly enabled: boolean };
    /** The chart's own would open every port to everybody, and everything to the operator. */
    readonly networkPolicy: { readonly enabled: false };
    readonly metrics: { readonly podMonitor: MonitorValues };
  };
  /** The operator for queues and users as custom resources; we import definitions instead, as on Docker. */
  readonly msgTopologyOperator: { readonly enabled: boolean };
}

/**
 * RabbitMQ publishes its operator as one manifest and no chart (https://github.com/rabbitmq/cluster-operator/issues/1637),
 * Bitnami's chart runs images that are no longer public; this one is signed, kept up to date and runs upstream's.
 */
export const rabbitmqOperator: HelmAddon<RabbitmqOperatorValues> = {
  name: "rabbitmq-cluster-operator",
  why: "Runs RabbitMQ in the cluster: forms clusters, keeps quorums while it upgrades",
  needs: [],
  after: ["prometheus-operator-crds"],
  namespace: "rabbitmq-system",
  network: onlyApis(9782),
  release: {
    chart: "oci://registry-1.docker.io/cloudpirates/rabbitmq-cluster-operator",
    version: "0.6.16",
    source:
      "https://github.com/CloudPirates-io/helm-charts/blob/rabbitmq-cluster-operator-0.6.16/charts/rabbitmq-cluster-operator/README.md",
  },
  values: (context) => ({
    clusterOperator: {
      replicaCount: context.replicas,
      resources: resources("50m", "128Mi", { memory: "256Mi" }),
      webhook: { enabled: false },
      networkPolicy: { enabled: false },
      metrics: { podMonitor: { enabled: isMonitored(context) } },
      ...context.placement,
    },
    msgTopologyOperator: { enabled: false },
  }),
};
