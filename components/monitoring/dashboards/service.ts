import type { DashboardSpec, PanelSpec } from "./dashboard.ts";
import { inSystem, share, WINDOW } from "./dashboard.ts";

/** Panels over what every service of a system reports; the metric names are the reference service's. */

export function requestRate(system: string): PanelSpec {
  return {
    title: "Requests a second",
    description: "By route and status class, over all replicas.",
    unit: "reqps",
    queries: [
      {
        expr: `sum by (part, route, class) (label_replace(rate(http_request_duration_seconds_count${inSystem(system)}[${WINDOW}]), "class", "\${1}xx", "status", "(.).."))`,
        legend: "{{part}} {{route}} {{class}}",
      },
    ],
    stacked: true,
  };
}

export function requestSeconds(system: string, goal: number): PanelSpec {
  const quantile = (q: number) =>
    `histogram_quantile(${q}, sum by (le) (rate(http_request_duration_seconds_bucket${inSystem(system)}[${WINDOW}])))`;
  return {
    title: "Response time",
    description: "Half, 95 and 99 of a hundred requests were answered within this time.",
    unit: "s",
    queries: [0.5, 0.95, 0.99].map((q) => ({ expr: quantile(q), legend: `p${q * 100}` })),
    thresholds: [{ from: goal, color: "red" }],
  };
}

export function errorRatio(system: string): PanelSpec {
  const count = (...more: string[]) =>
    `sum by (part) (rate(http_request_duration_seconds_count${inSystem(system, ...more)}[${WINDOW}]))`;
  return {
    title: "Failed requests",
    description: "Share of requests that a service answered with 5xx.",
    unit: "percentunit",
    queries: [{ expr: share(count('status=~"5.."'), count()), legend: "{{part}}" }],
    thresholds: [
      { from: 0.02, color: "orange" },
      { from: 0.05, color: "red" },
    ],
  };
}

export function inFlight(system: string): PanelSpec {
  return {
    title: "Requests in flight",
    description: "Begun and not answered: it grows when a service is slower than its callers.",
    unit: "short",
    queries: [{ expr: `sum by (part) (http_requests_in_flight${inSystem(system)})`, legend: "{{part}}" }],
  };
}

export function breakers(system: string): PanelSpec {
  return {
    title: "Open circuit breakers",
    description: "Replicas that do not call a dependency because it failed too often.",
    unit: "short",
    queries: [
      {
        expr: `sum by (part, dependency) (circuit_breaker_state${inSystem(system, 'state!="closed"')})`,
        legend: "{{part}} to {{dependency}}",
      },
    ],
    thresholds: [{ from: 1, color: "red" }],
  };
}

export function dependencies(system: string): PanelSpec {
  return {
    title: "Dependencies reached",
    description: "Share of replicas that are connected to each dependency.",
    unit: "percentunit",
    queries: [
      { expr: `avg by (part, dependency) (dependency_up${inSystem(system)})`, legend: "{{part}} to {{dependency}}" },
    ],
    base: "red",
    thresholds: [{ from: 1, color: "green" }],
    max: 1,
  };
}

export function cacheHitRatio(system: string, goal: number): PanelSpec {
  const requests = (...more: string[]) =>
    `sum by (layer) (rate(cache_requests_total${inSystem(system, ...more)}[${WINDOW}]))`;
  return {
    title: "Cache hit ratio by layer",
    description: "Each layer is asked only for what the layers above it did not have.",
    unit: "percentunit",
    queries: [{ expr: share(requests('result="hit"'), requests()), legend: "{{layer}}" }],
    base: "red",
    thresholds: [{ from: goal, color: "green" }],
    max: 1,
  };
}

export function replicas(system: string): PanelSpec {
  return {
    title: "Replicas that answer",
    description: "Replicas whose metrics could be read.",
    unit: "short",
    queries: [{ expr: `sum by (part) (up${inSystem(system, 'tier=""')})`, legend: "{{part}}" }],
  };
}

export function containerCpu(system: string): PanelSpec {
  return {
    title: "CPU",
    description: "Of what each part's containers may use; at 100 % the kernel holds them back.",
    unit: "percentunit",
    queries: [
      { expr: `max by (part) (system_part:container_cpu_used:ratio5m${inSystem(system)})`, legend: "{{part}}" },
    ],
    thresholds: [{ from: 0.9, color: "red" }],
  };
}

export function containerMemory(system: string): PanelSpec {
  return {
    title: "Memory",
    description: "Of what each part's containers may use; at 100 % the kernel kills them.",
    unit: "percentunit",
    queries: [
      { expr: `max by (part) (system_part:container_memory_used:ratio${inSystem(system)})`, legend: "{{part}}" },
    ],
    thresholds: [{ from: 0.9, color: "red" }],
  };
}

/** The four golden signals, and what the services depend on. https://sre.google/sre-book/monitoring-distributed-systems/#xref_monitoring_golden-signals */
export function serviceDashboard(system: string): DashboardSpec {
  return {
    uid: `${system}-services`,
    title: `${system}: services`,
    description: "Traffic, latency, errors and saturation of every service, and what it depends on.",
    tags: [system, "services"],
    panels: [
      requestRate(system),
      requestSeconds(system, 0.5),
      errorRatio(system),
      inFlight(system),
      breakers(system),
      dependencies(system),
      containerCpu(system),
      containerMemory(system),
      replicas(system),
    ],
  };
}
