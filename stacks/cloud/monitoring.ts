import { MONITORING_NAMESPACE } from "../../components/cluster/addons/network.ts";
import type * as pulumi from "@pulumi/pulumi";
import type { AddonName } from "../../components/cluster/addons/names.ts";
import { dashboardsOf } from "../../components/monitoring/dashboards/index.ts";
import { secretDriftDashboard } from "../../components/monitoring/dashboards/secret-drift.ts";
import { ClusterMonitoring, PLATFORM } from "../../components/monitoring/kubernetes-cluster.ts";
import type { ClusterMonitoringArgs } from "../../components/monitoring/kubernetes-cluster.ts";
import { KubernetesMonitoring } from "../../components/monitoring/kubernetes.ts";
import type { MonitoredSystem } from "../../components/monitoring/rules/groups.ts";
import type { TierName, WorkloadSpec } from "../../components/workload/spec.ts";
import { databaseOf } from "../config/cloud-data.ts";
import { sizeOf } from "../config/cloud-tiers.ts";
import type { CloudConfig } from "../config/types.ts";
import { receiversOf } from "../receivers.ts";
import { observed, pictured } from "../systems/observed.ts";
import type { Place } from "./place.ts";
import { prometheusUrl } from "./platform.ts";
import type { Platform } from "./platform.ts";
import type { TierPlace } from "./tier.ts";

/** Where runbooks are when the stack says nothing: in this repository. */
const RUNBOOKS = "docs/runbooks";

/** Add-ons that there are alerts for. */
const WATCHED: Readonly<Partial<Record<AddonName, ClusterMonitoringArgs["watchers"][number]>>> = {
  "cert-manager": "certificates",
  velero: "cluster-backups",
};

/** Alerts of what all systems of a region stand on, and who is told; nothing where no Prometheus runs. */
export function createClusterMonitoring(config: CloudConfig, { region, cluster }: Place, platform: Platform): void {
  if (prometheusUrl(platform) === undefined) return;
  const hasChecker = config.secretDrift?.runs === "deployment";
  new ClusterMonitoring(
    `${region.name}-monitoring`,
    {
      namespace: MONITORING_NAMESPACE,
      systems: config.systems.map(({ name }) => name),
      watchers: [
        ...[...platform.installed].flatMap((addon) => WATCHED[addon] ?? []),
        ...(hasChecker ? (["secret-drift"] as const) : []),
      ],
      dashboards: hasChecker ? [secretDriftDashboard(PLATFORM)] : [],
      ...common(config),
    },
    { providers: [cluster.kubernetes], dependsOn: [...platform.ready] },
  );
}

/** Alerts and dashboards of a system in one region, and who is told; nothing where no Prometheus runs. */
export function createSystemMonitoring(
  { config, system, place, platform }: TierPlace,
  workloads: readonly WorkloadSpec[],
  namespace: pulumi.Resource,
): void {
  if (prometheusUrl(platform) === undefined) return;
  const inCluster = tiersInCluster({ config, system });
  const tierNamespaces = inCluster.map((tier) => `${system.name}-${tier}`);
  new KubernetesMonitoring(
    `${place.region.name}-${system.name}-monitoring`,
    {
      system: system.name,
      namespace: system.name,
      tierNamespaces,
      rules: { ...observed(system, workloads), ...watched(inCluster) },
      dashboards: dashboardsOf({
        ...pictured(system),
        tiers: inCluster.filter((tier) => tier !== "postgres"),
        namespaces: tierNamespaces,
      }),
      ...common(config),
    },
    { providers: [place.cluster.kubernetes], dependsOn: [namespace, ...platform.ready] },
  );
}

/** The others are AWS's, which tells CloudWatch of them: alarms there stand for rules here. */
function tiersInCluster({ config, system: { name, tiers } }: Pick<TierPlace, "config" | "system">): TierName[] {
  const isHere: Readonly<Record<TierName, boolean>> = {
    postgres: databaseOf(config.database, name).engine === "cloudnative-pg",
    redis: false,
    mongodb: true,
    rabbitmq: sizeOf(config.brokers, name).kind === "operator",
  };
  return (Object.keys(tiers) as TierName[]).filter((tier) => tiers[tier] !== undefined && isHere[tier]);
}

/** CloudNativePG has metrics of its own in place of an exporter's. */
function watched(inCluster: readonly TierName[]): Pick<MonitoredSystem, "tiers" | "watchers"> {
  const has = (tier: TierName): boolean => inCluster.includes(tier);
  return {
    tiers: {
      ...(has("rabbitmq") && { rabbitmq: "single" }),
      ...(has("mongodb") && { mongodb: "replicated" }),
    },
    watchers: [
      "pods",
      ...(inCluster.length > 0 ? (["volumes"] as const) : []),
      ...(has("postgres") ? (["cloudnative-pg"] as const) : []),
    ],
  };
}

function common({ alerts, runbookUrl }: CloudConfig) {
  const receivers = receiversOf(alerts);
  return {
    runbooks: { base: runbookUrl ?? RUNBOOKS },
    ...(Object.keys(receivers).length > 0 && { receivers }),
  };
}
