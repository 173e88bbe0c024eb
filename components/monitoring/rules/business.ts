import type { RuleGroup } from "./rule.ts";
import { flat, rising } from "./rule.ts";

/** What a data pipeline is there for. */
export interface Pipeline {
  /** Items an hour that it is built for; tracks: 20,000. */
  readonly itemsPerHour: number;
  /** Items an hour below which it is as good as broken; tracks: the 1,600 that it did before. */
  readonly leastPerHour: number;
  /** Messages that may wait before somebody looks. */
  readonly queueDepth: number;
}

const SOURCE = "systems.md: tracks, business metrics";
const SYSTEM = { system: "s" };
const TRANSFORMER = 'system="s",part="data-transformer",instance="i"';
const processed = (accepted: string, rejected: string) => ({
  [`pipeline_items_processed_total{${TRANSFORMER},result="accepted"}`]: accepted,
  [`pipeline_items_processed_total{${TRANSFORMER},result="rejected"}`]: rejected,
});
const produced = (values: string) => ({
  ['pipeline_items_produced_total{system="s",part="scraper",instance="i"}']: values,
});
const waiting = (values: string) => ({
  ['rabbitmq_queue_messages_ready{system="s",part="rabbitmq",tier="rabbitmq",instance="i"}']: values,
});

const FIND_NARROW = [
  "Find the narrow place: do messages wait (then the transformers) or not (then the scrapers)?",
  "Look at errors and breakers of that part, then add replicas: `groundwork scale`.",
];

/** Throughput, backlog and quality of a pipeline over RabbitMQ. */
export function business({ itemsPerHour, leastPerHour, queueDepth }: Pipeline): RuleGroup {
  return {
    name: "business",
    recordings: [
      {
        record: "system:pipeline_items:per_hour",
        expr: 'sum by (system) (rate(pipeline_items_processed_total{result="accepted"}[15m])) * 3600',
      },
      {
        record: "system:pipeline_validation:ratio15m",
        expr: 'sum by (system) (rate(pipeline_items_processed_total{result="accepted"}[15m])) / sum by (system) (rate(pipeline_items_processed_total[15m]))',
      },
    ],
    alerts: [
      {
        name: "PipelineThroughputLow",
        expr: `system:pipeline_items:per_hour < ${itemsPerHour}`,
        for: "30m",
        severity: "warning",
        summary: "The pipeline of {{ $labels.system }} is below its target",
        description: `{{ $value | humanize }} items an hour; it is built for ${itemsPerHour}.`,
        impact: "Data arrives later than promised.",
        actions: FIND_NARROW,
        source: SOURCE,
        fires: {
          series: processed(rising(itemsPerHour / 120), rising(0)),
          labels: SYSTEM,
          value: `${itemsPerHour / 2000}k`,
        },
        silent: processed(rising(itemsPerHour / 30), rising(0)),
      },
      {
        name: "PipelineThroughputCritical",
        expr: `system:pipeline_items:per_hour < ${leastPerHour}`,
        for: "15m",
        severity: "critical",
        summary: "The pipeline of {{ $labels.system }} hardly moves",
        description: `{{ $value | humanize }} items an hour; less than ${leastPerHour} means that something is broken.`,
        impact: "Data is missing.",
        actions: FIND_NARROW,
        source: SOURCE,
        fires: { series: processed(flat(5), flat(0)), labels: SYSTEM, value: "0" },
        silent: processed(rising(itemsPerHour / 120), rising(0)),
      },
      {
        name: "PipelineStalled",
        expr: "sum by (system) (rate(pipeline_items_produced_total[10m])) > 0 unless on (system) sum by (system) (rate(pipeline_items_processed_total[10m])) > 0",
        for: "10m",
        severity: "critical",
        summary: "{{ $labels.system }} produces and nothing is processed",
        description: "{{ $value | humanize }} items a second go in, none comes out.",
        impact: "The queue grows until the broker blocks the producers.",
        actions: [
          "See whether consumers are connected (RabbitmqNoConsumers) and what they wait for (DependencyDown).",
          "Restart them: unacknowledged messages come again.",
        ],
        source: SOURCE,
        fires: { series: { ...produced(rising(120)), ...processed(flat(9), flat(1)) }, labels: SYSTEM, value: "2" },
        silent: { ...produced(rising(120)), ...processed(rising(100), rising(1)) },
      },
      {
        name: "PipelineSourceSilent",
        expr: "sum by (system) (rate(pipeline_items_produced_total[15m])) == 0",
        for: "15m",
        severity: "critical",
        summary: "The sources of {{ $labels.system }} bring nothing",
        description: "No item was produced for 30 min.",
        impact: "No new data.",
        actions: [
          "Read the scrapers' log: blocked, changed pages, no network.",
          "See whether RabbitMQ blocks publishers (its alarms).",
        ],
        source: SOURCE,
        fires: { series: produced(flat(400)), labels: SYSTEM },
        silent: produced(rising(1)),
      },
      {
        name: "QueueDepthHigh",
        expr: `sum by (system, part) (rabbitmq_queue_messages_ready) > ${queueDepth}`,
        for: "10m",
        severity: "warning",
        summary: "Work piles up in {{ $labels.system }}",
        description: "{{ $value | humanize }} messages wait.",
        impact: "Data arrives late; nothing is lost yet.",
        actions: FIND_NARROW,
        source: SOURCE,
        fires: {
          series: waiting(flat(queueDepth * 2)),
          labels: { ...SYSTEM, part: "rabbitmq" },
          value: `${queueDepth / 500}k`,
        },
        silent: waiting(flat(queueDepth / 2)),
      },
      {
        name: "QueueGrowing",
        expr: `sum by (system, part) (deriv(rabbitmq_queue_messages_ready[30m])) > 1 and sum by (system, part) (rabbitmq_queue_messages_ready) > ${queueDepth / 10}`,
        for: "15m",
        severity: "warning",
        summary: "Work comes into {{ $labels.system }} faster than it is done",
        description: "The queue grows by {{ $value | humanize }} messages a second.",
        impact: "It fills the broker's memory in the end.",
        actions: FIND_NARROW,
        source: SOURCE,
        fires: { series: waiting(rising(120)), labels: { ...SYSTEM, part: "rabbitmq" }, value: "2" },
        silent: waiting(rising(6)),
      },
      {
        name: "ValidationRateLow",
        expr: "system:pipeline_validation:ratio15m < 0.95",
        for: "15m",
        severity: "warning",
        summary: "{{ $labels.system }} rejects more items than usual",
        description: "{{ $value | humanizePercentage }} of the items are valid.",
        impact: "Data is missing from the result.",
        actions: [
          "See why: the transformers log the reason of each rejection.",
          "Compare with changes of the source's format.",
        ],
        source: SOURCE,
        fires: { series: processed(rising(540), rising(60)), labels: SYSTEM, value: "90%" },
        silent: processed(rising(594), rising(6)),
      },
      {
        name: "ValidationRateCritical",
        expr: "system:pipeline_validation:ratio15m < 0.8",
        for: "5m",
        severity: "critical",
        summary: "{{ $labels.system }} rejects a large part of its items",
        description: "{{ $value | humanizePercentage }} of the items are valid.",
        impact: "The result cannot be trusted.",
        actions: [
          "Stop the sources before they fill the queue with what is rejected: `groundwork scale`.",
          "Repair the parser, then start them again.",
        ],
        source: SOURCE,
        fires: { series: processed(rising(300), rising(300)), labels: SYSTEM, value: "50%" },
        silent: processed(rising(540), rising(60)),
      },
    ],
  };
}
