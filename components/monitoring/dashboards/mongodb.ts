import type { DashboardSpec } from "./dashboard.ts";
import { inSystem, WINDOW } from "./dashboard.ts";

/** Metrics of https://github.com/percona/mongodb_exporter/blob/main/REFERENCE.md */
export function mongodbDashboard(system: string): DashboardSpec {
  const all = inSystem(system);
  const rate = (metric: string) => `rate(mongodb_ss_${metric}${all}[${WINDOW}])`;
  return {
    uid: `${system}-mongodb`,
    title: `${system}: MongoDB`,
    description: "Operations, latency, cache and the replica sets of shards and config servers.",
    tags: [system, "mongodb"],
    panels: [
      {
        title: "Processes up",
        description: "mongod and mongos that their exporter reaches.",
        kind: "stat",
        unit: "short",
        width: 8,
        queries: [{ expr: `sum(mongodb_up${all})`, legend: "up" }],
        base: "red",
        thresholds: [{ from: 1, color: "green" }],
      },
      {
        title: "Primaries",
        description: "One for each replica set.",
        kind: "stat",
        unit: "short",
        width: 8,
        queries: [
          {
            expr: `count(count by (set) (mongodb_rs_members_state${inSystem(system, 'member_state="PRIMARY"')}))`,
            legend: "primaries",
          },
        ],
        base: "red",
        thresholds: [{ from: 1, color: "green" }],
      },
      {
        title: "Cache in use",
        description: "Of WiredTiger's cache; above 95 % threads of requests have to evict.",
        kind: "gauge",
        unit: "percentunit",
        width: 8,
        queries: [
          {
            expr: `max(mongodb_ss_wt_cache_bytes_currently_in_the_cache${all} / mongodb_ss_wt_cache_maximum_bytes_configured${all})`,
            legend: "used",
          },
        ],
        max: 1,
        thresholds: [{ from: 0.95, color: "red" }],
      },
      {
        title: "Operations a second",
        description: "By kind, over all processes.",
        unit: "ops",
        queries: [{ expr: `sum by (legacy_op_type) (${rate("opcounters")})`, legend: "{{legacy_op_type}}" }],
        stacked: true,
      },
      {
        title: "Time by operation",
        description: "Average inside the server.",
        unit: "s",
        queries: [
          {
            // the server counts microseconds
            expr: `sum by (op_type) (${rate("opLatencies_latency")}) / sum by (op_type) (${rate("opLatencies_ops")}) / 1e6`,
            legend: "{{op_type}}",
          },
        ],
      },
      {
        title: "Connections",
        description: "Open, by process.",
        unit: "short",
        queries: [{ expr: `mongodb_ss_connections${inSystem(system, 'conn_type="current"')}`, legend: "{{instance}}" }],
      },
      {
        title: "Members by state",
        description: "Of all replica sets; each process counts what it sees once.",
        unit: "short",
        queries: [
          {
            expr: `count by (rs_nm, member_state) (max by (rs_nm, member_idx, member_state) (mongodb_rs_members_state${all}))`,
            legend: "{{rs_nm}} {{member_state}}",
          },
        ],
      },
      {
        title: "Cursors",
        description: "Open ones; those without a timeout hold resources until somebody closes them.",
        unit: "short",
        queries: [{ expr: `sum by (csr_type) (mongodb_ss_metrics_cursor_open${all})`, legend: "{{csr_type}}" }],
        width: 24,
      },
    ],
  };
}
