import type { Registry } from "prom-client";
import { Gauge, Histogram } from "prom-client";
import type { History } from "./history.ts";

/** Upper bounds in seconds: an answer from memory takes about a millisecond, and 30 s is the limit of a request. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function chatMetrics(registry: Registry, history: History) {
  const registers = [registry];
  new Gauge({
    name: "chat_history_entries",
    help: "Requests that the history holds.",
    registers,
    collect() {
      this.set(history.size);
    },
  });
  return {
    inFlight: new Gauge({
      name: "chat_requests_in_flight",
      help: "Chat requests that have begun and not ended, those that wait included.",
      registers,
    }),
    seconds: new Histogram({
      name: "chat_request_duration_seconds",
      help: "Time of a chat request by kind of content and result: hit, shared, miss, overload, timeout, error.",
      labelNames: ["kind", "result"] as const,
      buckets: BUCKETS,
      registers,
    }),
  };
}
