import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources } from "./context.ts";
import type { Placement, Resources } from "./context.ts";
import { EVERY_POD, fromApiServer, prometheusOn, tcp, toApis } from "./network.ts";

/** What we set of https://github.com/cloudnative-pg/charts/blob/cloudnative-pg-v0.29.1/charts/cloudnative-pg/values.yaml */
interface CloudNativePgValues extends Placement {
  /** Operators; one leads, the others wait to. */
  readonly replicaCount: number;
  readonly resources: Resources;
  readonly monitoring: { readonly podMonitorEnabled: boolean };
  /** Settings of the operator. https://cloudnative-pg.io/docs/1.30/operator_conf#available-options */
  readonly config: {
    readonly data: {
      /** Whether a new operator exchanges the instance managers without restarting the servers. */
      readonly ENABLE_INSTANCE_MANAGER_INPLACE_UPDATES: "true" | "false";
      /** Seconds between two clusters' roll-outs after an upgrade, so that not all fail over at once. */
      readonly CLUSTERS_ROLLOUT_DELAY: string;
    };
  };
}

/** Where operator and plug-in are: the operator finds plug-ins in its own namespace only. */
export const CNPG_NAMESPACE = "cnpg-system";
const OPERATOR = { "app.kubernetes.io/name": "cloudnative-pg" };
const PLUGIN = { "app.kubernetes.io/name": "plugin-barman-cloud" };
/** https://github.com/cloudnative-pg/charts/blob/plugin-barman-cloud-v0.8.0/charts/plugin-barman-cloud/templates/deployment.yaml */
const PLUGIN_PORT = 9090;
const REPOSITORY = "https://cloudnative-pg.github.io/charts";

export const cloudnativePg: HelmAddon<CloudNativePgValues> = {
  name: "cloudnative-pg",
  why: "Runs PostgreSQL in the cluster: fails over, replaces, upgrades and pools it",
  needs: [],
  after: ["prometheus-operator-crds"],
  namespace: CNPG_NAMESPACE,
  network: (context) => ({
    flows: [
      { ...toApis(OPERATOR), name: "operator-apis" },
      {
        name: "operator",
        pods: OPERATOR,
        ingress: [fromApiServer(context, 9443), ...prometheusOn(context, 8080)],
        egress: [{ pods: { labels: PLUGIN }, port: PLUGIN_PORT }],
      },
    ],
    // Instances' managers, in whatever namespace a cluster is. https://cloudnative-pg.io/docs/1.30/networking
    policies: {
      instances: {
        podSelector: { matchLabels: OPERATOR },
        policyTypes: ["Egress"],
        egress: [{ to: [EVERY_POD], ports: tcp(8000) }],
      },
    },
  }),
  release: {
    chart: "cloudnative-pg",
    repository: REPOSITORY,
    version: "0.29.1",
    source: "https://github.com/cloudnative-pg/charts/releases/tag/cloudnative-pg-v0.29.1",
  },
  values: (context) => ({
    replicaCount: context.replicas,
    resources: resources("100m", "256Mi"),
    monitoring: { podMonitorEnabled: isMonitored(context) },
    config: { data: { ENABLE_INSTANCE_MANAGER_INPLACE_UPDATES: "true", CLUSTERS_ROLLOUT_DELAY: "60" } },
    ...context.placement,
  }),
};

/** What we set of https://github.com/cloudnative-pg/charts/blob/plugin-barman-cloud-v0.8.0/charts/plugin-barman-cloud/values.yaml */
interface BarmanValues extends Placement {
  readonly resources: Resources;
}

/** Since 1.26 the operator's own archiving is deprecated and the plug-in does it; 1.31 will have no other. */
export const barmanCloud: HelmAddon<BarmanValues> = {
  name: "cloudnative-pg-barman",
  why: "Archives PostgreSQL's WAL and base backups to S3, and restores from there",
  // the two speak mutual TLS with certificates of cert-manager
  needs: ["cloudnative-pg", "cert-manager"],
  namespace: CNPG_NAMESPACE,
  unmeasured: "what it archives is among PostgreSQL's own metrics",
  network: () => ({
    flows: [
      { ...toApis(PLUGIN), name: "plugin-apis" },
      { name: "plugin", pods: PLUGIN, ingress: [{ pods: { labels: OPERATOR }, port: PLUGIN_PORT }] },
    ],
  }),
  release: {
    chart: "plugin-barman-cloud",
    repository: REPOSITORY,
    version: "0.8.0",
    source: "https://github.com/cloudnative-pg/charts/releases/tag/plugin-barman-cloud-v0.8.0",
  },
  // one: its chart knows no way to update but to stop the old one first; archiving goes on beside the servers without it
  values: (context) => ({ resources: resources("50m", "128Mi"), ...context.placement }),
};
