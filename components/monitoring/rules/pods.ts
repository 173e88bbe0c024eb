import type { AlertRule, RuleGroup } from "./rule.ts";
import { flat, rising } from "./rule.ts";

/**
 * Containers in Kubernetes: what they use, by the kubelet's cAdvisor, against what they may use, by kube-state-metrics;
 * kube-prometheus-stack drops cAdvisor's own limits. Their series know a namespace, not a system. What the stack's own
 * rules tell of already (crash loops, replicas that do not come, nodes) is not told again.
 * https://github.com/prometheus-community/helm-charts/blob/kube-prometheus-stack-88.5.3/charts/kube-prometheus-stack/values.yaml
 */
const KUBELET = "https://kubernetes.io/docs/reference/instrumentation/metrics/";
const PODS = "https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/pod-metrics.md";
const SYSTEMS = "systems.md: web-platform, critical alerts: any resource above 90 %";

const IDENTITY = "namespace, pod, container";
const LABELS = 'namespace="s",pod="api-1",container="api"';
const POD = { namespace: "s", pod: "api-1" };
const CONTAINER = { system: "s", part: "api", ...POD, container: "api" };

/** Alerts and dashboards go by the system and the part: its namespace and the container, which has the workload's name. */
const named = (expr: string, from = "container", pattern = "(.+)"): string =>
  `label_replace(label_replace(${expr}, "part", "$1", "${from}", "${pattern}"), "system", "$1", "namespace", "(.+)")`;
const limit = (resource: "cpu" | "memory"): string =>
  `max by (${IDENTITY}) (kube_pod_container_resource_limits{resource="${resource}"})`;
const perContainer = (metric: string): string => `sum by (${IDENTITY}) (rate(${metric}{container!=""}[5m]))`;

const limited = (resource: string, value: number) => ({
  [`kube_pod_container_resource_limits{${LABELS},resource="${resource}"}`]: flat(value),
});
const cpu = (perMinute: number) => ({
  [`container_cpu_usage_seconds_total{${LABELS}}`]: rising(perMinute),
  ...limited("cpu", 1),
});
const memory = (used: number) => ({
  [`container_memory_working_set_bytes{${LABELS}}`]: flat(used),
  ...limited("memory", 100),
});
const throttled = (periods: number) => ({
  [`container_cpu_cfs_throttled_periods_total{${LABELS}}`]: rising(periods),
  [`container_cpu_cfs_periods_total{${LABELS}}`]: rising(600),
});
const restarts = (values: string) => ({ [`kube_pod_container_status_restarts_total{${LABELS}}`]: values });
const killed = (reason: string) => ({
  ...restarts("0x52 1x7"),
  [`kube_pod_container_status_last_terminated_reason{${LABELS},reason="${reason}"}`]: flat(1),
});

const MORE_CPU = [
  "See whether it is load or a loop: compare with requests a second of the same part.",
  "Raise the part's CPU limit (`groundwork:workloads`) or the most replicas of its autoscaler.",
];
const MORE_MEMORY = [
  "See whether it grows without load: then it leaks, and a restart buys time.",
  "Raise the part's memory limit (`groundwork:workloads`) and run `groundwork up`.",
];
const LOOK = "Read the last words of the one before: `kubectl logs --previous -n <system> <pod>`.";

