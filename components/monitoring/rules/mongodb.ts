import type { AlertRule, RuleGroup } from "./rule.ts";
import { flat, rising } from "./rule.ts";

/** Metrics of https://github.com/percona/mongodb_exporter (collectors diagnosticdata and replicasetstatus). */
const EXPORTER = "https://github.com/percona/mongodb_exporter/blob/main/exporter/v1_compatibility.go";
const AWESOME = "https://samber.github.io/awesome-prometheus-alerts/rules#mongodb";

const LABELS = 'system="s",part="mongodb",tier="mongodb",instance="i"';
const NODE = { system: "s", part: "mongodb", tier: "mongodb", instance: "i" };
const TIER = { system: "s", part: "mongodb" };
const metric = (name: string, more = "") => `${name}{${LABELS}${more}}`;
const MEMBER = ',rs_nm="rs0",member_idx="m1:27017"';
const member = (name: string, state: string) => metric(name, `${MEMBER},member_state="${state}"`);
const connections = (used: number) => ({
  [metric("mongodb_ss_connections", ',conn_type="current"')]: flat(used),
  [metric("mongodb_ss_connections", ',conn_type="available"')]: flat(100 - used),
});
const cache = (used: number) => ({
  [metric("mongodb_ss_wt_cache_bytes_currently_in_the_cache")]: flat(used),
  [metric("mongodb_ss_wt_cache_maximum_bytes_configured")]: flat(100),
});
const optime = (secondary: number) => ({
  [metric("mongodb_rs_members_optimeDate", ',rs_nm="rs0",member_idx="m0:27017",member_state="PRIMARY"')]: flat(100_000),
  [member("mongodb_rs_members_optimeDate", "SECONDARY")]: flat(secondary),
});

/** Milliseconds. */
const NEWEST = 'max by (system, part, rs_nm) (mongodb_rs_members_optimeDate{member_state="PRIMARY"})';

const server: readonly AlertRule[] = [
  {
    name: "MongodbDown",
    expr: "mongodb_up == 0",
    for: "1m",
    severity: "critical",
    summary: "MongoDB {{ $labels.instance }} does not answer",
    description: "The exporter cannot reach it for 1 min.",
    impact: "Services go on without what it holds; in a replica set another member leads.",
    actions: [
      "Read its log: `docker logs --tail 100 <container>`.",
      "Restart it; when its data is broken, let it copy from the others.",
    ],
    source: AWESOME,
    fires: { series: { [metric("mongodb_up")]: flat(0) }, labels: NODE },
    silent: { [metric("mongodb_up")]: flat(1) },
  },
  {
    name: "MongodbConnectionsHigh",
    expr: 'mongodb_ss_connections{conn_type="current"} / on (system, part, instance) sum by (system, part, instance) (mongodb_ss_connections{conn_type=~"current|available"}) > 0.8',
    for: "5m",
    severity: "warning",
    summary: "MongoDB {{ $labels.instance }} has few connections left",
    description: "{{ $value | humanizePercentage }} are used.",
    impact: "None yet; at the end it refuses clients.",
    actions: ["See who holds them: `db.currentOp(true)`.", "Lower maxPoolSize of the services."],
    source: AWESOME,
    fires: { series: connections(85), labels: { ...TIER, instance: "i" }, value: "85%" },
    silent: connections(50),
  },
  {
    name: "MongodbCacheFull",
    expr: "mongodb_ss_wt_cache_bytes_currently_in_the_cache / mongodb_ss_wt_cache_maximum_bytes_configured > 0.95",
    for: "15m",
    severity: "warning",
    summary: "The cache of MongoDB {{ $labels.instance }} is full",
    description:
      "{{ $value | humanizePercentage }} of the WiredTiger cache is used; above 95 % requests help to evict.",
    impact: "Requests take longer.",
    actions: [
      "Look for queries without an index: `db.setProfilingLevel(1)`.",
      "Give it more memory: the cache is half of it.",
    ],
    source: "https://source.wiredtiger.com/develop/tune_cache.html",
    fires: { series: cache(97), labels: NODE, value: "97%" },
    silent: cache(80),
  },
  {
    name: "MongodbCursorsHigh",
    expr: 'mongodb_ss_metrics_cursor_open{csr_type="total"} > 10000',
    for: "5m",
    severity: "warning",
    summary: "MongoDB {{ $labels.instance }} has very many open cursors",
    description: "{{ $value | humanize }} are open.",
    impact: "Each holds memory; a client does not close what it opened.",
    actions: [
      "Find the client: `db.currentOp({ 'cursor': { $exists: true } })`.",
      "Let it close cursors and set batch sizes.",
    ],
    source: AWESOME,
    fires: {
      series: { [metric("mongodb_ss_metrics_cursor_open", ',csr_type="total"')]: flat(20_000) },
      labels: { ...NODE, csr_type: "total" },
      value: "20k",
    },
    silent: { [metric("mongodb_ss_metrics_cursor_open", ',csr_type="total"')]: flat(50) },
  },
  {
    name: "MongodbCursorTimeouts",
    expr: "increase(mongodb_ss_metrics_cursor_timedOut[5m]) > 100",
    for: "0m",
    severity: "warning",
    summary: "Clients of MongoDB {{ $labels.instance }} leave cursors behind",
    description: "{{ $value | humanize }} cursors timed out in 5 min.",
    impact: "Memory is held for nobody.",
    actions: ["Find the service whose requests end early: compare with its error rate."],
    source: AWESOME,
    fires: { series: { [metric("mongodb_ss_metrics_cursor_timedOut")]: rising(60) }, labels: NODE, value: "300" },
    silent: { [metric("mongodb_ss_metrics_cursor_timedOut")]: rising(1) },
  },
];

