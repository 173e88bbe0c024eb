import type * as pulumi from "@pulumi/pulumi";
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
import type { DockerSecretDriftChecker } from "../../components/secret-drift/docker.ts";
import { PART as SECRET_DRIFT } from "../../components/secret-drift/spec.ts";
import type { DockerTraces } from "../../components/monitoring/traces.ts";
import { DockerMongodbCluster } from "../../components/mongodb/cluster.ts";
import { DockerPostgresCluster } from "../../components/postgres/cluster.ts";
import type { Postgres } from "../../components/postgres/spec.ts";
import { DockerRedisCluster } from "../../components/redis/cluster.ts";
import type { Endpoint, TierName } from "../../components/workload/spec.ts";
import type { DockerConfig } from "../config.ts";
import { receiversOf } from "../receivers.ts";
import { observed, pictured } from "../systems/observed.ts";
import type { DockerForm, MonitoringForm, System } from "../systems/system.ts";
import type { NamedNetworks } from "./networks.ts";
import type { SystemTiers } from "./tiers.ts";

/** A system, and what was made of it so far. */
export interface MonitoredParts {
  readonly system: System;
  readonly form: DockerForm;
  readonly tiers: SystemTiers;
  readonly backup: DockerBackup | undefined;
  readonly secretDrift: DockerSecretDriftChecker | undefined;
  readonly traces: DockerTraces | undefined;
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
  kibana: { cpu: 0.25, memory: "1Gi" },
} as const satisfies Readonly<Record<string, Size>>;

/** What people need to look at it. */
export interface MonitoringAccess {
  /** Addresses on the host. */
  readonly urls: readonly string[];
  /** Passwords by page and user; Pulumi secrets. */
  readonly passwords: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Prometheus, Alertmanager, Grafana, exporters and, where the system wants it, its logs. */
export function systemMonitoring(parts: MonitoredParts, config: DockerConfig): MonitoringAccess {
  const { system, form, tiers, traces, networks } = parts;
  if (form.monitoring === undefined) return { urls: [], passwords: {} };
  const all = networks.named(form.networks.map(({ name }) => name));
  const common = { system: system.name, networks: all, protect: config.protect };
  const monitoring = new DockerMonitoring(`${system.name}-monitoring`, {
    ...common,
    targets: targetsOf(parts, config),
    rules: rulesOf(parts),
    engine: config.engine,
    receivers: receiversOf(config.alerts),
    ...(config.size === "laptop" && { sizes: LAPTOP_SIZES }),
    hostPort: form.monitoring.prometheusPort,
    alertmanagerHostPort: form.monitoring.alertmanagerPort,
    ...(config.runbookUrl !== undefined && { runbooks: config.runbookUrl }),
  });
  const logs = systemLogs(parts, form.monitoring, common);
  const grafana = new DockerGrafana(`${system.name}-grafana`, {
    ...common,
    size: GRAFANA,
    hostPort: form.monitoring.grafanaPort,
    dashboards: dashboardsOf({
      ...pictured(system),
      tiers: Object.keys(system.tiers) as TierName[],
      secretDrift: parts.secretDrift !== undefined,
    }),
    prometheus: monitoring.endpoint,
    alertmanager: monitoring.alertmanager,
    ...(tiers.postgres?.readOnly && { postgres: readOnly(tiers.postgres, tiers.postgres.readOnly) }),
    ...(tiers.redis && { redis: tiers.redis }),
    ...(logs && { elasticsearch: logs.reader }),
    ...(traces && { traces: traces.query }),
  });
  return {
    urls: [monitoring.url, grafana.url, ...(logs === undefined ? [] : [logs.url])],
    passwords: {
      "grafana (admin)": grafana.secret,
      ...(logs && { "kibana (elastic)": logs.secret }),
    },
  };
}

/** Whoever edits a dashboard sends any SQL: as a user who can only read. */
function readOnly(
  { readers, database, sslMode }: Postgres,
  { user, secret }: NonNullable<Postgres["readOnly"]>,
): ConstructorParameters<typeof DockerGrafana>[1]["postgres"] {
  return { readers, database, sslMode, user, secret };
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

function targetsOf(
  { system, tiers, backup, secretDrift, traces }: MonitoredParts,
  { target }: DockerConfig,
): MonitoredTarget[] {
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
    const component = tiers[tier];
    if (component instanceof DockerRedisCluster || component instanceof DockerMongodbCluster)
      return [clusterTarget(tier, component, metrics)];
    if (component instanceof DockerPostgresCluster) return postgresTargets(component);
    return [{ part: tier, tier, hosts: [metrics.host], port: metrics.port }];
  });
  const backups = Object.entries(backup?.metrics ?? {}).map(([tier, { host, port }]): MonitoredTarget => ({
    part: `backup-${tier}`,
    hosts: [host],
    port,
  }));
  const collector = traces && { part: "traces", hosts: [traces.metrics.host], port: traces.metrics.port };
  const checker = secretDrift && {
    part: SECRET_DRIFT,
    hosts: [secretDrift.metrics.host],
    port: secretDrift.metrics.port,
  };
  return [...workloads, ...exported, ...backups, ...(checker ? [checker] : []), ...(collector ? [collector] : [])];
}

/**
 * One exporter tells of all servers of a cluster.
 * https://github.com/oliver006/redis_exporter#prometheus-configuration-to-scrape-multiple-redis-hosts
 */
function clusterTarget(
  tier: TierName,
  { nodes, endpoint }: DockerRedisCluster | DockerMongodbCluster,
  { host, port }: Endpoint,
): MonitoredTarget {
  const through = { host, port, path: "/scrape", scheme: tier === "redis" ? "redis://" : "mongodb://" };
  return { part: tier, tier, hosts: nodes, port: endpoint.port, through };
}

/** The proxy tells who leads and who is up, the exporter what the leader does. */
function postgresTargets({ metrics, proxyMetrics }: DockerPostgresCluster): MonitoredTarget[] {
  return [
    { part: "postgres", tier: "postgres", hosts: [metrics.host], port: metrics.port },
    { part: "postgres-proxy", tier: "postgres", hosts: [proxyMetrics.host], port: proxyMetrics.port },
  ];
}

function rulesOf({ system, form, backup, secretDrift }: MonitoredParts): MonitoredSystem {
  const clusters: readonly string[] = form.clusters ?? [];
  const tiers = Object.keys(system.tiers).map((tier) => [tier, clusters.includes(tier) ? "replicated" : "single"]);
  return {
    tiers: Object.fromEntries(tiers) as MonitoredSystem["tiers"],
    ...observed(system, system.workloads),
    watchers: ["node", "containers", ...(secretDrift ? (["secret-drift"] as const) : [])],
    ...(backup && { backups: Object.keys(backup.metrics) as TierName[] }),
    ...(form.backup?.everyHours !== undefined && { backupEveryHours: form.backup.everyHours }),
  };
}