const resources: readonly AlertRule[] = [
  {
    name: "PodCpuHigh",
    expr: "system_part:container_cpu_used:ratio5m > 0.8",
    for: "15m",
    severity: "warning",
    summary: "{{ $labels.container }} in {{ $labels.pod }} uses most of its CPU",
    description: "{{ $value | humanizePercentage }} of its limit for 15 min.",
    impact: "Requests to {{ $labels.part }} take longer.",
    actions: MORE_CPU,
    source: KUBELET,
    fires: { series: cpu(51), labels: CONTAINER, value: "85%" },
    silent: cpu(40),
  },
  {
    name: "PodCpuCritical",
    expr: "system_part:container_cpu_used:ratio5m > 0.9",
    for: "5m",
    severity: "critical",
    summary: "{{ $labels.container }} in {{ $labels.pod }} has no CPU left",
    description: "{{ $value | humanizePercentage }} of its limit for 5 min.",
    impact: "Requests to {{ $labels.part }} time out.",
    actions: MORE_CPU,
    source: SYSTEMS,
    fires: { series: cpu(57), labels: CONTAINER, value: "95%" },
    silent: cpu(51),
  },
  {
    name: "PodCpuThrottled",
    expr: `${named(`${perContainer("container_cpu_cfs_throttled_periods_total")} / ${perContainer("container_cpu_cfs_periods_total")}`)} > 0.25`,
    for: "15m",
    severity: "warning",
    summary: "{{ $labels.container }} in {{ $labels.pod }} is held back by its CPU limit",
    description: "In {{ $value | humanizePercentage }} of the periods it had used up its share.",
    impact: "Single requests take longer although the average looks fine.",
    actions: MORE_CPU,
    source: KUBELET,
    fires: { series: throttled(240), labels: CONTAINER, value: "40%" },
    silent: throttled(60),
  },
  {
    name: "PodMemoryHigh",
    expr: "system_part:container_memory_used:ratio > 0.8",
    for: "15m",
    severity: "warning",
    summary: "{{ $labels.container }} in {{ $labels.pod }} uses most of its memory",
    description: "{{ $value | humanizePercentage }} of its limit for 15 min.",
    impact: "None yet; at the limit the kernel kills it.",
    actions: MORE_MEMORY,
    source: KUBELET,
    fires: { series: memory(85), labels: CONTAINER, value: "85%" },
    silent: memory(70),
  },
  {
    name: "PodMemoryCritical",
    expr: "system_part:container_memory_used:ratio > 0.9",
    for: "5m",
    severity: "critical",
    summary: "{{ $labels.container }} in {{ $labels.pod }} is about to run out of memory",
    description: "{{ $value | humanizePercentage }} of its limit for 5 min.",
    impact: "The kernel kills it soon; its requests fail.",
    actions: MORE_MEMORY,
    source: SYSTEMS,
    fires: { series: memory(95), labels: CONTAINER, value: "95%" },
    silent: memory(85),
  },
];

const lives: readonly AlertRule[] = [
  {
    name: "PodOutOfMemoryKill",
    expr: named(
      `increase(kube_pod_container_status_restarts_total[10m]) > 0 and on (${IDENTITY}) kube_pod_container_status_last_terminated_reason{reason="OOMKilled"} == 1`,
    ),
    for: "0m",
    severity: "critical",
    summary: "{{ $labels.container }} in {{ $labels.pod }} was killed for its memory",
    description: "It ran into its limit within the last 10 min.",
    impact: "Its requests failed; it starts again.",
    actions: MORE_MEMORY,
    source: PODS,
    fires: { series: killed("OOMKilled"), labels: CONTAINER },
    silent: killed("Completed"),
  },
  {
    name: "PodRestarting",
    expr: named("increase(kube_pod_container_status_restarts_total[15m]) > 2"),
    for: "0m",
    severity: "critical",
    summary: "{{ $labels.container }} in {{ $labels.pod }} does not stay up",
    description: "It was started again {{ $value | humanize }} times in 15 min.",
    impact: "It answers between two crashes only.",
    actions: [LOOK, "When it began with a release, go back: `groundwork rollback`."],
    source: PODS,
    fires: { series: restarts(rising(1)), labels: CONTAINER, value: "15" },
    silent: restarts(flat(4)),
  },
  {
    name: "PodUnschedulable",
    expr: 'label_replace(kube_pod_status_unschedulable, "system", "$1", "namespace", "(.+)") == 1',
    for: "10m",
    severity: "warning",
    summary: "There is no node for {{ $labels.pod }}",
    description: "It waits for 10 min, longer than a new node takes.",
    impact: "A replica less than wanted; under load requests take longer.",
    actions: [
      "Read why: `kubectl describe pod -n <system> <pod>`, then Karpenter's log.",
      "Raise `groundwork:workloadNodes` (cpu, memoryGib, gpus) or the account's quota of vCPUs.",
    ],
    source: PODS,
    fires: {
      series: { ['kube_pod_status_unschedulable{namespace="s",pod="api-1"}']: flat(1) },
      labels: { system: "s", ...POD },
    },
    silent: { ['kube_pod_status_unschedulable{namespace="s",pod="api-1"}']: "1x50 0x9" },
  },
  {
    name: "AutoscalerBlind",
    expr: `${named('kube_horizontalpodautoscaler_status_condition{condition="ScalingActive",status="false"}', "horizontalpodautoscaler", "(?:keda-hpa-)?(.+)")} == 1`,
    for: "15m",
    severity: "warning",
    summary: "The autoscaler {{ $labels.horizontalpodautoscaler }} does not know the load",
    description: "For 15 min it cannot read its metrics.",
    impact: "Replicas stay as many as they are, whatever comes.",
    actions: [
      "Read why: `kubectl describe hpa -n <system>`.",
      "Look at metrics-server, or at KEDA and the queue that it asks.",
    ],
    source:
      "https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/horizontalpodautoscaler-metrics.md",
    fires: {
      series: scaling(1),
      labels: {
        ...{ system: "s", part: "api", namespace: "s", horizontalpodautoscaler: "keda-hpa-api" },
        ...{ condition: "ScalingActive", status: "false" },
      },
    },
    silent: scaling(0),
  },
];

