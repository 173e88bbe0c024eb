import type { Size } from "@groundwork/lib/quantity";
import type { DockerBackup } from "../../components/backup/docker.ts";
import { dashboardsOf } from "../../components/monitoring/dashboards/index.ts";
import type { MonitoredTarget, MonitoringSizes } from "../../components/monitoring/docker.ts";
import { DockerMonitoring } from "../../components/monitoring/docker.ts";
import { DockerGrafana } from "../../components/monitoring/grafana.ts";
import type { watchContainers } from "../../components/monitoring/logs/containers.ts";
import { DockerLogs } from "../../components/monitoring/logs/docker.ts";
import { DockerLogShipper } from "../../components/monitoring/logs/shipper.ts";
import type { MonitoredSystem } from "../../components/monitoring/rules/groups.ts";
import { DockerRedisCluster } from "../../components/redis/cluster.ts";
import type { Autoscaling, TierName, WorkloadSpec } from "../../components/workload/spec.ts";
import type { DockerConfig } from "../config.ts";
import type { DockerForm, MonitoringForm, System } from "../systems/system.ts";
import type { NamedNetworks } from "./networks.ts";
import type { SystemTiers } from "./tiers.ts";

/** A system, and what was made of it so far. */
export interface MonitoredParts {
  readonly system: System;
  readonly form: DockerForm;
  readonly tiers: SystemTiers;
  readonly backup: DockerBackup | undefined;
  readonly networks: NamedNetworks;
  /** Everything that runs, for the log shipper. */
  readonly containers: ReturnType<typeof watchContainers>;
}

/** For the some dozen containers of a laptop. */
const LAPTOP_SIZES: Partial<MonitoringSizes> = { prometheus: { cpu: 0.25, memory: "256Mi" } };
const GRAFANA: Size = { cpu: 0.25, memory: "256Mi" };
const SHIPPER: Size = { cpu: 0.1, memory: "256Mi" };
const LOGS = {
  elasticsearch: { cpu: 0.5, memory: "1Gi" },
  logstash: { cpu: 0.25, memory: "768Mi" },
  kibana: { cpu: 0.25, memory: "768Mi" },
} as const satisfies Readonly<Record<string, Size>>;

/** Prometheus, Alertmanager, Grafana, exporters and, where the system wants it, its logs. @returns addresses on the host */
export function systemMonitoring(parts: MonitoredParts, config: DockerConfig): readonly string[] {
  const { system, form, tiers, networks } = parts;
  if (form.monitoring === undefined) return [];
  const all = networks.named(form.networks.map(({ name }) => name));
  const common = { system: system.name, networks: all, protect: config.protect };
  const monitoring = new DockerMonitoring(`${system.name}-monitoring`, {
    ...common,
    targets: targetsOf(parts, config),
    rules: rulesOf(parts),
    engine: config.engine,
    ...(config.size === "laptop" && { sizes: LAPTOP_SIZES }),
    hostPort: form.monitoring.prometheusPort,
    alertmanagerHostPort: form.monitoring.alertmanagerPort,
  });
  const logs = systemLogs(parts, form.monitoring, common);
  const grafana = new DockerGrafana(`${system.name}-grafana`, {
    ...common,
    size: GRAFANA,
    hostPort: form.monitoring.grafanaPort,
    dashboards: dashboardsOf(dashboards(system)),
    prometheus: monitoring.endpoint,
    alertmanager: monitoring.alertmanager,
    ...(tiers.postgres && { postgres: tiers.postgres }),
    ...(tiers.redis && { redis: tiers.redis }),
    ...(logs && { elasticsearch: logs.reader }),
  });
  return [monitoring.url, grafana.url, ...(logs === undefined ? [] : [logs.url])];
}

function systemLogs(
  { system, networks, containers }: MonitoredParts,
  { kibanaPort }: MonitoringForm,
  common: Pick<ConstructorParameters<typeof DockerLogs>[1], "system" | "networks" | "protect">,
): DockerLogs | undefined {
  if (kibanaPort === undefined) return undefined;
  const joined = networks.named(["monitoring"]);
  const logs = new DockerLogs(`${system.name}-logs`, {
    ...common,
    networks: joined,
    sizes: LOGS,
    hostPort: kibanaPort,
  });
  new DockerLogShipper(`${system.name}-logs-shipper`, {
    system: system.name,
    size: SHIPPER,
    networks: joined,
    logstash: logs.shipTo,
    containers: containers(system.name),
  });
  return logs;
}

