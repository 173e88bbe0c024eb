import type { AlertRule, RuleGroup } from "./rule.ts";
import { flat, rising } from "./rule.ts";

/** What the instance managers tell by themselves, and of which queries. https://cloudnative-pg.io/docs/1.30/monitoring */
const METRICS = "https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/config/manager/default-monitoring.yaml";
/** Alerts after those of the project itself. */
const SAMPLES_OF_PROJECT =
  "https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/docs/src/samples/monitoring/prometheusrule.yaml";
const COLLECTOR = "https://cloudnative-pg.io/docs/1.30/monitoring";
const PLUGIN = "https://cloudnative-pg.io/plugin-barman-cloud/docs/observability";

const LABELS = 'system="s",part="postgres",tier="postgres",pod="postgres-1"';
const NODE = { system: "s", part: "postgres", tier: "postgres", pod: "postgres-1" };
const TIER = { system: "s", part: "postgres" };
const POD = { ...TIER, pod: "postgres-1" };
const USERS = 'datname!~"template.*|postgres",datname!=""';
const gauge = (name: string, value: number) => ({ [`${name}{${LABELS}}`]: flat(value) });

const connections = (used: number) => ({
  [`cnpg_backends_total{${LABELS},datname="app",state="active"}`]: flat(used),
  [`cnpg_pg_settings_setting{${LABELS},name="max_connections"}`]: flat(100),
});
const SHARE =
  'sum by (system, part, pod) (cnpg_backends_total) / on (system, part, pod) max by (system, part, pod) (cnpg_pg_settings_setting{name="max_connections"})';

const availability: readonly AlertRule[] = [
  {
    name: "CloudNativePgDown",
    expr: "cnpg_collector_up == 0",
    for: "1m",
    severity: "critical",
    summary: "PostgreSQL {{ $labels.pod }} of {{ $labels.system }} does not answer",
    description: "Its instance manager cannot connect to it for 1 min.",
    impact: "Writes fail, or after a failover one server less is left.",
    actions: [
      "See who leads and what the operator waits for: `kubectl cnpg status postgres -n <system>-postgres`.",
      "Read its log: `kubectl logs <pod> -n <system>-postgres`; look for a full volume, memory, or a fence.",
    ],
    source: COLLECTOR,
    fires: { series: gauge("cnpg_collector_up", 0), labels: NODE },
    silent: gauge("cnpg_collector_up", 1),
  },
  {
    name: "CloudNativePgFenced",
    expr: "cnpg_collector_fencing_on == 1",
    for: "5m",
    severity: "warning",
    summary: "PostgreSQL {{ $labels.pod }} of {{ $labels.system }} is fenced",
    description: "Somebody stopped it on purpose 5 min ago or longer.",
    impact: "It serves nobody; a fenced primary is not failed over.",
    actions: ["Lift the fence when the work is done: `kubectl cnpg fencing off postgres <pod> -n <system>-postgres`."],
    source: COLLECTOR,
    fires: { series: gauge("cnpg_collector_fencing_on", 1), labels: NODE },
    silent: gauge("cnpg_collector_fencing_on", 0),
  },
  {
    name: "CloudNativePgMetricsFailing",
    expr: "cnpg_collector_last_collection_error == 1",
    for: "5m",
    severity: "warning",
    summary: "PostgreSQL {{ $labels.pod }} of {{ $labels.system }} is watched with gaps",
    description: "The last collection of its metrics had an error.",
    impact: "Other alerts of this server may stay silent.",
    actions: ["Read its log for the query that fails: `kubectl logs <pod> -n <system>-postgres`."],
    source: COLLECTOR,
    fires: { series: gauge("cnpg_collector_last_collection_error", 1), labels: NODE },
    silent: gauge("cnpg_collector_last_collection_error", 0),
  },
];

const streaming = (replicas: number) => ({
  ...gauge("cnpg_pg_replication_in_recovery", 0),
  ...gauge("cnpg_pg_replication_streaming_replicas", replicas),
  ...gauge("cnpg_collector_sync_replicas", 0),
  [`cnpg_collector_sync_replicas{${LABELS},value="expected"}`]: flat(1),
});
const behind = (seconds: number, follows: 0 | 1) => ({
  ...gauge("cnpg_pg_replication_lag", seconds),
  ...gauge("cnpg_collector_replica_mode", follows),
});

