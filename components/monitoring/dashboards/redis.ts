import type { DashboardSpec } from "./dashboard.ts";
import { inSystem, WINDOW } from "./dashboard.ts";

/** Metrics of https://github.com/oliver006/redis_exporter */
export function redisDashboard(system: string): DashboardSpec {
  const all = inSystem(system);
  const rate = (metric: string) => `rate(redis_${metric}${all}[${WINDOW}])`;
  return {
    uid: `${system}-redis`,
    title: `${system}: Redis`,
    description: "Hits, memory, evictions, commands and clients of every node.",
    tags: [system, "redis"],
    panels: [
      {
        title: "Nodes up",
        description: "Nodes that their exporter reaches.",
        kind: "stat",
        unit: "short",
        width: 6,
        queries: [{ expr: `sum(redis_up${all})`, legend: "up" }],
        base: "red",
        thresholds: [{ from: 1, color: "green" }],
      },
      {
        title: "Hit ratio",
        description: "Keys that were there when they were asked for.",
        kind: "gauge",
        unit: "percentunit",
        width: 6,
        queries: [
          {
            expr: `sum(${rate("keyspace_hits_total")}) / (sum(${rate("keyspace_hits_total")}) + sum(${rate("keyspace_misses_total")}))`,
            legend: "hits",
          },
        ],
        max: 1,
        base: "red",
        thresholds: [{ from: 0.8, color: "green" }],
      },
      {
        title: "Memory in use",
        description: "Of maxmemory; full is normal for a cache that evicts and an outage for a store that does not.",
        kind: "gauge",
        unit: "percentunit",
        width: 6,
        queries: [{ expr: `max(redis_memory_used_bytes${all} / (redis_memory_max_bytes${all} > 0))`, legend: "used" }],
        max: 1,
        thresholds: [{ from: 0.9, color: "orange" }],
      },
      {
        title: "Clients",
        description: "Connected, of maxclients; beyond it new ones are turned away.",
        kind: "gauge",
        unit: "percentunit",
        width: 6,
        queries: [{ expr: `max(redis_connected_clients${all} / redis_config_maxclients${all})`, legend: "connected" }],
        max: 1,
        thresholds: [{ from: 0.8, color: "red" }],
      },
      {
        title: "Commands a second",
        description: "The ten that are sent most.",
        unit: "ops",
        queries: [{ expr: `topk(10, sum by (cmd) (${rate("commands_total")}))`, legend: "{{cmd}}" }],
        stacked: true,
      },
      {
        title: "Time by command",
        description: "Average inside the server; KEYS and large ranges hold everybody up.",
        unit: "s",
        queries: [
          {
            expr: `topk(10, sum by (cmd) (${rate("commands_duration_seconds_total")}) / sum by (cmd) (${rate("commands_total")}))`,
            legend: "{{cmd}}",
          },
        ],
      },
      {
        title: "Memory",
        description: "In use, and what each node may take.",
        unit: "bytes",
        queries: [
          { expr: `redis_memory_used_bytes${all}`, legend: "{{instance}} used" },
          { expr: `redis_memory_max_bytes${all}`, legend: "{{instance}} limit" },
        ],
      },
      {
        title: "Evicted and expired keys",
        description: "Evicted: thrown away because memory was full. Expired: their time was over.",
        unit: "ops",
        queries: [
          { expr: `sum(${rate("evicted_keys_total")})`, legend: "evicted" },
          { expr: `sum(${rate("expired_keys_total")})`, legend: "expired" },
        ],
      },
      {
        title: "Network",
        description: "Bytes a second in and out of all nodes.",
        unit: "Bps",
        queries: [
          { expr: `sum(${rate("net_input_bytes_total")})`, legend: "in" },
          { expr: `sum(${rate("net_output_bytes_total")})`, legend: "out" },
        ],
      },
      {
        title: "Connected replicas",
        description: "Of each primary; a primary without one is lost with its host.",
        unit: "short",
        queries: [
          {
            expr: `redis_connected_slaves${all} and on (system, part, instance) redis_instance_info${inSystem(system, 'role="master"')}`,
            legend: "{{instance}}",
          },
        ],
      },
    ],
  };
}
