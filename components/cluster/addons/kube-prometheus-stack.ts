import type { IPrometheusRule } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import * as random from "@pulumi/random";
import type { HelmAddon } from "./addon.ts";
import { customObject, createSecret } from "./custom.ts";
import { monitoringNetwork } from "./prometheus-stack-network.ts";
import { MONITORING_NAMESPACE } from "./network.ts";
import { prometheusStackValues } from "./prometheus-stack-values.ts";
import type { PrometheusStackValues } from "./prometheus-stack-values.ts";

/** Name of the secret with Grafana's first password. */
export const GRAFANA_SECRET = "grafana-admin";

export const kubePrometheusStack: HelmAddon<PrometheusStackValues> = {
  name: "kube-prometheus-stack",
  why: "Prometheus, Alertmanager and Grafana for the cluster and its workloads, with the systems' own alerting rules",
  needs: ["prometheus-operator-crds", "coredns", "aws-ebs-csi-driver"],
  after: ["karpenter"],
  namespace: MONITORING_NAMESPACE,
  network: monitoringNetwork,
  // The node exporter looks at the host.
  podSecurity: "privileged",
  release: {
    chart: "kube-prometheus-stack",
    repository: "https://prometheus-community.github.io/helm-charts",
    version: "88.5.3",
    source: "https://github.com/prometheus-community/helm-charts/releases/tag/kube-prometheus-stack-88.5.3",
  },
  prerequisites: (_context, scope) => {
    const password = new random.RandomPassword(
      `${scope.name}-grafana`,
      { length: 32, special: false },
      { parent: scope.parent },
    );
    return [createSecret(scope, GRAFANA_SECRET, { "admin-user": "admin", "admin-password": password.result })];
  },
  values: (context) => prometheusStackValues(context, GRAFANA_SECRET),
  objects: ({ settings }, scope) =>
    settings.rules === undefined || settings.rules.length === 0
      ? []
      : [
          customObject<IPrometheusRule>(scope, "rules", {
            apiVersion: "monitoring.coreos.com/v1",
            kind: "PrometheusRule",
            metadata: { name: "groundwork", namespace: scope.namespace },
            spec: {
              groups: settings.rules.map(({ name, rules }) => ({
                name,
                rules: rules.map((rule) => ({
                  ...rule,
                  labels: { ...rule.labels },
                  annotations: { ...rule.annotations },
                })),
              })),
            },
          }),
        ],
};
