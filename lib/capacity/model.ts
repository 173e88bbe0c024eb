import type { Assumptions, ModelOverride, PartRole } from "./assumptions.ts";
import { overrideOf } from "./assumptions.ts";

/** A figure of the model and where it is from. */
export interface Figure {
  readonly value: number;
  readonly source: string;
}

/** What is known of a part. Times are seconds of one request, or of one track where the part processes tracks. */
export interface PartModel {
  readonly serviceSeconds: Figure;
  readonly cpuSeconds: Figure;
  readonly concurrency: Figure;
  readonly utilisation: Figure;
  readonly share: Figure;
  readonly delaySeconds: Figure;
  readonly threads: Figure;
  readonly writeShare: Figure;
}

/** What a part is in the model: the roles of workloads, and the tiers behind them. */
export type ModelKind = Exclude<PartRole, "none"> | "gateway" | "database" | "cache" | "broker";

const BENCH = "npm run bench -- capacity, the reference service on 2 shared cores, 2026-11-21";
const PIPELINE =
  "npm run bench -- pipeline: 201,700 tracks an hour of 48 requests with 0.8 s delay, 2026-11 (docs/benchmarks.md)";
const CHAT = "limit of the reference service: 50 requests at once, and 50 connections (components/reference/service)";
const STATED = "stated: lib/capacity/model.ts, no measurement";

/** At 70 % of its server a request takes 3.3 times its service time, at 85 % 6.7 times, and at 100 % it has no end. https://en.wikipedia.org/wiki/M/M/1_queue */
const UTILISATION = { value: 0.7, source: "stated: room for peaks and for the loss of a replica" };
const WHOLE: Figure = { value: 1, source: "every request" };
const NO_DELAY: Figure = { value: 0, source: "none" };
const UNBOUNDED: Figure = { value: Infinity, source: "as many cores as it has" };
const EVENT_LOOP: Figure = { value: 1, source: "one event loop: Node.js runs a process's JavaScript on one core" };
const READS_AND_WRITES: Figure = { value: 0.2, source: STATED };

const COMMON = {
  utilisation: UTILISATION,
  share: WHOLE,
  delaySeconds: NO_DELAY,
  threads: UNBOUNDED,
  writeShare: READS_AND_WRITES,
};

/** One request of the model is a page of 50 rows; one track is what tracks' pipeline makes of it. */
export const MODEL: Readonly<Record<ModelKind, PartModel>> = {
  api: {
    ...COMMON,
    serviceSeconds: { value: 0.000566, source: `a page of 50 rows: ${BENCH}` },
    cpuSeconds: { value: 0.000302, source: `a page of 50 rows: ${BENCH}` },
    concurrency: { value: 50, source: CHAT },
    threads: EVENT_LOOP,
  },
  source: {
    ...COMMON,
    // 48 requests bring 201,700 tracks an hour: one takes 857 ms, 800 of them waiting
    serviceSeconds: { value: 0.057, source: PIPELINE },
    cpuSeconds: { value: 0.000066, source: `a track: ${BENCH}` },
    concurrency: { value: 12, source: "CONCURRENT_REQUESTS of the workload, else tracks' own 12" },
    delaySeconds: { value: 0.8, source: "DOWNLOAD_DELAY_SECONDS of the workload, else tracks' own 0.8" },
    // it keeps its own pace, so that nothing queues
    utilisation: { value: 1, source: "it keeps its own pace: nothing queues before it" },
    threads: EVENT_LOOP,
  },
  worker: {
    ...COMMON,
    serviceSeconds: {
      value: 0.1,
      source: "an item waits up to 0.1 s for its batch (components/reference/service/pipeline)",
    },
    cpuSeconds: { value: 0.000041, source: `a track: ${BENCH}` },
    concurrency: { value: 100, source: "items of one batch (components/reference/service/pipeline)" },
    threads: EVENT_LOOP,
  },
  gateway: {
    ...COMMON,
    serviceSeconds: { value: 0.001, source: STATED },
    // a proxy with waypoint's work; with a sidecar's it is 0.20
    cpuSeconds: {
      value: 0.00025,
      source:
        "0.25 vCPU for 1,000 requests a second: https://istio.io/latest/docs/ops/deployment/performance-and-scalability/",
    },
    // Envoy's own circuit breaker. https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/circuit_breaker.proto
    concurrency: { value: 1024, source: "Envoy's default of requests at once to one upstream" },
  },
  database: {
    ...COMMON,
    serviceSeconds: { value: 0.000566, source: `a connection is held for a page of 50 rows: ${BENCH}` },
    cpuSeconds: { value: 0.000116, source: `a page of 50 rows: ${BENCH}` },
    concurrency: { value: 1, source: "a connection does one query at a time" },
  },
  cache: {
    ...COMMON,
    serviceSeconds: { value: 0.001, source: STATED },
    cpuSeconds: {
      value: 1 / 81_000,
      source:
        "81,000 GETs a second on one core of 2.5 GHz: https://github.com/antirez/redis/blob/2.2.7/doc/Benchmarks.html",
    },
    concurrency: { value: 1, source: "a connection does one command at a time" },
    threads: { value: 1, source: "commands are run by one thread" },
  },
  broker: {
    ...COMMON,
    serviceSeconds: { value: 0.001, source: STATED },
    cpuSeconds: { value: 0.000129, source: `a track: ${BENCH}` },
    concurrency: { value: Infinity, source: "bound by its cores" },
  },
};

/** What one track takes of the database, beside what requests take. */
export const DATABASE_TRACK: Figure = { value: 0.00001, source: `a track, written in batches: ${BENCH}` };

/** The calibrated model of a part with what capacity.yaml says otherwise. */
export function modelOf(assumptions: Assumptions, system: string, part: string, kind: ModelKind): PartModel {
  return withOverrides(MODEL[kind], overrideOf(assumptions, system, part), `capacity.yaml, model of ${part}`);
}

/** The workload's own settings go before the calibrated figures, and capacity.yaml before both. */
export function withOverrides(model: PartModel, figures: ModelOverride, source: string): PartModel {
  const replaced = Object.entries(model).map(([name, figure]: [string, Figure]) => {
    const value = figures[name as keyof PartModel];
    return [name, value === undefined ? figure : { value, source }];
  });
  return Object.fromEntries(replaced) as PartModel;
}
