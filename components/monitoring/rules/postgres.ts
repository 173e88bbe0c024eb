import type { AlertRule, RuleGroup } from "./rule.ts";
import { flat, rising } from "./rule.ts";

/** Alerts after https://github.com/prometheus-community/postgres_exporter/tree/master/postgres_mixin and https://samber.github.io/awesome-prometheus-alerts/rules (PostgreSQL). */
const MIXIN =
  "https://github.com/prometheus-community/postgres_exporter/blob/master/postgres_mixin/alerts/postgres.libsonnet";
const AWESOME = "https://samber.github.io/awesome-prometheus-alerts/rules#postgresql";

const LABELS = 'system="s",part="postgres",tier="postgres",instance="i"';
const NODE = { system: "s", part: "postgres", tier: "postgres", instance: "i" };
const TIER = { system: "s", part: "postgres" };
const DATABASE = `{${LABELS},datname="app"}`;
const IN_DATABASE = { ...NODE, datname: "app" };
const USERS = 'datname!~"template.*|postgres",datname!=""';

const connections = (used: number) => ({
  [`pg_stat_activity_count{${LABELS},datname="app",state="active"}`]: flat(used),
  [`pg_settings_max_connections{${LABELS}}`]: flat(100),
});
const availability: readonly AlertRule[] = [
  {
    name: "PostgresDown",
    expr: "pg_up == 0",
    for: "1m",
    severity: "critical",
    summary: "PostgreSQL {{ $labels.instance }} does not answer",
    description: "The exporter cannot connect to it for 1 min.",
    impact: "Writes fail, or after a failover one server less is left.",
    actions: [
      "Read its log: `docker logs --tail 100 <system>-postgres`; look for a full disk, memory, or a wrong password.",
      "Where replicas run, see who leads: `patronictl list`.",
      "Restart it; when its data is broken, restore the last backup.",
    ],
    source: AWESOME,
    fires: { series: { [`pg_up{${LABELS}}`]: flat(0) }, labels: NODE },
    silent: { [`pg_up{${LABELS}}`]: flat(1) },
  },
  {
    name: "PostgresRestarted",
    expr: "time() - pg_postmaster_start_time_seconds < 300",
    for: "0m",
    severity: "warning",
    summary: "PostgreSQL {{ $labels.instance }} was restarted",
    description: "It runs for {{ $value | humanizeDuration }}.",
    impact: "All connections were cut; what was not committed is undone.",
    actions: [
      "See whether it was meant: `groundwork status`.",
      "Else read why the old one ended: `docker inspect`, `dmesg`.",
    ],
    source: AWESOME,
    fires: { series: { [`pg_postmaster_start_time_seconds{${LABELS}}`]: flat(3540) }, labels: NODE, value: "1m 0s" },
    silent: { [`pg_postmaster_start_time_seconds{${LABELS}}`]: flat(60) },
  },
  {
    name: "PostgresExporterError",
    expr: "pg_exporter_last_scrape_error == 1",
    for: "5m",
    severity: "warning",
    summary: "PostgreSQL {{ $labels.instance }} is watched with gaps",
    description: "The exporter's last scrape had an error.",
    impact: "Other alerts of this server may stay silent.",
    actions: ["Read the exporter's log; most often its role lacks `pg_monitor`."],
    source: AWESOME,
    fires: { series: { [`pg_exporter_last_scrape_error{${LABELS}}`]: flat(1) }, labels: NODE },
    silent: { [`pg_exporter_last_scrape_error{${LABELS}}`]: flat(0) },
  },
];

