/** Distance of two samples in seconds, and how many there are. */
export const STEP = 15;
export const SAMPLES = 41;
/** When the last sample was taken; any time will do. */
export const END = 1_760_000_400;

type Series = readonly [name: string, labels: string, perSecond: number, start?: number];

const gauge = (name: string, labels: string, value: number): Series => [name, labels, 0, value];
const counter = (name: string, labels: string, perSecond: number): Series => [name, labels, perSecond, 1];

const SERVICE = 'part="api",instance="api-1:8000"';
const REQUEST = `${SERVICE},method="GET",route="/items",status="200"`;
const POSTGRES = 'part="postgres",tier="postgres",instance="pg:9187"';
const REPLICA = 'part="postgres",tier="postgres",instance="pg2:9187"';
const DATABASE = `${POSTGRES},datname="app"`;
const REDIS = 'part="redis",tier="redis",instance="redis:9121"';
const RABBITMQ = 'part="rabbitmq",tier="rabbitmq",instance="rabbitmq:15692"';
const MONGODB = 'part="mongodb",tier="mongodb",instance="mongodb:9216"';
const MEMBER = `${MONGODB},set="rs0",member_idx="m1:27017",member_state="PRIMARY"`;
const NODE = 'part="node",instance="node:9100"';
const DISK = `${NODE},fstype="ext4",mountpoint="/"`;
const CONTAINER = 'part="api",name="s-api-1",instance="cadvisor:8080"';
const CHECKER = 'part="secret-drift",instance="checker:9464"';
const WORKER = 'part="worker",name="s-worker-1",instance="cadvisor:8080"';

/** No request has failed and nothing was rejected or missed: a panel must show 0 then, not nothing. */
const service: readonly Series[] = [
  gauge("up", SERVICE, 1),
  counter("http_request_duration_seconds_count", REQUEST, 2),
  counter("http_request_duration_seconds_bucket", `${REQUEST},le="0.1"`, 1),
  counter("http_request_duration_seconds_bucket", `${REQUEST},le="+Inf"`, 2),
  gauge("http_requests_in_flight", SERVICE, 1),
  gauge("circuit_breaker_state", `${SERVICE},dependency="postgres",state="open"`, 0),
  gauge("dependency_up", `${SERVICE},dependency="postgres"`, 1),
  counter("cache_requests_total", `${SERVICE},layer="memory",result="miss"`, 1),
  gauge("nodejs_eventloop_lag_p99_seconds", SERVICE, 0.01),
  counter("pipeline_items_produced_total", SERVICE, 6),
  counter("pipeline_items_processed_total", `${SERVICE},result="accepted"`, 5.6),
  counter("chat_request_duration_seconds_count", `${SERVICE},kind="code",result="miss"`, 1),
  counter("chat_request_duration_seconds_bucket", `${SERVICE},kind="code",result="miss",le="1"`, 1),
  counter("chat_request_duration_seconds_bucket", `${SERVICE},kind="code",result="miss",le="+Inf"`, 1),
  gauge("chat_requests_in_flight", SERVICE, 3),
];

const postgres: readonly Series[] = [
  gauge("pg_up", POSTGRES, 1),
  gauge("pg_replication_is_replica", POSTGRES, 0),
  gauge("pg_replication_is_replica", REPLICA, 1),
  gauge("pg_replication_lag_seconds", POSTGRES, 0),
  gauge("pg_replication_lag_seconds", REPLICA, 2),
  gauge("system_part:pg_connections_used:ratio", POSTGRES, 0.2),
  gauge("pg_stat_activity_count", `${DATABASE},state="active"`, 3),
  gauge("pg_stat_activity_max_tx_duration", DATABASE, 1),
  gauge("pg_database_size_bytes", DATABASE, 1e6),
  ...["xact_commit", "xact_rollback", "blks_hit", "blks_read", "deadlocks"].map((name) =>
    counter(`pg_stat_database_${name}`, DATABASE, 1),
  ),
  ...["fetched", "inserted", "updated", "deleted"].map((name) => counter(`pg_stat_database_tup_${name}`, DATABASE, 1)),
];

const redis: readonly Series[] = [
  gauge("redis_up", REDIS, 1),
  gauge("redis_memory_used_bytes", REDIS, 10),
  gauge("redis_memory_max_bytes", REDIS, 100),
  gauge("redis_connected_clients", REDIS, 1),
  gauge("redis_config_maxclients", REDIS, 10),
  gauge("redis_connected_slaves", REDIS, 1),
  gauge("redis_instance_info", `${REDIS},role="master"`, 1),
  counter("redis_commands_total", `${REDIS},cmd="get"`, 10),
  counter("redis_commands_duration_seconds_total", `${REDIS},cmd="get"`, 0.001),
  ...["keyspace_hits", "keyspace_misses", "evicted_keys", "expired_keys", "net_input_bytes", "net_output_bytes"].map(
    (name) => counter(`redis_${name}_total`, REDIS, 1),
  ),
];

