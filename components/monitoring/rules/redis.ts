import type { AlertRule, RuleGroup } from "./rule.ts";
import { flat, rising } from "./rule.ts";

/** Metrics of https://github.com/oliver006/redis_exporter; alerts after its mixin and https://samber.github.io/awesome-prometheus-alerts/rules (Redis). */
const MIXIN = "https://github.com/oliver006/redis_exporter/blob/master/contrib/redis-mixin/alerts/redis.libsonnet";
const AWESOME = "https://samber.github.io/awesome-prometheus-alerts/rules#redis";
const CLUSTER = "https://valkey.io/commands/cluster-info/";

const LABELS = 'system="s",part="redis",tier="redis",instance="i"';
const NODE = { system: "s", part: "redis", tier: "redis", instance: "i" };
const TIER = { system: "s", part: "redis" };
const metric = (name: string) => `${name}{${LABELS}}`;
const memory = (used: number) => ({
  [metric("redis_memory_used_bytes")]: flat(used),
  [metric("redis_memory_max_bytes")]: flat(100),
});
const clients = (used: number) => ({
  [metric("redis_connected_clients")]: flat(used),
  [metric("redis_config_maxclients")]: flat(100),
});

const single: readonly AlertRule[] = [
  {
    name: "RedisDown",
    expr: "redis_up == 0",
    for: "1m",
    severity: "critical",
    summary: "Redis {{ $labels.instance }} does not answer",
    description: "The exporter cannot reach it for 1 min.",
    impact: "Caches are cold and sessions are gone; in a cluster its replica takes over.",
    actions: ["Read its log: `docker logs --tail 100 <container>`.", "Restart it; it loads its last snapshot."],
    source: MIXIN,
    fires: { series: { [metric("redis_up")]: flat(0) }, labels: NODE },
    silent: { [metric("redis_up")]: flat(1) },
  },
  {
    name: "RedisMemoryHigh",
    expr: "redis_memory_used_bytes / (redis_memory_max_bytes > 0) > 0.9",
    for: "5m",
    severity: "warning",
    summary: "Redis {{ $labels.instance }} is full",
    description: "{{ $value | humanizePercentage }} of maxmemory is used.",
    impact: "With an LRU policy it evicts, which is meant; with noeviction writes fail.",
    actions: ["See what is big: `valkey-cli --bigkeys`.", "Shorten time-to-live or give it more memory."],
    source: MIXIN,
    fires: { series: memory(95), labels: NODE, value: "95%" },
    silent: memory(80),
  },
  {
    name: "RedisEvicting",
    expr: "rate(redis_evicted_keys_total[5m]) > 10",
    for: "10m",
    severity: "warning",
    summary: "Redis {{ $labels.instance }} throws keys away",
    description: "{{ $value | humanize }} keys a second are evicted.",
    impact: "The hit ratio falls and the databases behind get the load.",
    actions: [
      "Compare with the hit ratio: when it holds, the policy does its work.",
      "Give it more memory or shorten time-to-live.",
    ],
    source: "systems.md: Redis failover, eviction, alerts",
    fires: { series: { [metric("redis_evicted_keys_total")]: rising(1200) }, labels: NODE, value: "20" },
    silent: { [metric("redis_evicted_keys_total")]: rising(60) },
  },
  {
    name: "RedisRejectedConnections",
    expr: "increase(redis_rejected_connections_total[5m]) > 0",
    for: "0m",
    severity: "critical",
    summary: "Redis {{ $labels.instance }} refuses connections",
    description: "{{ $value | humanize }} in 5 min.",
    impact: "Services work without cache or fail.",
    actions: ["See who holds them: `valkey-cli client list`.", "Repair the leak or raise maxclients."],
    source: MIXIN,
    fires: { series: { [metric("redis_rejected_connections_total")]: rising(1) }, labels: NODE, value: "5" },
    silent: { [metric("redis_rejected_connections_total")]: flat(3) },
  },
  {
    name: "RedisClientsHigh",
    expr: "redis_connected_clients / redis_config_maxclients > 0.8",
    for: "5m",
    severity: "warning",
    summary: "Redis {{ $labels.instance }} has few connections left",
    description: "{{ $value | humanizePercentage }} of maxclients are used.",
    impact: "None yet; at the end it refuses connections.",
    actions: ["See who holds them: `valkey-cli client list`.", "Repair the leak or raise maxclients."],
    source: AWESOME,
    fires: { series: clients(85), labels: NODE, value: "85%" },
    silent: clients(50),
  },
  {
    name: "RedisSnapshotFailed",
    expr: "redis_rdb_last_bgsave_status == 0",
    for: "5m",
    severity: "critical",
    summary: "Redis {{ $labels.instance }} cannot save its data",
    description: "The last snapshot failed.",
    impact: "A restart loses everything since the one before; with default settings writes are refused too.",
    actions: ["Read its log: a full disk, or no memory for the fork.", "Run `valkey-cli bgsave` when it is repaired."],
    source: MIXIN,
    fires: { series: { [metric("redis_rdb_last_bgsave_status")]: flat(0) }, labels: NODE },
    silent: { [metric("redis_rdb_last_bgsave_status")]: flat(1) },
  },
  {
    name: "RedisSnapshotTooOld",
    expr: "time() - redis_rdb_last_save_timestamp_seconds > 24 * 3600 and redis_rdb_changes_since_last_save > 0",
    for: "10m",
    severity: "warning",
    summary: "Redis {{ $labels.instance }} has not saved for a day",
    description: "The last snapshot is {{ $value | humanizeDuration }} old.",
    impact: "A restart loses what came since.",
    actions: ["Compare `CONFIG GET save` with its spec.", "Run `valkey-cli bgsave` and read the log."],
    source: AWESOME,
    fires: {
      series: {
        [metric("redis_rdb_last_save_timestamp_seconds")]: flat(-90_000),
        [metric("redis_rdb_changes_since_last_save")]: flat(9),
      },
      labels: NODE,
      value: "1d 2h 0m 0s",
    },
    silent: {
      [metric("redis_rdb_last_save_timestamp_seconds")]: flat(-90_000),
      [metric("redis_rdb_changes_since_last_save")]: flat(0),
    },
  },
  {
    name: "RedisHitRatioLow",
    expr: "rate(redis_keyspace_hits_total[15m]) / (rate(redis_keyspace_hits_total[15m]) + rate(redis_keyspace_misses_total[15m])) < 0.5 and rate(redis_keyspace_misses_total[15m]) > 10",
    for: "15m",
    severity: "info",
    summary: "Redis {{ $labels.instance }} is asked for what it does not have",
    description: "{{ $value | humanizePercentage }} of the reads are hits.",
    impact: "The databases behind do the work.",
    actions: ["See whether keys are evicted or expire too early."],
    source: AWESOME,
    fires: {
      series: {
        [metric("redis_keyspace_hits_total")]: rising(1200),
        [metric("redis_keyspace_misses_total")]: rising(4800),
      },
      labels: NODE,
      value: "20%",
    },
    silent: {
      [metric("redis_keyspace_hits_total")]: rising(4800),
      [metric("redis_keyspace_misses_total")]: rising(1200),
    },
  },
];