const load: readonly AlertRule[] = [
  {
    name: "PostgresConnectionsHigh",
    expr: "system_part:pg_connections_used:ratio > 0.8",
    for: "5m",
    severity: "warning",
    summary: "PostgreSQL {{ $labels.instance }} has few connections left",
    description: "{{ $value | humanizePercentage }} of max_connections are used.",
    impact: "None yet.",
    actions: [
      "See who holds them: `SELECT usename, state, count(*) FROM pg_stat_activity GROUP BY 1, 2`.",
      "Lower the services' pools or let them connect through PgBouncer; raise max_connections last.",
    ],
    source: MIXIN,
    fires: { series: connections(85), labels: { ...TIER, instance: "i" }, value: "85%" },
    silent: connections(70),
  },
  {
    name: "PostgresConnectionsCritical",
    expr: "system_part:pg_connections_used:ratio > 0.9",
    for: "2m",
    severity: "critical",
    summary: "PostgreSQL {{ $labels.instance }} is about to refuse connections",
    description: "{{ $value | humanizePercentage }} of max_connections are used.",
    impact: 'Services get "too many clients already".',
    actions: [
      "End idle ones: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle in transaction'`.",
      "Lower the services' pools or let them connect through PgBouncer.",
    ],
    source: MIXIN,
    fires: { series: connections(95), labels: { ...TIER, instance: "i" }, value: "95%" },
    silent: connections(85),
  },
  {
    name: "PostgresLongTransaction",
    expr: `max by (system, part, instance, datname) (pg_stat_activity_max_tx_duration{${USERS}}) > 300`,
    for: "2m",
    severity: "warning",
    summary: "A transaction in {{ $labels.datname }} stays open",
    description: "It is open for {{ $value | humanizeDuration }}.",
    impact: "It holds locks and keeps VACUUM from cleaning: the database grows.",
    actions: [
      "Find it: `SELECT pid, query, xact_start FROM pg_stat_activity ORDER BY xact_start LIMIT 5`.",
      "End it with `pg_terminate_backend(pid)`; set idle_in_transaction_session_timeout.",
    ],
    source: MIXIN,
    fires: {
      series: { [`pg_stat_activity_max_tx_duration{${LABELS},datname="app",state="active"}`]: flat(600) },
      labels: { ...TIER, instance: "i", datname: "app" },
      value: "10m 0s",
    },
    silent: { [`pg_stat_activity_max_tx_duration{${LABELS},datname="app",state="active"}`]: flat(10) },
  },
  {
    name: "PostgresDeadlocks",
    expr: `increase(pg_stat_database_deadlocks{${USERS}}[5m]) > 5`,
    for: "0m",
    severity: "warning",
    summary: "Transactions in {{ $labels.datname }} block each other",
    description: "{{ $value | humanize }} deadlocks in 5 min.",
    impact: "One transaction of each pair is undone and has to be repeated.",
    actions: ["The server's log has both statements of each.", "Let the services lock rows in one order."],
    source: MIXIN,
    fires: { series: { [`pg_stat_database_deadlocks${DATABASE}`]: rising(2) }, labels: IN_DATABASE, value: "10" },
    silent: { [`pg_stat_database_deadlocks${DATABASE}`]: flat(50) },
  },
  {
    name: "PostgresRollbackRateHigh",
    expr: `rate(pg_stat_database_xact_rollback{${USERS}}[5m]) / (rate(pg_stat_database_xact_rollback{${USERS}}[5m]) + rate(pg_stat_database_xact_commit{${USERS}}[5m])) > 0.02`,
    for: "10m",
    severity: "warning",
    summary: "Many transactions in {{ $labels.datname }} are undone",
    description: "{{ $value | humanizePercentage }} of them in 5 min.",
    impact: "Work is done twice or lost, depending on the service.",
    actions: ["Read the server's log for the errors behind it: constraint, serialization, timeout."],
    source: MIXIN,
    fires: {
      series: {
        [`pg_stat_database_xact_rollback${DATABASE}`]: rising(6),
        [`pg_stat_database_xact_commit${DATABASE}`]: rising(54),
      },
      labels: IN_DATABASE,
      value: "10%",
    },
    silent: {
      [`pg_stat_database_xact_rollback${DATABASE}`]: rising(1),
      [`pg_stat_database_xact_commit${DATABASE}`]: rising(999),
    },
  },
  {
    name: "PostgresLocksHigh",
    expr: "sum by (system, part, instance) (pg_locks_count) / on (system, part, instance) max by (system, part, instance) (pg_settings_max_locks_per_transaction * pg_settings_max_connections) > 0.2",
    for: "5m",
    severity: "critical",
    summary: "PostgreSQL {{ $labels.instance }} holds very many locks",
    description: "{{ $value | humanizePercentage }} of its lock table is used.",
    impact: 'At the end every statement fails with "out of shared memory".',
    actions: [
      "Find the holder: `SELECT pid, count(*) FROM pg_locks GROUP BY 1 ORDER BY 2 DESC`.",
      "Raise max_locks_per_transaction.",
    ],
    source: AWESOME,
    fires: {
      series: {
        [`pg_locks_count{${LABELS},datname="app",mode="accesssharelock"}`]: flat(3200),
        [`pg_settings_max_locks_per_transaction{${LABELS}}`]: flat(64),
        [`pg_settings_max_connections{${LABELS}}`]: flat(100),
      },
      labels: { ...TIER, instance: "i" },
      value: "50%",
    },
    silent: {
      [`pg_locks_count{${LABELS},datname="app",mode="accesssharelock"}`]: flat(64),
      [`pg_settings_max_locks_per_transaction{${LABELS}}`]: flat(64),
      [`pg_settings_max_connections{${LABELS}}`]: flat(100),
    },
  },
  {
    name: "PostgresCacheHitRatioLow",
    expr: `rate(pg_stat_database_blks_hit{${USERS}}[5m]) / (rate(pg_stat_database_blks_hit{${USERS}}[5m]) + rate(pg_stat_database_blks_read{${USERS}}[5m])) < 0.9 and rate(pg_stat_database_blks_read{${USERS}}[5m]) > 100`,
    for: "15m",
    severity: "warning",
    summary: "{{ $labels.datname }} reads from disk what should be in memory",
    description: "Only {{ $value | humanizePercentage }} of the pages come from shared_buffers.",
    impact: "Queries take longer.",
    actions: [
      "Look for new sequential scans: `pg_stat_user_tables`, sorted by seq_tup_read.",
      "Give PostgreSQL more memory: shared_buffers follows its size.",
    ],
    source: MIXIN,
    fires: {
      series: {
        [`pg_stat_database_blks_hit${DATABASE}`]: rising(12_000),
        [`pg_stat_database_blks_read${DATABASE}`]: rising(12_000),
      },
      labels: IN_DATABASE,
      value: "50%",
    },
    silent: {
      [`pg_stat_database_blks_hit${DATABASE}`]: rising(990_000),
      [`pg_stat_database_blks_read${DATABASE}`]: rising(10_000),
    },
  },
];