const rabbitmq: readonly Series[] = [
  ...["queue_messages_ready", "queue_messages_unacked", "connections", "channels", "consumers"].map((name) =>
    gauge(`rabbitmq_${name}`, RABBITMQ, 5),
  ),
  gauge("rabbitmq_alarms_memory_used_watermark", RABBITMQ, 0),
  gauge("rabbitmq_alarms_free_disk_space_watermark", RABBITMQ, 0),
  gauge("rabbitmq_process_resident_memory_bytes", RABBITMQ, 1),
  gauge("rabbitmq_resident_memory_limit_bytes", RABBITMQ, 2),
  gauge("rabbitmq_disk_space_available_bytes", RABBITMQ, 2),
  gauge("rabbitmq_disk_space_available_limit_bytes", RABBITMQ, 1),
  counter("rabbitmq_connections_opened_total", RABBITMQ, 0.1),
  ...[
    ...["received", "confirmed", "delivered", "acknowledged", "redelivered"],
    ...["unroutable_dropped", "unroutable_returned"],
  ].map((name) => counter(`rabbitmq_global_messages_${name}_total`, `${RABBITMQ},protocol="amqp091"`, 1)),
];

const mongodb: readonly Series[] = [
  gauge("mongodb_up", MONGODB, 1),
  gauge("mongodb_rs_members_state", MEMBER, 1),
  gauge("mongodb_ss_wt_cache_bytes_currently_in_the_cache", MONGODB, 1),
  gauge("mongodb_ss_wt_cache_maximum_bytes_configured", MONGODB, 2),
  counter("mongodb_ss_opcounters", `${MONGODB},legacy_op_type="query"`, 1),
  counter("mongodb_ss_opLatencies_latency", `${MONGODB},op_type="reads"`, 1000),
  counter("mongodb_ss_opLatencies_ops", `${MONGODB},op_type="reads"`, 1),
  gauge("mongodb_ss_connections", `${MONGODB},conn_type="current"`, 1),
  gauge("mongodb_ss_metrics_cursor_open", `${MONGODB},csr_type="total"`, 1),
];

const infrastructure: readonly Series[] = [
  gauge("system_part:node_cpu_used:ratio5m", NODE, 0.3),
  gauge("system_part:node_memory_used:ratio", NODE, 0.3),
  gauge("node_filesystem_avail_bytes", DISK, 1),
  gauge("node_filesystem_size_bytes", DISK, 2),
  counter("node_cpu_seconds_total", `${NODE},cpu="0",mode="idle"`, 0.7),
  counter("node_cpu_seconds_total", `${NODE},cpu="0",mode="user"`, 0.3),
  gauge("node_load5", NODE, 1),
  counter("node_disk_read_bytes_total", `${NODE},device="sda"`, 1),
  counter("node_disk_written_bytes_total", `${NODE},device="sda"`, 1),
  ...[CONTAINER, WORKER].flatMap((labels) => [
    gauge("system_part:container_cpu_used:ratio5m", labels, 0.5),
    gauge("system_part:container_memory_used:ratio", labels, 0.5),
    counter("container_cpu_usage_seconds_total", labels, 0.5),
    gauge("container_memory_working_set_bytes", labels, 1e6),
    counter("container_cpu_cfs_throttled_periods_total", labels, 1),
    counter("container_cpu_cfs_periods_total", labels, 10),
    counter("container_network_receive_bytes_total", `${labels},interface="eth0"`, 1),
    counter("container_network_transmit_bytes_total", `${labels},interface="eth0"`, 1),
    gauge("container_start_time_seconds", labels, 1),
  ]),
];

/** Nothing differs, nothing was scanned, and nothing had to be healed. */
const secretDrift: readonly Series[] = [
  gauge("secret_drift_secrets", CHECKER, 0),
  gauge("secret_drift_managed_secrets", CHECKER, 12),
  gauge("secret_drift_last_check_timestamp_seconds", CHECKER, END - 60),
  gauge("secret_drift_findings", `${CHECKER},kind="missing",risk="high"`, 0),
  gauge("secret_drift_proposals", `${CHECKER},risk="high"`, 0),
  gauge("secret_drift_unasked_scopes", `${CHECKER},store="github"`, 0),
  gauge("secret_drift_api_latency_seconds", `${CHECKER},api="github"`, 0.4),
  gauge("secret_drift_api_latency_median_seconds", `${CHECKER},api="github"`, 0.2),
  counter("secret_drift_rounds_total", `${CHECKER},result="ok"`, 1 / 300),
  counter("secret_drift_round_duration_seconds_bucket", `${CHECKER},le="1"`, 1 / 300),
  counter("secret_drift_round_duration_seconds_bucket", `${CHECKER},le="+Inf"`, 1 / 300),
  gauge("secret_drift_healings_total", `${CHECKER},result="success"`, 0),
  gauge("secret_drift_healings_total", `${CHECKER},result="failure"`, 0),
];

const EVERY = [...service, ...postgres, ...redis, ...rabbitmq, ...mongodb, ...infrastructure, ...secretDrift];

/** What services and exporters of these systems report in ten quiet minutes, in OpenMetrics. https://prometheus.io/docs/prometheus/latest/storage/#backfilling-from-openmetrics-format */
export function openMetrics(systems: readonly string[]): string {
  const lines = EVERY.flatMap(([name, labels, perSecond, start = 0]) =>
    systems.flatMap((system) =>
      Array.from({ length: SAMPLES }, (_, index) => {
        const seconds = (index - SAMPLES + 1) * STEP;
        const value = start + perSecond * index * STEP;
        return `${name}{system="${system}",${labels}} ${value} ${END + seconds}`;
      }),
    ),
  );
  return `${lines.join("\n")}\n# EOF\n`;
}