/** One Redis server. */
export const redis: RuleGroup = { name: "redis", recordings: [], alerts: single };

/** Primaries with replicas that speak the cluster protocol. */
export const redisCluster: RuleGroup = {
  name: "redis-cluster",
  recordings: [],
  alerts: [
    {
      name: "RedisFailover",
      expr: "max by (system, part) (increase(redis_cluster_current_epoch[10m])) > 0",
      for: "0m",
      severity: "warning",
      summary: "Redis of {{ $labels.system }} has a new primary",
      description: "{{ $value | humanize }} elections in 10 min.",
      impact: "Writes to its slots failed for some seconds; a replica less is left until the old primary is back.",
      actions: ["See who left: `valkey-cli cluster nodes`.", "Bring it back; it becomes a replica by itself."],
      source: CLUSTER,
      fires: { series: { [metric("redis_cluster_current_epoch")]: "6x55 7x4" }, labels: TIER, value: "1" },
      silent: { [metric("redis_cluster_current_epoch")]: flat(6) },
    },
    {
      name: "RedisClusterDown",
      expr: "min by (system, part) (redis_cluster_state) == 0",
      for: "1m",
      severity: "critical",
      summary: "The Redis cluster of {{ $labels.system }} refuses requests",
      description: "At least one node reports cluster_state:fail.",
      impact: "All keys are unreachable unless cluster-require-full-coverage is off.",
      actions: [
        "See which slots nobody serves: `valkey-cli --cluster check <node>`.",
        "Bring their primary or a replica back.",
      ],
      source: CLUSTER,
      fires: { series: { [metric("redis_cluster_state")]: flat(0) }, labels: TIER },
      silent: { [metric("redis_cluster_state")]: flat(1) },
    },
    {
      name: "RedisClusterSlotsFailing",
      expr: "max by (system, part) (redis_cluster_slots_fail) > 0",
      for: "1m",
      severity: "critical",
      summary: "Part of the keys of {{ $labels.system }} cannot be reached",
      description: "{{ $value }} of 16384 slots have no working primary.",
      impact: "Requests for these keys fail.",
      actions: ["See which: `valkey-cli cluster nodes | grep fail`.", "Bring the primary or its replica back."],
      source: CLUSTER,
      fires: { series: { [metric("redis_cluster_slots_fail")]: flat(5461) }, labels: TIER, value: "5461" },
      silent: { [metric("redis_cluster_slots_fail")]: flat(0) },
    },
    {
      name: "RedisReplicaDisconnected",
      expr: "redis_master_link_up == 0",
      for: "2m",
      severity: "critical",
      summary: "Redis replica {{ $labels.instance }} gets no more data",
      description: "Its link to the primary is down for 2 min.",
      impact: "If the primary fails now, its newest writes are lost.",
      actions: ["Read the replica's log: network, password, or output buffer limits."],
      source: MIXIN,
      fires: { series: { [metric("redis_master_link_up")]: flat(0) }, labels: NODE },
      silent: { [metric("redis_master_link_up")]: flat(1) },
    },
    {
      name: "RedisReplicaMissing",
      expr: 'redis_connected_slaves < 1 and on (system, part, instance) redis_instance_info{role="master"}',
      for: "5m",
      severity: "warning",
      summary: "Redis primary {{ $labels.instance }} has no replica",
      description: "For 5 min nobody follows it.",
      impact: "If it fails now, its keys are lost until it is back.",
      actions: ["See who is missing: `valkey-cli cluster nodes`.", "Bring the replica back."],
      source: AWESOME,
      fires: {
        series: {
          [metric("redis_connected_slaves")]: flat(0),
          [`redis_instance_info{${LABELS},role="master"}`]: flat(1),
        },
        labels: NODE,
      },
      silent: { [metric("redis_connected_slaves")]: flat(0), [`redis_instance_info{${LABELS},role="slave"}`]: flat(1) },
    },
  ],
};
