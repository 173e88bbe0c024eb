import { parser } from "@prometheus-io/lezer-promql";

/** What tells Prometheus something in a cluster of ours, where that is written, and what of it rules and dashboards may ask for. */
export interface MetricSource {
  readonly source: string;
  readonly metrics: readonly string[];
}

const histogram = (name: string) => ["bucket", "count", "sum"].map((suffix) => `${name}_${suffix}`);

export const IN_CLUSTER: Readonly<Record<string, MetricSource>> = {
  "Prometheus itself, of every target": {
    source: "https://prometheus.io/docs/concepts/jobs_instances/#automatically-generated-labels-and-time-series",
    metrics: ["up"],
  },
  "the reference service, by the workloads' ServiceMonitors": {
    source: "components/reference/service",
    metrics: [
      ...histogram("http_request_duration_seconds"),
      ...histogram("chat_request_duration_seconds"),
      ...["http_requests_in_flight", "circuit_breaker_state", "dependency_up", "cache_requests_total"],
      ...["pipeline_items_produced_total", "pipeline_items_processed_total", "chat_requests_in_flight"],
    ],
  },
  "prom-client in the reference service": {
    source: "https://github.com/siimon/prom-client/tree/master/lib/metrics",
    metrics: [
      ...["nodejs_eventloop_lag_p99_seconds", "process_open_fds", "process_max_fds", "process_start_time_seconds"],
    ],
  },
  "cAdvisor in the kubelet": {
    // container_spec_* are dropped by the stack
    source:
      "https://github.com/prometheus-community/helm-charts/blob/kube-prometheus-stack-88.5.3/charts/kube-prometheus-stack/values.yaml (kubelet.serviceMonitor.cAdvisorMetricRelabelings)",
    metrics: [
      ...["container_cpu_usage_seconds_total", "container_memory_working_set_bytes"],
      ...["container_cpu_cfs_periods_total", "container_cpu_cfs_throttled_periods_total"],
      ...["container_network_receive_bytes_total", "container_network_transmit_bytes_total"],
    ],
  },
  "the kubelet": {
    source: "https://kubernetes.io/docs/reference/instrumentation/metrics/",
    metrics: ["kubelet_volume_stats_used_bytes", "kubelet_volume_stats_capacity_bytes"],
  },
  "kube-state-metrics": {
    source: "https://github.com/kubernetes/kube-state-metrics/tree/main/docs/metrics/workload",
    metrics: [
      ...["kube_pod_container_resource_limits", "kube_pod_container_status_restarts_total"],
      ...["kube_pod_container_status_last_terminated_reason", "kube_pod_status_unschedulable"],
      ...["status_condition", "status_current_replicas", "spec_max_replicas"].map(
        (what) => `kube_horizontalpodautoscaler_${what}`,
      ),
    ],
  },
  "node exporter": {
    source: "https://github.com/prometheus/node_exporter#enabled-by-default",
    metrics: [
      ...["cpu_seconds_total", "load5", "vmstat_oom_kill", "memory_MemAvailable_bytes", "memory_MemTotal_bytes"],
      ...["avail_bytes", "size_bytes", "files", "files_free", "readonly"].map((what) => `filesystem_${what}`),
      ...["disk_io_time_seconds_total", "filefd_allocated", "filefd_maximum"],
      ...["timex_sync_status", "timex_maxerror_seconds"],
    ].map((name) => `node_${name}`),
  },
  "RabbitMQ's own plug-in, by the ServiceMonitor of OperatorRabbitmq": {
    source: "https://github.com/rabbitmq/rabbitmq-server/blob/main/deps/rabbitmq_prometheus/metrics.md",
    metrics: [
      ...["alarms_memory_used_watermark", "alarms_free_disk_space_watermark", "consumers", "connections", "channels"],
      ...["process_resident_memory_bytes", "resident_memory_limit_bytes", "process_open_fds", "process_max_fds"],
      ...["disk_space_available_bytes", "disk_space_available_limit_bytes"],
      ...["connections_opened_total", "connections_closed_total"],
      ...["queue_messages_ready", "queue_messages_unacked"],
      ...["received", "confirmed", "delivered", "acknowledged", "redelivered"].map(
        (what) => `global_messages_${what}_total`,
      ),
      ...["unroutable_dropped", "unroutable_returned"].map((what) => `global_messages_${what}_total`),
    ].map((name) => `rabbitmq_${name}`),
  },
  "percona/mongodb_exporter, by the PodMonitor of PerconaMongodb": {
    source: "https://github.com/percona/mongodb_exporter/blob/main/exporter/v1_compatibility.go",
    metrics: [
      ...["up", "rs_members_state", "rs_members_health", "rs_members_optimeDate", "ss_connections", "ss_opcounters"],
      ...["ss_wt_cache_bytes_currently_in_the_cache", "ss_wt_cache_maximum_bytes_configured"],
      ...["ss_metrics_cursor_open", "ss_metrics_cursor_timedOut", "ss_opLatencies_latency", "ss_opLatencies_ops"],
    ].map((name) => `mongodb_${name}`),
  },
  "CloudNativePG's instances, by the PodMonitors of CloudNativePg": {
    source: "https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/config/manager/default-monitoring.yaml",
    metrics: [
      ...["up", "fencing_on", "last_collection_error", "replica_mode", "sync_replicas"].map(
        (what) => `collector_${what}`,
      ),
      ...["backends_total", "backends_waiting_total", "backends_max_tx_duration_seconds"],
      ...["in_recovery", "streaming_replicas", "lag"].map((what) => `pg_replication_${what}`),
      ...["last_failed_time", "last_archived_time"].map((what) => `pg_stat_archiver_${what}`),
      ...["pg_settings_setting", "pg_stat_database_deadlocks", "pg_database_xid_age"],
    ].map((name) => `cnpg_${name}`),
  },
  "the plug-in that archives PostgreSQL": {
    source: "https://cloudnative-pg.io/plugin-barman-cloud/docs/observability",
    metrics: ["barman_cloud_cloudnative_pg_io_last_available_backup_timestamp"],
  },
  "cert-manager": {
    source: "https://cert-manager.io/docs/devops-tips/prometheus-metrics/",
    metrics: ["expiration_timestamp_seconds", "renewal_timestamp_seconds", "ready_status"].map(
      (name) => `certmanager_certificate_${name}`,
    ),
  },
  velero: {
    source: "https://github.com/vmware-tanzu/velero/blob/main/pkg/metrics/metrics.go",
    metrics: ["velero_backup_last_successful_timestamp"],
  },
  "the secret-drift checker": {
    source: "components/secret-drift/checker/web/metrics.ts",
    metrics: [
      ...["secrets", "managed_secrets", "findings", "exposed_secrets", "unasked_scopes", "proposals"],
      ...["last_check_timestamp_seconds", "check_interval_seconds", "last_round_success", "rounds_total"],
      ...["round_duration_seconds_bucket", "api_latency_seconds", "api_latency_median_seconds"],
      ...["oldest_proposal_timestamp_seconds", "healings_total"],
    ].map((name) => `secret_drift_${name}`),
  },
};

const KNOWN = new Set(Object.values(IN_CLUSTER).flatMap(({ metrics }) => metrics));

/** Names of the metrics that a PromQL expression asks for; Grafana's window is filled in. */
export function metricsIn(expr: string): string[] {
  const query = expr.replaceAll("$__rate_interval", "1m");
  const names: string[] = [];
  parser.parse(query).iterate({
    enter: ({ name, from, to, node }) => {
      if (name === "⚠") throw new Error(`the expression "${expr}" is no PromQL`);
      if (name === "VectorSelector" && node.getChild("Identifier") === null)
        throw new Error(`the expression "${expr}" has a selector without a metric's name`);
      if (name === "Identifier" && node.parent?.name === "VectorSelector") names.push(query.slice(from, to));
    },
  });
  return names;
}

/** What nothing in the cluster tells of: an alert on it never fires, a panel of it stays empty. */
export function strangersIn(exprs: readonly string[], recorded: readonly string[]): string[] {
  return [...new Set(exprs.flatMap(metricsIn))].filter((name) => !KNOWN.has(name) && !recorded.includes(name));
}