const TABLE = `{${LABELS},datname="app",schemaname="public",relname="t"}`;
const tables: readonly AlertRule[] = [
  {
    name: "PostgresDeadTuplesHigh",
    expr: "pg_stat_user_tables_n_dead_tup > 10000 and pg_stat_user_tables_n_dead_tup / (pg_stat_user_tables_n_live_tup + pg_stat_user_tables_n_dead_tup) > 0.2",
    for: "1h",
    severity: "warning",
    summary: "Table {{ $labels.relname }} is not cleaned",
    description: "It holds {{ $value | humanize }} dead rows, more than a fifth of it.",
    impact: "Queries read what is not there any more; the table grows.",
    actions: [
      "Look for a transaction that stays open.",
      "Run `VACUUM (ANALYZE)` on it and let autovacuum come earlier for it.",
    ],
    source: AWESOME,
    fires: {
      series: {
        [`pg_stat_user_tables_n_dead_tup${TABLE}`]: flat(50_000),
        [`pg_stat_user_tables_n_live_tup${TABLE}`]: flat(50_000),
      },
      labels: { ...IN_DATABASE, schemaname: "public", relname: "t" },
      value: "50k",
    },
    silent: {
      [`pg_stat_user_tables_n_dead_tup${TABLE}`]: flat(50_000),
      [`pg_stat_user_tables_n_live_tup${TABLE}`]: flat(5_000_000),
    },
  },
];

/** One PostgreSQL server, whatever its role. */
export const postgres: RuleGroup = {
  name: "postgres",
  recordings: [
    {
      record: "system_part:pg_connections_used:ratio",
      expr: "sum by (system, part, instance) (pg_stat_activity_count) / on (system, part, instance) max by (system, part, instance) (pg_settings_max_connections)",
    },
  ],
  alerts: [...availability, ...load, ...tables],
};
