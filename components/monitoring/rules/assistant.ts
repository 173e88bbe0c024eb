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