function scaling(isBlind: number) {
  const labels = 'namespace="s",horizontalpodautoscaler="keda-hpa-api",condition="ScalingActive",status="false"';
  return { [`kube_horizontalpodautoscaler_status_condition{${labels}}`]: flat(isBlind) };
}

/** The recorded series are called as those of Docker's containers, so that dashboards hold for both. */
export const pods: RuleGroup = {
  name: "pods",
  knownBy: "namespace",
  recordings: [
    {
      record: "system_part:container_cpu_used:ratio5m",
      expr: named(`${perContainer("container_cpu_usage_seconds_total")} / on (${IDENTITY}) ${limit("cpu")}`),
    },
    {
      record: "system_part:container_memory_used:ratio",
      expr: named(
        `max by (${IDENTITY}) (container_memory_working_set_bytes{container!=""}) / on (${IDENTITY}) ${limit("memory")}`,
      ),
    },
  ],
  alerts: [...resources, ...lives],
};

const CLAIM = 'namespace="s",persistentvolumeclaim="data-0"';
const volume = (used: number) => ({
  [`kubelet_volume_stats_used_bytes{${CLAIM}}`]: flat(used),
  [`kubelet_volume_stats_capacity_bytes{${CLAIM}}`]: flat(100),
});

/** Volumes of data tiers that run in the cluster. */
export const volumes: RuleGroup = {
  name: "volumes",
  knownBy: "namespace",
  recordings: [],
  alerts: [
    {
      name: "VolumeCritical",
      expr: 'label_replace(kubelet_volume_stats_used_bytes / kubelet_volume_stats_capacity_bytes, "system", "$1", "namespace", "(.+)") > 0.9',
      for: "5m",
      severity: "critical",
      summary: "The volume {{ $labels.persistentvolumeclaim }} is full",
      description: "{{ $value | humanizePercentage }} are used.",
      impact: "At the end the server on it takes no more writes.",
      actions: [
        "Raise `storage` of `groundwork:brokers` or `groundwork:documents`: volumes grow while they are used.",
        "Or delete what is no longer needed.",
      ],
      source: SYSTEMS,
      fires: {
        series: volume(95),
        labels: { system: "s", namespace: "s", persistentvolumeclaim: "data-0" },
        value: "95%",
      },
      silent: volume(80),
    },
  ],
};