export const mongodb: RuleGroup = { name: "mongodb", recordings: [], alerts: server };

/** Replica sets: each shard and the config servers are one, named by the label `rs_nm`. https://github.com/percona/mongodb_exporter/blob/main/exporter/topology_info.go */
export const mongodbReplication: RuleGroup = {
  name: "mongodb-replication",
  recordings: [],
  alerts: [
    {
      name: "MongodbNoPrimary",
      expr: 'count by (system, part, rs_nm) (mongodb_rs_members_state) unless on (system, part, rs_nm) count by (system, part, rs_nm) (mongodb_rs_members_state{member_state="PRIMARY"})',
      for: "1m",
      severity: "critical",
      summary: "Replica set {{ $labels.rs_nm }} has no primary",
      description: "{{ $value }} members are seen, and none of them leads, for 1 min.",
      impact: "Writes to this shard fail; without the config servers' primary nothing can be moved.",
      actions: ["See who votes for whom: `rs.status()`.", "Bring a majority of its members back."],
      source: EXPORTER,
      fires: {
        series: { [member("mongodb_rs_members_state", "SECONDARY")]: flat(2) },
        labels: { ...TIER, rs_nm: "rs0" },
        value: "1",
      },
      silent: { [member("mongodb_rs_members_state", "PRIMARY")]: flat(1) },
    },
    {
      name: "MongodbMemberUnhealthy",
      expr: "mongodb_rs_members_health == 0",
      for: "2m",
      severity: "critical",
      summary: "Member {{ $labels.member_idx }} of {{ $labels.rs_nm }} is gone",
      description: "The others do not reach it for 2 min.",
      impact: "One more and the set may lose its majority.",
      actions: ["Read its log and its host's alerts.", "Bring it back; when it is too far behind, let it copy again."],
      source: AWESOME,
      fires: {
        series: { [member("mongodb_rs_members_health", "(not reachable/healthy)")]: flat(0) },
        labels: { ...NODE, rs_nm: "rs0", member_idx: "m1:27017", member_state: "(not reachable/healthy)" },
      },
      silent: { [member("mongodb_rs_members_health", "SECONDARY")]: flat(1) },
    },
    {
      name: "MongodbReplicationLag",
      expr: `max by (system, part, rs_nm, member_idx) (${NEWEST} - on (system, part, rs_nm) group_right mongodb_rs_members_optimeDate{member_state="SECONDARY"}) / 1000 > 10`,
      for: "5m",
      severity: "warning",
      summary: "Member {{ $labels.member_idx }} of {{ $labels.rs_nm }} is behind",
      description: "It is {{ $value | humanizeDuration }} behind the primary.",
      impact: "Readers see old data; an election of it would lose the difference.",
      actions: ["Compare its disk and CPU with the primary's.", "When it falls out of the oplog, let it copy again."],
      source: AWESOME,
      fires: { series: optime(40_000), labels: { ...TIER, rs_nm: "rs0", member_idx: "m1:27017" }, value: "1m 0s" },
      silent: optime(99_000),
    },
  ],
};
