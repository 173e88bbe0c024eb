import type * as pulumi from "@pulumi/pulumi";
import { ON_SYSTEM_NODES } from "../../components/cluster/addons/context.ts";
import { MONITORING_NAMESPACE } from "../../components/cluster/addons/network.ts";
import { ClusterAddons } from "../../components/cluster/addons/install.ts";
import type { AddonName } from "../../components/cluster/addons/names.ts";
import type { AddonSettings } from "../../components/cluster/addons/settings.ts";
import { NodePools } from "../../components/cluster/node-pools.ts";
import type { CloudConfig } from "../config/types.ts";
import { dnsSettings } from "./cluster-dns.ts";
import type { RecoveryStores } from "./data.ts";
import { clusterNameOf } from "./place.ts";
import type { Place } from "./place.ts";
import { escSettings } from "./secret-store.ts";

/** What runs in a region's cluster beside the systems. */
export interface Platform {
  /** What needs add-ons waits for it. */
  readonly ready: readonly pulumi.Resource[];
  readonly installed: ReadonlySet<AddonName>;
  /** Where backups of the region go; absent where the stack makes none. */
  readonly backups?: NonNullable<AddonSettings["backups"]>;
}

/** Its Prometheus, as the mesh knows it. https://github.com/prometheus-community/helm-charts/blob/main/charts/kube-prometheus-stack/templates/prometheus/serviceaccount.yaml */
export const PROMETHEUS_ACCOUNT = {
  namespace: MONITORING_NAMESPACE,
  name: "kube-prometheus-stack-prometheus",
} as const;
/** The Service of its Prometheus. https://github.com/prometheus-community/helm-charts/blob/main/charts/kube-prometheus-stack/templates/prometheus/service.yaml */
const PROMETHEUS_URL = `http://kube-prometheus-stack-prometheus.${MONITORING_NAMESPACE}:9090`;

export function createPlatform(config: CloudConfig, place: Place, recovery: RecoveryStores | undefined): Platform {
  const { region, cluster, provider } = place;
  const { addons } = config;
  const installed = new Set(addons.map(({ addon }) => addon.name));
  const backups = recovery && backupsIn(recovery, region.name);
  const clusterName = clusterNameOf(region.name);
  const component = new ClusterAddons(
    `${region.name}-addons`,
    {
      addons,
      region: region.name,
      accountId: config.awsAccountId,
      clusterName,
      vpcId: cluster.network.vpcId,
      networkCidr: cluster.network.cidr,
      keyArn: cluster.key.arn,
      domain: config.domain,
      placement: ON_SYSTEM_NODES,
      settings: {
        nodes: { nodeRoleArn: cluster.karpenter.nodeRoleArn, interruptionQueue: cluster.karpenter.interruptionQueue },
        ...(backups && { backups }),
        ...escSettings(config),
        ...dnsSettings(config),
        ...(config.traces && { tracesTo: "xray" }),
      },
    },
    { providers: [cluster.kubernetes, provider] },
  );
  if (installed.has("karpenter")) createNodePools(config, place, clusterName, component);
  return { ready: component.ready, installed, ...(backups && { backups }) };
}

/** Where Prometheus answers inside the cluster; undefined where none runs. */
export function prometheusUrl({ installed }: Platform): string | undefined {
  return installed.has("kube-prometheus-stack") ? PROMETHEUS_URL : undefined;
}

function backupsIn({ backups, key }: RecoveryStores, region: string): NonNullable<AddonSettings["backups"]> {
  const { bucket, arn } = backups.in(region);
  return { bucket, bucketArn: arn, keyArn: key.arnIn(region) };
}

/** GPU nodes only where a system asks for one. */
function createNodePools(
  { systems, workloadNodes: { gpus, ...workloads } }: CloudConfig,
  { region, cluster }: Place,
  clusterName: string,
  addons: ClusterAddons,
): void {
  const wantsGpu = systems.some((system) => system.workloads.some(({ gpu }) => gpu !== undefined));
  new NodePools(
    `${region.name}-node-pools`,
    { karpenter: cluster.karpenter, clusterName, workloads, ...(wantsGpu && { gpu: { count: gpus } }) },
    { providers: [cluster.kubernetes], dependsOn: [...addons.ready] },
  );
}
