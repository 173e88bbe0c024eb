import type { HelmAddon } from "./addon.ts";
import { isMonitored, resources } from "./context.ts";
import type { Placement, Resources } from "./context.ts";

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
const REPOSITORY = "https://cloudnative-pg.github.io/charts";

export const cloudnativePg: HelmAddon<CloudNativePgValues> = {
  name: "cloudnative-pg",
  why: "Runs PostgreSQL in the cluster: fails over, replaces, upgrades and pools it",
  needs: [],
  namespace: CNPG_NAMESPACE,
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
  release: {
    chart: "plugin-barman-cloud",
    repository: REPOSITORY,
    version: "0.8.0",
    source: "https://github.com/cloudnative-pg/charts/releases/tag/plugin-barman-cloud-v0.8.0",
  },
  // one: its chart knows no way to update but to stop the old one first; archiving goes on beside the servers without it
  values: (context) => ({ resources: resources("50m", "128Mi"), ...context.placement }),
};
