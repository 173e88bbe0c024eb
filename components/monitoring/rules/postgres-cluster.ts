import type { AlertRule, RuleGroup } from "./rule.ts";
import { flat } from "./rule.ts";

/**
 * A primary with replicas behind HAProxy, which asks Patroni who leads: backend `primary` has exactly one server, backend
 * `replicas` those that follow closely. https://docs.haproxy.org/3.2/management.html (Prometheus exporter)
 */
const HAPROXY = "https://github.com/haproxy/haproxy/blob/master/addons/promex/README";
const EXPORTER = "https://github.com/prometheus-community/postgres_exporter/tree/master/collector";

const PROXY_LABELS = 'system="s",part="postgres-proxy",tier="postgres",instance="p"';
const PROXY = { system: "s", part: "postgres-proxy", tier: "postgres", instance: "p" };
const LABELS = 'system="s",part="postgres",tier="postgres",instance="i"';
const NODE = { system: "s", part: "postgres", tier: "postgres", instance: "i" };

const active = (proxy: string, servers: number) => ({
  [`haproxy_backend_active_servers{${PROXY_LABELS},proxy="${proxy}"}`]: flat(servers),
});
const server = (proxy: string, up: number) => ({
  [`haproxy_server_status{${PROXY_LABELS},proxy="${proxy}",server="m1",state="UP"}`]: flat(up),
});
const sessions = (used: number) => ({
  [`haproxy_frontend_current_sessions{${PROXY_LABELS},proxy="writer"}`]: flat(used),
  [`haproxy_frontend_limit_sessions{${PROXY_LABELS},proxy="writer"}`]: flat(100),
});
const slot = (isActive: number) => ({
  [`pg_replication_slot_slot_is_active{${LABELS},slot_name="r1"}`]: flat(isActive),
});
const behind = (bytes: number) => ({
  [`pg_stat_replication_pg_wal_lsn_diff{${LABELS},application_name="m1"}`]: flat(bytes),
});

const leadership: readonly AlertRule[] = [
  {
    name: "PostgresNoPrimary",
    expr: 'haproxy_backend_active_servers{tier="postgres",proxy="primary"} == 0',
    for: "1m",
    severity: "critical",
    summary: "PostgreSQL of {{ $labels.system }} has no primary",
    description: "Patroni names no server that leads, for 1 min.",
    impact: "Every write fails.",
    actions: [
      "See what Patroni waits for: `patronictl list`, then its log.",
      "Without a quorum of etcd nobody may lead: bring etcd back first.",
    ],
    source: HAPROXY,
    fires: { series: active("primary", 0), labels: { ...PROXY, proxy: "primary" } },
    silent: active("primary", 1),
  },
  {
    name: "PostgresTwoPrimaries",
    expr: 'haproxy_backend_active_servers{tier="postgres",proxy="primary"} > 1',
    for: "1m",
    severity: "critical",
    summary: "PostgreSQL of {{ $labels.system }} has more than one primary",
    description: "{{ $value }} servers say that they lead.",
    impact: "Data diverges: one side's writes will be lost.",
    actions: [
      "Stop the one that Patroni does not name as leader (`patronictl list`) at once.",
      "Compare both before it comes back: `pg_rewind` drops what only it has.",
    ],
    source: "https://patroni.readthedocs.io/en/latest/faq.html",
    fires: { series: active("primary", 2), labels: { ...PROXY, proxy: "primary" }, value: "2" },
    silent: active("primary", 1),
  },
  {
    name: "PostgresFailover",
    expr: 'sum by (system, part) (increase(haproxy_server_check_up_down_total{tier="postgres",proxy="primary"}[10m])) > 0',
    for: "0m",
    severity: "warning",
    summary: "PostgreSQL of {{ $labels.system }} has a new primary",
    description: "The primary changed {{ $value | humanize }} times in 10 min.",
    impact: "Writes failed for some seconds; a replica less is left until the old primary is back.",
    actions: [
      "Find out why the old primary left: its log, its host.",
      "See that it has come back as a replica: `patronictl list`.",
    ],
    source: HAPROXY,
    fires: {
      series: {
        [`haproxy_server_check_up_down_total{${PROXY_LABELS},proxy="primary",server="m0"}`]: "0x55 1x4",
        [`haproxy_server_check_up_down_total{${PROXY_LABELS},proxy="primary",server="m1"}`]: flat(0),
      },
      labels: { system: "s", part: "postgres-proxy" },
      value: "1",
    },
    silent: { [`haproxy_server_check_up_down_total{${PROXY_LABELS},proxy="primary",server="m0"}`]: flat(3) },
  },
];

