import type { DashboardSpec } from "./dashboard.ts";
import { inSystem, WINDOW } from "./dashboard.ts";

/** Databases of users. */
const OWN = 'datname!~"template.*|postgres|"';

/** Metrics of https://github.com/prometheus-community/postgres_exporter */
export function postgresDashboard(system: string): DashboardSpec {
  const all = inSystem(system);
  const own = inSystem(system, OWN);
  const rate = (metric: string) => `rate(pg_stat_database_${metric}${own}[${WINDOW}])`;
  return {
    uid: `${system}-postgres`,
    title: `${system}: PostgreSQL`,
    description: "Connections, transactions, cache, locks and replication of every server.",
    tags: [system, "postgres"],
    panels: [
      {
        title: "Servers up",
        description: "Servers that their exporter reaches.",
        kind: "stat",
        unit: "short",
        width: 6,
        queries: [{ expr: `sum(pg_up${all})`, legend: "up" }],
        base: "red",
        thresholds: [{ from: 1, color: "green" }],
      },
      {
        title: "Primaries",
        description: "More than one means that a cluster is split; none, that nobody takes writes.",
        kind: "stat",
        unit: "short",
        width: 6,
        queries: [{ expr: `sum(1 - pg_replication_is_replica${all})`, legend: "primaries" }],
        base: "red",
        thresholds: [
          { from: 1, color: "green" },
          { from: 2, color: "red" },
        ],
      },
      {
        title: "Connections in use",
        description: "Of those that the server takes; beyond 80 % a pooler is missing or too large.",
        kind: "gauge",
        unit: "percentunit",
        width: 6,
        queries: [{ expr: `max(system_part:pg_connections_used:ratio${all})`, legend: "used" }],
        max: 1,
        thresholds: [
          { from: 0.8, color: "orange" },
          { from: 0.9, color: "red" },
        ],
      },
      {
        title: "Cache hit ratio",
        description: "Blocks that were in shared buffers; the others came from the file system's cache or the disk.",
        kind: "gauge",
        unit: "percentunit",
        width: 6,
        queries: [
          {
            expr: `sum(${rate("blks_hit")}) / (sum(${rate("blks_hit")}) + sum(${rate("blks_read")}))`,
            legend: "hits",
          },
        ],
        max: 1,
        base: "red",
        thresholds: [{ from: 0.9, color: "green" }],
      },
      {
        title: "Connections by state",
        description: "idle in transaction holds locks and keeps vacuum from cleaning up.",
        unit: "short",
        queries: [{ expr: `sum by (state) (pg_stat_activity_count${all})`, legend: "{{state}}" }],
        stacked: true,
      },
      {
        title: "Transactions a second",
        description: "Committed and rolled back.",
        unit: "ops",
        queries: [
          { expr: `sum by (datname) (${rate("xact_commit")})`, legend: "{{datname}} committed" },
          { expr: `sum by (datname) (${rate("xact_rollback")})`, legend: "{{datname}} rolled back" },
        ],
      },
      {
        title: "Rows a second",
        description: "Read by queries, and changed.",
        unit: "ops",
        queries: ["fetched", "inserted", "updated", "deleted"].map((what) => ({
          expr: `sum(${rate(`tup_${what}`)})`,
          legend: what,
        })),
      },
      {
        title: "Longest transaction",
        description: "Age of the oldest open one; what it may still see cannot be vacuumed.",
        unit: "s",
        queries: [{ expr: `max by (datname) (pg_stat_activity_max_tx_duration${own})`, legend: "{{datname}}" }],
        thresholds: [{ from: 300, color: "red" }],
      },
      {
        title: "Deadlocks",
        description: "Transactions that PostgreSQL broke off because they waited for each other.",
        unit: "short",
        queries: [
          { expr: `sum by (datname) (increase(pg_stat_database_deadlocks${own}[${WINDOW}]))`, legend: "{{datname}}" },
        ],
      },
      {
        title: "Replication lag",
        description: "How far the replicas are behind; reads on them are that old.",
        unit: "s",
        queries: [
          {
            expr: `pg_replication_lag_seconds${all} and on (system, part, instance) pg_replication_is_replica${all} == 1`,
            legend: "{{instance}}",
          },
        ],
        thresholds: [{ from: 30, color: "red" }],
      },
      {
        title: "Size of databases",
        description: "On disk, indexes included.",
        unit: "bytes",
        queries: [{ expr: `max by (datname) (pg_database_size_bytes${own})`, legend: "{{datname}}" }],
        width: 24,
      },
    ],
  };
}
