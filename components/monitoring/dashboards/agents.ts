import type { DashboardSpec, PanelSpec } from "./dashboard.ts";
import { inSystem, share, WINDOW } from "./dashboard.ts";
import {
  cacheHitRatio,
  containerCpu,
  containerMemory,
  errorRatio,
  replicas,
  requestRate,
  requestSeconds,
} from "./service.ts";

export interface AgentsDashboard {
  readonly system: string;
  /** The workload that scales by load. */
  readonly worker: string;
  /** Shares of the limits at which it is scaled out, and below which it is scaled in. */
  readonly scaleOut: { readonly cpu: number; readonly memory: number };
  readonly scaleIn: number;
}

/** Agent orchestration: what the autoscaler looks at, beside what users see. */
export function agentsDashboard(args: AgentsDashboard): DashboardSpec {
  const { system } = args;
  return {
    uid: `${system}-agents`,
    title: `${system}: agent orchestration`,
    description: "Response time and throughput, the workers and what scales them, the three cache layers.",
    tags: [system, "agents"],
    panels: [
      requestRate(system),
      requestSeconds(system, 0.25),
      errorRatio(system),
      replicas(system),
      workerLoad(args, "CPU", "system_part:container_cpu_used:ratio5m", args.scaleOut.cpu),
      workerLoad(args, "memory", "system_part:container_memory_used:ratio", args.scaleOut.memory),
      cacheHitRatio(system, 0.8),
      eventLoop(system),
      containerCpu(system),
      containerMemory(system),
    ],
  };
}

/** The average over its replicas is what decides. */
function workerLoad(
  { system, worker, scaleIn }: AgentsDashboard,
  what: string,
  metric: string,
  out: number,
): PanelSpec {
  return {
    title: `Average ${what} of ${worker}`,
    description: `Replicas are added above ${out * 100} % and taken away below ${scaleIn * 100} % of CPU and memory.`,
    unit: "percentunit",
    queries: [{ expr: `avg(${metric}${inSystem(system, `part="${worker}"`)})`, legend: what }],
    thresholds: [
      { from: scaleIn, color: "yellow" },
      { from: out, color: "red" },
    ],
  };
}

/** prom-client's own metric. https://github.com/siimon/prom-client/blob/master/lib/metrics/eventLoopLag.js */
function eventLoop(system: string): PanelSpec {
  return {
    title: "Event loop lag",
    description: "How late Node's timers come: above 100 ms something computes that belongs into a worker thread.",
    unit: "s",
    queries: [{ expr: `max by (part) (nodejs_eventloop_lag_p99_seconds${inSystem(system)})`, legend: "{{part}} p99" }],
    thresholds: [{ from: 0.1, color: "red" }],
  };
}

export interface ChatDashboard {
  readonly system: string;
  /** Hit ratio that is the goal, 0 to 1. */
  readonly hitGoal: number;
  /** Requests that are let in at a time. */
  readonly concurrency: number;
  /** Seconds after which a request is given up. */
  readonly limit: number;
}

/** A chat service: how much its cache saves, how long answers take, how many fail. */
export function chatDashboard({ system, hitGoal, concurrency, limit }: ChatDashboard): DashboardSpec {
  const count = (...more: string[]) =>
    `sum(rate(chat_request_duration_seconds_count${inSystem(system, ...more)}[${WINDOW}]))`;
  const quantile = (q: number) =>
    `histogram_quantile(${q}, sum by (le, kind) (rate(chat_request_duration_seconds_bucket${inSystem(system)}[${WINDOW}])))`;
  const panels: readonly PanelSpec[] = [
    {
      title: "Answers from the cache",
      description: `Share of requests that needed no new answer; the goal is ${hitGoal * 100} %.`,
      unit: "percentunit",
      queries: [{ expr: share(count('result=~"hit|shared"'), count()), legend: "hit ratio" }],
      base: "red",
      thresholds: [{ from: hitGoal, color: "green" }],
      max: 1,
    },
    cacheHitRatio(system, hitGoal),
    {
      title: "Time to answer by kind of content",
      description: `95 of a hundred requests were answered within this time; ${limit} s is the limit.`,
      unit: "s",
      queries: [{ expr: quantile(0.95), legend: "{{kind}} p95" }],
      thresholds: [{ from: limit, color: "red" }],
    },
    {
      title: "Requests a second by result",
      description: "Overload and timeout were turned away to keep the others fast.",
      unit: "reqps",
      queries: [
        {
          expr: `sum by (result) (rate(chat_request_duration_seconds_count${inSystem(system)}[${WINDOW}]))`,
          legend: "{{result}}",
        },
      ],
      stacked: true,
    },
    {
      title: "Failed requests",
      description: "Share that ended in an error, a timeout or an overload.",
      unit: "percentunit",
      queries: [{ expr: share(count('result=~"error|timeout|overload"'), count()), legend: "failed" }],
      thresholds: [{ from: 0.05, color: "red" }],
    },
    {
      title: "Requests at a time",
      description: `Of each replica; ${concurrency} are let in, the others wait or are turned away.`,
      unit: "short",
      queries: [{ expr: `chat_requests_in_flight${inSystem(system)}`, legend: "{{instance}}" }],
      thresholds: [{ from: concurrency, color: "red" }],
    },
    containerCpu(system),
    containerMemory(system),
  ];
  return {
    uid: `${system}-chat`,
    title: `${system}: chat`,
    description: "Cache hit ratio, time to answer and errors of the chat service.",
    tags: [system, "chat"],
    panels,
  };
}
