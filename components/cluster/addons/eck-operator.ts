import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources, RESTRICTED_CONTAINER, RESTRICTED_POD } from "./context.ts";
import type { MonitorValues, PlacementValues, ResourceValues, SecurityValues } from "./common-values.ts";
import { EVERY_POD, fromApiServer, prometheusOn, measured, tcp, toApis } from "./network.ts";

/** https://github.com/elastic/cloud-on-k8s/blob/v3.5.0/deploy/eck-operator/values.yaml */
export interface EckOperatorValues extends PlacementValues {
  readonly installCRDs: true;
  readonly replicaCount: number;
  readonly resources: ResourceValues;
  readonly podSecurityContext: SecurityValues;
  readonly securityContext: SecurityValues;
  readonly podDisruptionBudget: { readonly enabled: boolean; readonly minAvailable: number };
  /** Elastic is not told how the cluster is used. */
  readonly telemetry: { readonly disabled: true };
  readonly config: { readonly metrics: { readonly port: string } };
  /** A ServiceMonitor needs metrics by TLS, with a certificate of their own; the pods are asked instead. */
  readonly serviceMonitor: MonitorValues;
  readonly podMonitor: MonitorValues;
}

const METRICS_PORT = 8080;

export const eckOperator: HelmAddon<EckOperatorValues> = {
  name: "eck-operator",
  why: "Elasticsearch and Kibana in the cluster; off by default, as only logs that must stay searchable need it",
  needs: ["coredns", "aws-ebs-csi-driver"],
  after: ["prometheus-operator-crds"],
  namespace: "elastic-system",
  network: (context) => ({
    flows: [
      toApis(),
      ...measured(prometheusOn(context, METRICS_PORT)),
      { name: "webhook", pods: {}, ingress: [fromApiServer(context, 9443)] },
    ],
    policies: {
      elasticsearch: { podSelector: {}, policyTypes: ["Egress"], egress: [{ to: [EVERY_POD], ports: tcp(9200) }] },
    },
  }),
  release: {
    chart: "eck-operator",
    repository: "https://helm.elastic.co",
    version: "3.5.0",
    source: "https://github.com/k8s-operatorhub/community-operators/pull/8938",
  },
  values: (context) => ({
    ...context.placement,
    installCRDs: true,
    replicaCount: context.replicas,
    resources: resources("100m", "150Mi", { cpu: "1", memory: "1Gi" }),
    podSecurityContext: RESTRICTED_POD,
    securityContext: RESTRICTED_CONTAINER,
    podDisruptionBudget: { enabled: context.replicas > 1, minAvailable: 1 },
    telemetry: { disabled: true },
    config: { metrics: { port: isMonitored(context) ? String(METRICS_PORT) : "0" } },
    serviceMonitor: { enabled: false },
    podMonitor: { enabled: isMonitored(context) },
  }),
};