const replication: readonly AlertRule[] = [
  {
    name: "CloudNativePgTooFewReplicas",
    expr: '(cnpg_pg_replication_streaming_replicas < on (system, part, pod) group_left () cnpg_collector_sync_replicas{value="expected"}) and on (system, part, pod) cnpg_pg_replication_in_recovery == 0',
    for: "2m",
    severity: "critical",
    summary: "PostgreSQL of {{ $labels.system }} has fewer replicas than commits wait for",
    description: "{{ $value }} replicas stream from {{ $labels.pod }}.",
    impact: "Commits wait until a replica is back: every write hangs.",
    actions: [
      "See what became of the replicas: `kubectl get pods -n <system>-postgres`, then the events of those that are pending.",
      "Find room for them: nodes, quota, volumes of their zone.",
    ],
    source: METRICS,
    fires: { series: streaming(0), labels: NODE, value: "0" },
    silent: streaming(3),
  },
  {
    name: "CloudNativePgReplicationLag",
    expr: "cnpg_pg_replication_lag > 30 and on (system, part, pod) cnpg_collector_replica_mode == 0",
    for: "5m",
    severity: "warning",
    summary: "Replica {{ $labels.pod }} of {{ $labels.system }} is behind",
    description: "By {{ $value | humanizeDuration }}.",
    impact: "Readers see old data; a failover to it takes longer.",
    actions: [
      "Look for a long query on the replica, which holds replay up.",
      "Compare its CPU and disk with the primary's.",
    ],
    source: SAMPLES_OF_PROJECT,
    fires: { series: behind(120, 0), labels: NODE, value: "2m 0s" },
    silent: behind(120, 1),
  },
  {
    name: "CloudNativePgFollowerBehind",
    expr: "cnpg_pg_replication_lag > 1800 and on (system, part, pod) cnpg_collector_replica_mode == 1",
    for: "10m",
    severity: "warning",
    summary: "The region's copy of {{ $labels.system }}'s PostgreSQL is behind",
    description: "What {{ $labels.pod }} replayed last is {{ $value | humanizeDuration }} old.",
    impact: "So much is lost when the leading region is lost now.",
    actions: [
      "See whether anything was written in the leading region since; if not, there is nothing to follow.",
      "There, look for CloudNativePgArchivingFails; here, for `restore_command` in the log of the server.",
    ],
    source: METRICS,
    fires: { series: behind(3600, 1), labels: NODE, value: "1h 0m 0s" },
    silent: behind(60, 1),
  },
];

const archiving = (failed: number, archived: number) => ({
  ...gauge("cnpg_pg_stat_archiver_last_failed_time", failed),
  ...gauge("cnpg_pg_stat_archiver_last_archived_time", archived),
});
const BACKUP = "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp";
const HOURS = 3600;

const archive: readonly AlertRule[] = [
  {
    name: "CloudNativePgArchivingFails",
    expr: "cnpg_pg_stat_archiver_last_failed_time - cnpg_pg_stat_archiver_last_archived_time > 1",
    for: "5m",
    severity: "critical",
    summary: "PostgreSQL of {{ $labels.system }} cannot archive its WAL",
    description: "The last attempt of {{ $labels.pod }} failed; none succeeded since.",
    impact: "Other regions stop following, restores end here, and in the end the WAL fills its volume.",
    actions: [
      "Read why: `kubectl logs <pod> -c plugin-barman-cloud -n <system>-postgres`.",
      "Most often the role lost its right to bucket or key, or a policy its way out.",
    ],
    source: SAMPLES_OF_PROJECT,
    fires: { series: archiving(2000, 1000), labels: NODE },
    silent: archiving(1000, 2000),
  },
  {
    name: "CloudNativePgBackupTooOld",
    // 0 until there is one
    expr: `time() - max by (system, part) (${BACKUP} != 0) > 36 * ${HOURS}`,
    for: "1h",
    severity: "critical",
    summary: "PostgreSQL of {{ $labels.system }} has no base backup of the last day",
    description: "The last one is {{ $value | humanizeDuration }} old.",
    impact: "A restore takes longer, and goes no further back than the archive's beginning.",
    actions: [
      "See what became of it: `kubectl get backups -n <system>-postgres`.",
      "Make one by hand: `kubectl cnpg backup postgres --method plugin --plugin-name barman-cloud.cloudnative-pg.io -n <system>-postgres`.",
    ],
    source: PLUGIN,
    fires: { series: { [`${BACKUP}{${LABELS}}`]: flat(-40 * HOURS) }, labels: TIER, value: "1d 17h 0m 0s" },
    silent: { [`${BACKUP}{${LABELS}}`]: flat(-20 * HOURS) },
  },
];

