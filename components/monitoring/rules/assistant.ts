import type { RuleGroup } from "./rule.ts";
import { flat, rising } from "./rule.ts";

/** The limits of a chat service. */
export interface Chat {
  /** Requests that it answers at once. */
  readonly concurrent: number;
  /** Seconds that one request may take. */
  readonly latencySeconds: number;
  /** Share of requests that the cache should answer. */
  readonly hitRatio: number;
}

const SOURCE = "systems.md: sophia, chat service";
const LABELS = 'system="s",part="chat",instance="i"';
const PART = { system: "s", part: "chat" };
const cache = (hits: number, misses: number) => ({
  [`cache_requests_total{${LABELS},layer="chat",result="hit"}`]: rising(hits),
  [`cache_requests_total{${LABELS},layer="chat",result="miss"}`]: rising(misses),
});
const bucket = (limit: string, perMinute: number) => ({
  [`chat_request_duration_seconds_bucket{${LABELS},le="${limit}"}`]: rising(perMinute),
});

/** sophia's chat route. */
export function chat({ concurrent, latencySeconds, hitRatio }: Chat): RuleGroup {
  return {
    name: "chat",
    recordings: [
      {
        record: "system_part:chat_latency_seconds:p95_5m",
        expr: "histogram_quantile(0.95, sum by (system, part, le) (rate(chat_request_duration_seconds_bucket[5m])))",
      },
    ],
    alerts: [
      {
        name: "ChatCacheHitRatioLow",
        expr: `sum by (system, part) (rate(cache_requests_total{layer="chat",result="hit"}[30m])) / sum by (system, part) (rate(cache_requests_total{layer="chat"}[30m])) < ${hitRatio}`,
        for: "15m",
        severity: "warning",
        summary: "The chat cache of {{ $labels.system }} misses its goal",
        description: `{{ $value | humanizePercentage }} of the requests are answered from it; the goal is ${hitRatio * 100} %.`,
        impact: "Answers take longer and the model works more.",
        actions: [
          "See whether Redis evicts (RedisEvicting).",
          "Compare time-to-live by kind with how often questions come again.",
        ],
        source: SOURCE,
        fires: { series: cache(300, 300), labels: PART, value: "50%" },
        silent: cache(540, 60),
      },
      {
        name: "ChatSaturated",
        expr: `sum by (system, part, instance) (chat_requests_in_flight) >= ${concurrent * 0.9}`,
        for: "5m",
        severity: "warning",
        summary: "{{ $labels.part }} at {{ $labels.instance }} answers as many requests as it may",
        description: `{{ $value | humanize }} at once; ${concurrent} is the limit.`,
        impact: "The next ones wait or are refused.",
        actions: ["See whether the model or a tier is slow.", "Add replicas: `groundwork scale`."],
        source: SOURCE,
        fires: {
          series: { [`chat_requests_in_flight{${LABELS}}`]: flat(concurrent) },
          labels: { ...PART, instance: "i" },
          value: String(concurrent),
        },
        silent: { [`chat_requests_in_flight{${LABELS}}`]: flat(concurrent / 2) },
      },
      {
        name: "ChatLatencyHigh",
        expr: `system_part:chat_latency_seconds:p95_5m > ${latencySeconds / 2}`,
        for: "5m",
        severity: "warning",
        summary: "Answers of {{ $labels.part }} take long",
        description: `95 % take up to {{ $value | humanizeDuration }}; at ${latencySeconds} s they are given up.`,
        impact: "Users wait, and soon get nothing.",
        actions: [
          "Compare with the GPU's use and the cache's hit ratio.",
          "Add replicas, or a smaller model for short questions.",
        ],
        source: SOURCE,
        fires: {
          series: {
            ...bucket(String(latencySeconds / 2), 0),
            ...bucket(String(latencySeconds), 600),
            ...bucket("+Inf", 600),
          },
          labels: PART,
          value: `${latencySeconds / 2 + (latencySeconds / 2) * 0.95}s`,
        },
        silent: { ...bucket(String(latencySeconds / 2), 600), ...bucket("+Inf", 600) },
      },
    ],
  };
}

const DRIFT = "systems.md: sophia, secret drift";
const CHECKER = 'system="s",part="secret-drift",instance="i"';
const IN_CHECKER = { system: "s", part: "secret-drift", instance: "i" };

