import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources, RESTRICTED_CONTAINER, RESTRICTED_POD } from "./context.ts";
import type { MonitorValues, PlacementValues, ResourceValues, SecurityValues } from "./common-values.ts";
import { prometheusOn, measured, toApis } from "./network.ts";

/** https://github.com/argoproj/argo-helm/blob/argo-rollouts-2.41.0/charts/argo-rollouts/values.yaml */
export interface ArgoRolloutsValues {
  readonly installCRDs: true;
  /** Stays when the release is removed: with the kind every Rollout and its pods would go. */
  readonly keepCRDs: true;
  readonly controller: PlacementValues & {
    readonly replicas: number;
    readonly resources: ResourceValues;
    readonly pdb: { readonly enabled: boolean; readonly minAvailable: number };
    readonly metrics: { readonly enabled: boolean; readonly serviceMonitor: MonitorValues };
  };
  readonly podSecurityContext: SecurityValues;
  readonly containerSecurityContext: SecurityValues;
  /** Has no login of its own. */
  readonly dashboard: { readonly enabled: false };
}

export const argoRollouts: HelmAddon<ArgoRolloutsValues> = {
  name: "argo-rollouts",
  why: "Blue-green and canary releases that go back by themselves",
  needs: ["coredns"],
  after: ["prometheus-operator-crds"],
  namespace: "argo-rollouts",
  network: (context) => ({
    flows: [
      toApis(),
      ...measured(prometheusOn(context, 8090)),
      // Analyses of a release ask it.
      ...(isMonitored(context) ? [{ name: "prometheus", pods: {}, egress: prometheusOn(context, 9090) }] : []),
    ],
  }),
  release: {
    chart: "argo-rollouts",
    repository: "https://argoproj.github.io/argo-helm",
    version: "2.41.0",
    source: "https://github.com/adfinis/helm-charts/pull/1890",
  },
  values: (context) => ({
    installCRDs: true,
    keepCRDs: true,
    controller: {
      ...context.placement,
      replicas: context.replicas,
      resources: resources("50m", "128Mi", { cpu: "500m", memory: "256Mi" }),
      pdb: { enabled: context.replicas > 1, minAvailable: 1 },
      metrics: { enabled: isMonitored(context), serviceMonitor: { enabled: isMonitored(context) } },
    },
    podSecurityContext: RESTRICTED_POD,
    containerSecurityContext: RESTRICTED_CONTAINER,
    dashboard: { enabled: false },
  }),
};