const replicas: readonly AlertRule[] = [
  {
    name: "PostgresMemberDown",
    expr: 'sum by (system, part, server) (haproxy_server_status{tier="postgres",state="UP"}) == 0',
    for: "2m",
    severity: "warning",
    summary: "PostgreSQL server {{ $labels.server }} is of no use",
    description: "For 2 min it neither leads nor follows closely enough to be read.",
    impact: "One server less; the next failure may stop writes.",
    actions: [
      "See its state: `patronictl list`, then its log.",
      "When it cannot catch up, let it copy again: `patronictl reinit`.",
    ],
    source: HAPROXY,
    fires: {
      series: { ...server("primary", 0), ...server("replicas", 0) },
      labels: { system: "s", part: "postgres-proxy", server: "m1" },
    },
    silent: { ...server("primary", 0), ...server("replicas", 1) },
  },
  {
    name: "PostgresNoReplica",
    expr: 'haproxy_backend_active_servers{tier="postgres",proxy="replicas"} == 0',
    for: "5m",
    severity: "critical",
    summary: "PostgreSQL of {{ $labels.system }} has no replica left",
    description: "For 5 min nobody follows the primary closely.",
    impact: "Reads go to the primary, and if it fails now, writes stop; in synchronous mode they wait already.",
    actions: ["See why: `patronictl list`, PostgresMemberDown, PostgresReplicationLag.", "Bring at least one back."],
    source: HAPROXY,
    fires: { series: active("replicas", 0), labels: { ...PROXY, proxy: "replicas" } },
    silent: active("replicas", 1),
  },
  {
    name: "PostgresReplicationLag",
    expr: "pg_stat_replication_pg_wal_lsn_diff > 64 * 1024 * 1024",
    for: "5m",
    severity: "warning",
    summary: "Replica {{ $labels.application_name }} is behind",
    description: "{{ $value | humanize1024 }}B of log are not there yet.",
    impact: "It is not read from any more; a failover to it would lose the difference.",
    actions: [
      "Compare its disk and CPU with the primary's.",
      "When it does not catch up, let it copy again: `patronictl reinit`.",
    ],
    source: EXPORTER,
    fires: { series: behind(128 * 1024 * 1024), labels: { ...NODE, application_name: "m1" }, value: "128Mi" },
    silent: behind(1024 * 1024),
  },
  {
    name: "PostgresReplicationSlotInactive",
    expr: "pg_replication_slot_slot_is_active == 0",
    for: "15m",
    severity: "warning",
    summary: "Nobody reads replication slot {{ $labels.slot_name }}",
    description: "The primary keeps its log for it.",
    impact: "The log fills the primary's disk.",
    actions: ["Bring its replica back.", "Or give it up: `SELECT pg_drop_replication_slot(...)`."],
    source: EXPORTER,
    fires: { series: slot(0), labels: { ...NODE, slot_name: "r1" } },
    silent: slot(1),
  },
  {
    name: "PostgresProxySaturated",
    expr: 'haproxy_frontend_current_sessions{tier="postgres"} / haproxy_frontend_limit_sessions > 0.8',
    for: "5m",
    severity: "warning",
    summary: "The proxy of PostgreSQL in {{ $labels.system }} has few sessions left",
    description: "{{ $value | humanizePercentage }} of {{ $labels.proxy }}'s sessions are used.",
    impact: "None yet; at the end new connections wait.",
    actions: [
      "Lower the services' pools or let them connect through PgBouncer.",
      "Raise maxConnections in the specification.",
    ],
    source: HAPROXY,
    fires: { series: sessions(85), labels: { ...PROXY, proxy: "writer" }, value: "85%" },
    silent: sessions(40),
  },
];

/** For a cluster whose proxy is scraped as part `postgres-proxy` with tier `postgres`. */
export const postgresReplication: RuleGroup = {
  name: "postgres-replication",
  recordings: [],
  alerts: [...leadership, ...replicas],
};