/** The secret-drift checker, by the metrics that it serves. */
export const secretDrift: RuleGroup = {
  name: "secret-drift",
  recordings: [],
  alerts: [
    {
      name: "SecretDriftFound",
      expr: "secret_drift_secrets > 0",
      for: "0m",
      severity: "critical",
      summary: "Secrets of {{ $labels.system }} differ between their stores",
      description: "{{ $value }} secrets are missing, stale or different.",
      impact: "The next deployment may use a wrong or revoked secret.",
      actions: [
        "See which: `groundwork secrets status`.",
        "Heal them: `groundwork secrets heal`, which asks before it changes anything risky.",
      ],
      source: DRIFT,
      fires: { series: { [`secret_drift_secrets{${CHECKER}}`]: flat(2) }, labels: IN_CHECKER, value: "2" },
      silent: { [`secret_drift_secrets{${CHECKER}}`]: flat(0) },
    },
    {
      name: "SecretDriftCheckLate",
      expr: "time() - secret_drift_last_check_timestamp_seconds > 15 * 60",
      for: "0m",
      severity: "critical",
      summary: "Nobody looks for secret drift in {{ $labels.system }}",
      description: "The last check is {{ $value | humanizeDuration }} old; one comes every 5 min.",
      impact: "Drift is not found within the promised hour.",
      actions: ["Read the checker's log; most often its token has ended.", "Start it again: `groundwork up`."],
      source: DRIFT,
      fires: {
        series: { [`secret_drift_last_check_timestamp_seconds{${CHECKER}}`]: flat(0) },
        labels: IN_CHECKER,
        value: "1h 0m 0s",
      },
      silent: { [`secret_drift_last_check_timestamp_seconds{${CHECKER}}`]: rising(60) },
    },
    {
      name: "SecretDriftApiSlow",
      expr: "secret_drift_api_latency_seconds > 2",
      for: "10m",
      severity: "warning",
      summary: "The API of {{ $labels.api }} is slow",
      description: "A request takes {{ $value | humanizeDuration }}; 2 s is the limit.",
      impact: "Checks take longer and may fail.",
      actions: ["Look at the provider's status page.", "See whether the checker is being rate limited."],
      source: DRIFT,
      fires: {
        series: { [`secret_drift_api_latency_seconds{${CHECKER},api="github"}`]: flat(4) },
        labels: { ...IN_CHECKER, api: "github" },
        value: "4s",
      },
      silent: { [`secret_drift_api_latency_seconds{${CHECKER},api="github"}`]: flat(0.4) },
    },
    {
      name: "SecretHealingFailing",
      expr: 'sum by (system, part) (increase(secret_drift_healings_total{result="success"}[1d])) / sum by (system, part) (increase(secret_drift_healings_total[1d])) < 0.95',
      for: "15m",
      severity: "warning",
      summary: "Healing of secrets in {{ $labels.system }} often fails",
      description: "{{ $value | humanizePercentage }} of a day's healings succeed; the goal is 95 %.",
      impact: "Drift stays until somebody repairs it by hand.",
      actions: ["Read why: `groundwork secrets history`."],
      source: DRIFT,
      fires: {
        series: {
          [`secret_drift_healings_total{${CHECKER},result="success"}`]: rising(1),
          [`secret_drift_healings_total{${CHECKER},result="failure"}`]: rising(1),
        },
        labels: { system: "s", part: "secret-drift" },
        value: "50%",
      },
      silent: {
        [`secret_drift_healings_total{${CHECKER},result="success"}`]: rising(1),
        [`secret_drift_healings_total{${CHECKER},result="failure"}`]: rising(0),
      },
    },
    {
      name: "SecretExposed",
      expr: "secret_drift_exposed_secrets > 0",
      for: "0m",
      severity: "critical",
      summary: "A secret of {{ $labels.system }} stands where everyone can read it",
      description: "The exposure scan found {{ $value }}.",
      impact: "Whoever has read it can use it.",
      actions: [
        "Revoke and replace it at once; removing the text is not enough.",
        "See where: `groundwork secrets scan`.",
      ],
      source: DRIFT,
      fires: { series: { [`secret_drift_exposed_secrets{${CHECKER}}`]: flat(1) }, labels: IN_CHECKER, value: "1" },
      silent: { [`secret_drift_exposed_secrets{${CHECKER}}`]: flat(0) },
    },
  ],
};

const GPU = 'system="s",part="gpu",instance="i",gpu="0"';
const ON_GPU = { system: "s", part: "gpu", instance: "i", gpu: "0" };
const gpuMemory = (used: number) => ({
  [`DCGM_FI_DEV_FB_USED{${GPU}}`]: flat(used),
  [`DCGM_FI_DEV_FB_FREE{${GPU}}`]: flat(100 - used),
});

/** NVIDIA GPUs, by dcgm-exporter. https://github.com/NVIDIA/dcgm-exporter */
export const gpu: RuleGroup = {
  name: "gpu",
  recordings: [],
  alerts: [
    {
      name: "GpuMemoryCritical",
      expr: "DCGM_FI_DEV_FB_USED / (DCGM_FI_DEV_FB_USED + DCGM_FI_DEV_FB_FREE) > 0.9",
      for: "5m",
      severity: "critical",
      summary: "GPU {{ $labels.gpu }} of {{ $labels.instance }} has no memory left",
      description: "{{ $value | humanizePercentage }} are used.",
      impact: "The model fails with an out-of-memory error.",
      actions: ["See who uses it: `nvidia-smi`.", "Lower the batch size or the number of concurrent requests."],
      source: "systems.md: any resource above 90 %",
      fires: { series: gpuMemory(95), labels: ON_GPU, value: "95%" },
      silent: gpuMemory(60),
    },
    {
      name: "GpuHot",
      expr: "DCGM_FI_DEV_GPU_TEMP > 85",
      for: "5m",
      severity: "warning",
      summary: "GPU {{ $labels.gpu }} of {{ $labels.instance }} is too hot",
      description: "It has {{ $value }} degrees Celsius.",
      impact: "It slows itself down.",
      actions: ["Look after the machine's cooling."],
      source: "https://github.com/NVIDIA/dcgm-exporter/blob/main/etc/default-counters.csv",
      fires: { series: { [`DCGM_FI_DEV_GPU_TEMP{${GPU}}`]: flat(90) }, labels: ON_GPU, value: "90" },
      silent: { [`DCGM_FI_DEV_GPU_TEMP{${GPU}}`]: flat(60) },
    },
  ],
};
