import type { Load } from "./decide.ts";

/** Time over which CPU use is averaged: several scrapes, so that one peak counts little. */
const WINDOW = "2m";
const TIMEOUT_MS = 5_000;

interface Answer {
  readonly status: "success" | "error";
  readonly error?: string;
  readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}

/**
 * Asks Prometheus for the load of a workload's containers, which cAdvisor measures; Docker labels come as
 * `container_label_<name>`. https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md
 */
export async function loadOf(prometheus: string, system: string, workload: string): Promise<Load> {
  const labels = `container_label_groundwork_dev_system="${system}",container_label_groundwork_dev_part="${workload}"`;
  const [cpu, memory] = await Promise.all([
    query(
      prometheus,
      `100 * avg(sum by (name) (rate(container_cpu_usage_seconds_total{${labels}}[${WINDOW}])) / on (name) max by (name) (container_spec_cpu_quota{${labels}} / container_spec_cpu_period{${labels}}))`,
    ),
    query(
      prometheus,
      `100 * avg(max by (name) (container_memory_working_set_bytes{${labels}}) / on (name) max by (name) (container_spec_memory_limit_bytes{${labels}} > 0))`,
    ),
  ]);
  return { ...(cpu !== undefined && { cpuPercent: cpu }), ...(memory !== undefined && { memoryPercent: memory }) };
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries */
async function query(prometheus: string, expression: string): Promise<number | undefined> {
  const { status, error, data } = await ask(prometheus, expression);
  if (status === "error") throw new Error(`Prometheus refuses the query: ${error ?? "no reason given"}`);
  const value = Number(data?.result[0]?.value[1]);
  return Number.isFinite(value) ? value : undefined;
}

async function ask(prometheus: string, query: string): Promise<Answer> {
  try {
    const response = await fetch(`${prometheus}/api/v1/query`, {
      method: "POST",
      body: new URLSearchParams({ query }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return (await response.json()) as Answer;
  } catch (error) {
    const { message, cause } = error as Error;
    const why = cause instanceof Error && cause.message !== "" ? cause.message : message;
    throw new Error(`Prometheus at ${prometheus} does not answer (${why})`, { cause: error });
  }
}