const transaction = (seconds: number) => ({
  [`cnpg_backends_max_tx_duration_seconds{${LABELS},datname="app",state="active"}`]: flat(seconds),
});
const DATABASE = `{${LABELS},datname="app"}`;

const load: readonly AlertRule[] = [
  {
    name: "CloudNativePgConnectionsHigh",
    expr: `${SHARE} > 0.9`,
    for: "2m",
    severity: "critical",
    summary: "PostgreSQL {{ $labels.pod }} of {{ $labels.system }} is about to refuse connections",
    description: "{{ $value | humanizePercentage }} of max_connections are used.",
    impact: 'Poolers get "too many clients already".',
    actions: [
      "See who holds them: `SELECT usename, state, count(*) FROM pg_stat_activity GROUP BY 1, 2`.",
      "Lower the pools, or raise maxConnections in the system's specification.",
    ],
    source: METRICS,
    fires: { series: connections(95), labels: POD, value: "95%" },
    silent: connections(70),
  },
  {
    name: "CloudNativePgLongTransaction",
    expr: `max by (system, part, pod, datname) (cnpg_backends_max_tx_duration_seconds{${USERS}}) > 300`,
    for: "2m",
    severity: "warning",
    summary: "A transaction in {{ $labels.datname }} stays open",
    description: "It is open for {{ $value | humanizeDuration }}.",
    impact: "It holds locks and keeps VACUUM from cleaning: the database grows.",
    actions: [
      "Find it: `SELECT pid, query, xact_start FROM pg_stat_activity ORDER BY xact_start LIMIT 5`.",
      "End it with `pg_terminate_backend(pid)`; set idle_in_transaction_session_timeout.",
    ],
    source: SAMPLES_OF_PROJECT,
    fires: { series: transaction(600), labels: { ...POD, datname: "app" }, value: "10m 0s" },
    silent: transaction(10),
  },
  {
    name: "CloudNativePgDeadlocks",
    expr: `increase(cnpg_pg_stat_database_deadlocks{${USERS}}[5m]) > 5`,
    for: "0m",
    severity: "warning",
    summary: "Transactions in {{ $labels.datname }} block each other",
    description: "{{ $value | humanize }} deadlocks in 5 min.",
    impact: "One transaction of each pair is undone and has to be repeated.",
    actions: ["The server's log has both statements of each.", "Let the services lock rows in one order."],
    source: SAMPLES_OF_PROJECT,
    fires: {
      series: { [`cnpg_pg_stat_database_deadlocks${DATABASE}`]: rising(2) },
      labels: { ...NODE, datname: "app" },
      value: "10",
    },
    silent: { [`cnpg_pg_stat_database_deadlocks${DATABASE}`]: flat(50) },
  },
  {
    name: "CloudNativePgTransactionIdsRunOut",
    expr: "max by (system, part, pod, datname) (cnpg_pg_database_xid_age) > 300000000",
    for: "10m",
    severity: "critical",
    summary: "{{ $labels.datname }} is not frozen in time",
    description: "Its oldest transaction is {{ $value | humanize }} transactions old, of 2 billion.",
    impact: "At the end PostgreSQL takes no writes until it was vacuumed.",
    actions: [
      "Look for what keeps VACUUM from it: a long transaction, an unused replication slot.",
      "Run `VACUUM (FREEZE)` on its largest tables.",
    ],
    source: SAMPLES_OF_PROJECT,
    fires: {
      series: { [`cnpg_pg_database_xid_age${DATABASE}`]: flat(400_000_000) },
      labels: { ...POD, datname: "app" },
      value: "400M",
    },
    silent: { [`cnpg_pg_database_xid_age${DATABASE}`]: flat(150_000_000) },
  },
];

/** PostgreSQL under CloudNativePG, whose servers tell about themselves by names of their own, scraped as part `postgres`. */
export const cloudnativePg: RuleGroup = {
  name: "cloudnative-pg",
  recordings: [],
  alerts: [...availability, ...replication, ...archive, ...load],
};