function targetsOf({ system, tiers, backup }: MonitoredParts, { target }: DockerConfig): MonitoredTarget[] {
  const workloads = system.workloads.map(({ name, ports, health }): MonitoredTarget => ({
    part: name,
    // Swarm answers a service's own name with one virtual address, and `tasks.` with every replica's
    hosts: [target === "swarm" ? `tasks.${system.name}-${name}` : name],
    port: ports[0]?.containerPort ?? health.port,
    discovery: "dns",
  }));
  const endpoints = Object.entries(tiers) as [TierName, NonNullable<SystemTiers[TierName]>][];
  const exported = endpoints.flatMap(([tier, { metrics }]): MonitoredTarget[] => {
    if (metrics === undefined) return [];
    if (tiers[tier] instanceof DockerRedisCluster) return [redisTarget(tiers[tier], metrics)];
    return [{ part: tier, tier, hosts: [metrics.host], port: metrics.port }];
  });
  const backups = Object.entries(backup?.metrics ?? {}).map(([tier, { host, port }]): MonitoredTarget => ({
    part: `backup-${tier}`,
    hosts: [host],
    port,
  }));
  return [...workloads, ...exported, ...backups];
}

/** One exporter tells of all servers of a cluster. https://github.com/oliver006/redis_exporter#prometheus-configuration-to-scrape-multiple-redis-hosts */
function redisTarget(
  { nodes, endpoint }: DockerRedisCluster,
  metrics: { host: MonitoredTarget["hosts"][number]; port: number },
): MonitoredTarget {
  return {
    part: "redis",
    tier: "redis",
    hosts: nodes,
    port: endpoint.port,
    through: { host: metrics.host, port: metrics.port, path: "/scrape", scheme: "redis://" },
  };
}

function rulesOf({ system, form, backup }: MonitoredParts): MonitoredSystem {
  const clusters: readonly string[] = form.clusters ?? [];
  const tiers = Object.keys(system.tiers).map((tier) => [tier, clusters.includes(tier) ? "replicated" : "single"]);
  return {
    tiers: Object.fromEntries(tiers) as MonitoredSystem["tiers"],
    parts: system.workloads.map(({ name, replicas }) => ({
      part: name,
      ...(typeof replicas === "object" && { replicas }),
    })),
    watchers: ["node", "containers"],
    ...(system.pipeline && { pipeline: system.pipeline }),
    ...(system.chat && { chat: system.chat }),
    ...(backup && { backups: Object.keys(backup.metrics) as TierName[] }),
    ...(form.backup?.everyHours !== undefined && { backupEveryHours: form.backup.everyHours }),
  };
}

function dashboards({ name, tiers, workloads, pipeline, chat }: System): Parameters<typeof dashboardsOf>[0] {
  const scaled = workloads.find(({ replicas }) => typeof replicas === "object");
  return {
    system: name,
    tiers: Object.keys(tiers) as TierName[],
    ...(pipeline && { pipeline: { items: name, goal: pipeline.itemsPerHour } }),
    ...(scaled && { agents: agents(scaled) }),
    ...(chat && {
      chat: { hitGoal: chat.hitRatio, concurrency: chat.concurrent, limit: chat.latencySeconds },
    }),
  };
}

/** The rules of the autoscaler as shares, as the dashboard draws them. */
function agents({ name, replicas }: WorkloadSpec) {
  const rules = typeof replicas === "object" ? replicas : { cpuPercent: 100 };
  const {
    cpuPercent,
    memoryPercent = 100,
    scaleDownPercent = cpuPercent / 2,
  }: Omit<Autoscaling, "min" | "max"> = rules;
  return {
    worker: name,
    scaleOut: { cpu: cpuPercent / 100, memory: memoryPercent / 100 },
    scaleIn: scaleDownPercent / 100,
  };
}
