import type { AlertRule, RuleGroup } from "./rule.ts";
import { flat, rising } from "./rule.ts";

/** https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md; alerts after https://github.com/samber/awesome-prometheus-alerts (Docker containers) */
const SOURCE = "https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md";
const LABELS = 'system="s",part="api",name="s-api-1"';
const CONTAINER = { system: "s", part: "api", name: "s-api-1" };

const cpu = (perMinute: number) => ({
  [`container_cpu_usage_seconds_total{${LABELS}}`]: rising(perMinute),
  [`container_spec_cpu_quota{${LABELS}}`]: flat(100_000),
  [`container_spec_cpu_period{${LABELS}}`]: flat(100_000),
});
const memory = (used: number) => ({
  [`container_memory_working_set_bytes{${LABELS}}`]: flat(used),
  [`container_spec_memory_limit_bytes{${LABELS}}`]: flat(100),
});
const throttled = (periods: number) => ({
  [`container_cpu_cfs_throttled_periods_total{${LABELS}}`]: rising(periods),
  [`container_cpu_cfs_periods_total{${LABELS}}`]: rising(600),
});

const MORE_CPU = [
  "See whether it is load or a loop: compare with requests a second of the same part.",
  "Raise the part's CPU limit or its replicas in stacks/systems and run `groundwork up`.",
];
const MORE_MEMORY = [
  "See whether it grows without load: then it leaks, and a restart buys time.",
  "Raise the part's memory limit in stacks/systems and run `groundwork up`.",
];

const resources: readonly AlertRule[] = [
  {
    name: "ContainerCpuHigh",
    expr: "system_part:container_cpu_used:ratio5m > 0.8",
    for: "15m",
    severity: "warning",
    summary: "{{ $labels.name }} uses most of its CPU",
    description: "{{ $value | humanizePercentage }} of its limit for 15 min.",
    impact: "Requests to {{ $labels.part }} take longer.",
    actions: MORE_CPU,
    source: SOURCE,
    fires: { series: cpu(51), labels: CONTAINER, value: "85%" },
    silent: cpu(40),
  },
  {
    name: "ContainerCpuCritical",
    expr: "system_part:container_cpu_used:ratio5m > 0.9",
    for: "5m",
    severity: "critical",
    summary: "{{ $labels.name }} has no CPU left",
    description: "{{ $value | humanizePercentage }} of its limit for 5 min.",
    impact: "Requests to {{ $labels.part }} time out.",
    actions: MORE_CPU,
    source: SOURCE,
    fires: { series: cpu(57), labels: CONTAINER, value: "95%" },
    silent: cpu(51),
  },
  {
    name: "ContainerCpuThrottled",
    expr: "rate(container_cpu_cfs_throttled_periods_total[5m]) / rate(container_cpu_cfs_periods_total[5m]) > 0.25",
    for: "15m",
    severity: "info",
    summary: "{{ $labels.name }} is stopped again and again by its CPU limit",
    description: "In {{ $value | humanizePercentage }} of the periods it had to wait.",
    impact: "The slowest requests get slower, although the average looks good.",
    actions: MORE_CPU,
    source: SOURCE,
    fires: { series: throttled(300), labels: CONTAINER, value: "50%" },
    silent: throttled(60),
  },
  {
    name: "ContainerMemoryHigh",
    expr: "system_part:container_memory_used:ratio > 0.8",
    for: "15m",
    severity: "warning",
    summary: "{{ $labels.name }} uses most of its memory",
    description: "{{ $value | humanizePercentage }} of its limit for 15 min.",
    impact: "None yet.",
    actions: MORE_MEMORY,
    source: SOURCE,
    fires: { series: memory(85), labels: CONTAINER, value: "85%" },
    silent: memory(70),
  },
  {
    name: "ContainerMemoryCritical",
    expr: "system_part:container_memory_used:ratio > 0.9",
    for: "5m",
    severity: "critical",
    summary: "{{ $labels.name }} is about to be killed for its memory",
    description: "{{ $value | humanizePercentage }} of its limit for 5 min.",
    impact: "At its limit the kernel kills it and Docker starts it again.",
    actions: MORE_MEMORY,
    source: SOURCE,
    fires: { series: memory(95), labels: CONTAINER, value: "95%" },
    silent: memory(85),
  },
];

const life: readonly AlertRule[] = [
  {
    name: "ContainerOutOfMemoryKill",
    expr: "increase(container_oom_events_total[10m]) > 0",
    for: "0m",
    severity: "critical",
    summary: "{{ $labels.name }} was killed for its memory",
    description: "{{ $value | humanize }} times in 10 min.",
    impact: "Its requests failed; what it had in memory is lost.",
    actions: MORE_MEMORY,
    source: SOURCE,
    fires: { series: { [`container_oom_events_total{${LABELS}}`]: rising(1) }, labels: CONTAINER, value: "10" },
    silent: { [`container_oom_events_total{${LABELS}}`]: flat(2) },
  },
  {
    name: "ContainerRestarting",
    expr: "changes(container_start_time_seconds[15m]) > 2",
    for: "0m",
    severity: "critical",
    summary: "{{ $labels.name }} does not stay up",
    description: "It was started {{ $value | humanize }} times in 15 min.",
    impact: "{{ $labels.part }} answers between two crashes only, or not at all.",
    actions: [
      "Read its last words: `docker logs --tail 100 <name>` and the exit code in `docker inspect`.",
      "Go back to the version before: `groundwork rollback`.",
    ],
    source: SOURCE,
    fires: { series: { [`container_start_time_seconds{${LABELS}}`]: rising(60) }, labels: CONTAINER, value: "15" },
    silent: { [`container_start_time_seconds{${LABELS}}`]: flat(1000) },
  },
  {
    name: "ContainerGone",
    expr: "time() - container_last_seen > 60",
    for: "0m",
    severity: "warning",
    summary: "{{ $labels.name }} is not there any more",
    description: "It was last seen {{ $value | humanizeDuration }} ago.",
    impact: "One replica less; ServiceDown follows when it was the last.",
    actions: [
      "See whether somebody removed it: `docker events --since 30m --filter type=container`.",
      "Bring it back: `groundwork up`.",
    ],
    source: SOURCE,
    fires: { series: { [`container_last_seen{${LABELS}}`]: `${flat(3480)}` }, labels: CONTAINER, value: "2m 0s" },
    silent: { [`container_last_seen{${LABELS}}`]: rising(60) },
  },
];

/** The containers, as cAdvisor sees them. */
export const containers: RuleGroup = {
  name: "containers",
  recordings: [
    {
      record: "system_part:container_cpu_used:ratio5m",
      expr: "sum by (system, part, name) (rate(container_cpu_usage_seconds_total[5m])) / sum by (system, part, name) (container_spec_cpu_quota / container_spec_cpu_period)",
    },
    {
      record: "system_part:container_memory_used:ratio",
      expr: "container_memory_working_set_bytes / (container_spec_memory_limit_bytes > 0)",
    },
  ],
  alerts: [...resources, ...life],
};
