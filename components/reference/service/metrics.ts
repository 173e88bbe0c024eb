import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

/** Prometheus's own bounds and two above: a chat request may take 30 s. https://prometheus.io/docs/concepts/metric_types/#histogram */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export type Metrics = ReturnType<typeof createMetrics>;

/** The service's metrics on a registry of their own; plug-ins add theirs to `registry`. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    requestSeconds: new Histogram({
      name: "http_request_duration_seconds",
      help: "Time from the request's head to the end of its response.",
      labelNames: ["method", "route", "status"],
      buckets: SECONDS,
      registers,
    }),
    requestsInFlight: new Gauge({
      name: "http_requests_in_flight",
      help: "Requests that have begun and not ended.",
      registers,
    }),
    breakerState: new Gauge({
      name: "circuit_breaker_state",
      help: "1 for the state that the dependency's circuit breaker is in, else 0.",
      labelNames: ["dependency", "state"],
      registers,
    }),
    breakerTransitions: new Counter({
      name: "circuit_breaker_transitions_total",
      help: "Times that the dependency's circuit breaker entered a state.",
      labelNames: ["dependency", "state"],
      registers,
    }),
    dependencyUp: new Gauge({
      name: "dependency_up",
      help: "1 while the connection to the dependency is established, else 0.",
      labelNames: ["dependency"],
      registers,
    }),
    connectAttempts: new Counter({
      name: "dependency_connect_attempts_total",
      help: "Attempts to connect to the dependency.",
      labelNames: ["dependency", "result"],
      registers,
    }),
    itemsProduced: new Counter({
      name: "pipeline_items_produced_total",
      help: "Items that the broker has confirmed.",
      registers,
    }),
    itemsProcessed: new Counter({
      name: "pipeline_items_processed_total",
      help: "Items that a worker has settled.",
      labelNames: ["result"],
      registers,
    }),
  };
}
