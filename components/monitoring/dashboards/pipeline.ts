import type { DashboardSpec, PanelSpec } from "./dashboard.ts";
import { inSystem, share, WINDOW } from "./dashboard.ts";
import { containerCpu, containerMemory, dependencies, errorRatio, requestRate, requestSeconds } from "./service.ts";

export interface PipelineDashboard {
  readonly system: string;
  /** What one item is called, in the plural, e.g. `tracks`. */
  readonly items: string;
  /** Items an hour that the pipeline is built for. */
  readonly goal: number;
  /** Whether PostgreSQL and Redis have exporters of their own; else the services' view of them is shown. Default true. */
  readonly hasExporters?: boolean;
}

const SECONDS_OF_AN_HOUR = 3600;

/** A data pipeline on ten panels: what it brings, where it queues, how the answers are, what it uses up. */
export function pipelineDashboard({ system, items, goal, hasExporters = true }: PipelineDashboard): DashboardSpec {
  return {
    uid: `${system}-pipeline`,
    title: `${system}: data pipeline`,
    description: `From source to API: ${goal} ${items} an hour is what it is built for.`,
    tags: [system, "pipeline"],
    panels: [
      throughput(system, items, goal),
      producedAndProcessed(system, items),
      queueDepth(system),
      validation(system),
      requestRate(system),
      requestSeconds(system, 0.5),
      errorRatio(system),
      hasExporters ? database(system) : dependencies(system),
      containerCpu(system),
      containerMemory(system),
    ],
  };
}

function throughput(system: string, items: string, goal: number): PanelSpec {
  const accepted = inSystem(system, 'result="accepted"');
  return {
    title: `${capitalised(items)} an hour`,
    description: `At the rate of the last minutes; the goal is ${goal}.`,
    unit: "short",
    queries: [
      {
        expr: `sum(rate(pipeline_items_processed_total${accepted}[${WINDOW}])) * ${SECONDS_OF_AN_HOUR}`,
        legend: items,
      },
    ],
    base: "red",
    thresholds: [{ from: goal, color: "green" }],
  };
}

function producedAndProcessed(system: string, items: string): PanelSpec {
  return {
    title: "Produced and processed",
    description: `${capitalised(items)} a second; where more is produced than processed, the queue grows.`,
    unit: "cps",
    queries: [
      { expr: `sum(rate(pipeline_items_produced_total${inSystem(system)}[${WINDOW}]))`, legend: "produced" },
      {
        expr: `sum by (result) (rate(pipeline_items_processed_total${inSystem(system)}[${WINDOW}]))`,
        legend: "{{result}}",
      },
    ],
  };
}

function queueDepth(system: string): PanelSpec {
  return {
    title: "Queue depth",
    description: "Messages that wait, and messages that a worker has and has not settled.",
    unit: "short",
    queries: [
      { expr: `sum(rabbitmq_queue_messages_ready${inSystem(system)})`, legend: "waiting" },
      { expr: `sum(rabbitmq_queue_messages_unacked${inSystem(system)})`, legend: "with a worker" },
    ],
    stacked: true,
  };
}

function validation(system: string): PanelSpec {
  const settled = (...more: string[]) =>
    `sum(rate(pipeline_items_processed_total${inSystem(system, ...more)}[${WINDOW}]))`;
  return {
    title: "Validation rate",
    description: "Share of what came in that was good enough to keep; a fall means that a source has changed.",
    unit: "percentunit",
    queries: [{ expr: share(settled('result="accepted"'), settled()), legend: "accepted" }],
    base: "red",
    thresholds: [{ from: 0.9, color: "green" }],
    max: 1,
  };
}

function database(system: string): PanelSpec {
  return {
    title: "Database and cache",
    description: "Connections in use of those that PostgreSQL takes, and how often Redis had what was asked for.",
    unit: "percentunit",
    queries: [
      { expr: `max(system_part:pg_connections_used:ratio${inSystem(system)})`, legend: "PostgreSQL connections" },
      {
        expr: `sum(rate(redis_keyspace_hits_total${inSystem(system)}[${WINDOW}])) / (sum(rate(redis_keyspace_hits_total${inSystem(system)}[${WINDOW}])) + sum(rate(redis_keyspace_misses_total${inSystem(system)}[${WINDOW}])))`,
        legend: "Redis hits",
      },
    ],
    max: 1,
  };
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
