import type { HelmAddon } from "./addon.ts";
import { MONITORING_NAMESPACE } from "./network.ts";

/** https://github.com/prometheus-community/helm-charts/blob/prometheus-operator-crds-31.0.1/charts/prometheus-operator-crds/values.yaml */
export interface PrometheusOperatorCrdsValues {
  readonly crds: { readonly annotations: Readonly<Record<string, string>> };
}

/** A release of their own: other add-ons make ServiceMonitors long before there are nodes for a Prometheus. */
export const prometheusOperatorCrds: HelmAddon<PrometheusOperatorCrdsValues> = {
  name: "prometheus-operator-crds",
  why: "The kinds ServiceMonitor, PrometheusRule and so on, ahead of all that makes such objects",
  needs: [],
  namespace: MONITORING_NAMESPACE,
  network: () => ({ flows: [] }),
  unmeasured: "it has no pods",
  podSecurity: "privileged",
  release: {
    chart: "prometheus-operator-crds",
    repository: "https://prometheus-community.github.io/helm-charts",
    // Of operator 0.93, as kube-prometheus-stack 88 runs it.
    version: "31.0.1",
    source: "https://github.com/randomcoww/homelab/pull/1109",
  },
  // Kept when the release is removed: with a kind all its objects would go. https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource
  values: () => ({ crds: { annotations: { "helm.sh/resource-policy": "keep" } } }),
};
