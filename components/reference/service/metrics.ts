/** Upper bounds of the duration histogram, in seconds; Prometheus's own defaults. https://prometheus.io/docs/concepts/metric_types/#histogram */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Series {
  count: number;
  sum: number;
  readonly buckets: number[];
}

/** Counts finished requests and writes them in Prometheus's text format. https://prometheus.io/docs/instrumenting/exposition_formats/ */
export class Metrics {
  readonly #series = new Map<string, Series>();
  #inFlight = 0;

  begin(): void {
    this.#inFlight += 1;
  }

  /** `route` is one of the service's own, never the caller's path: each new value would be kept for ever. */
  end(method: string, route: string, status: number, seconds: number): void {
    this.#inFlight -= 1;
    const labels = `method="${method}",route="${route}",status="${status}"`;
    const series = this.#series.get(labels) ?? { count: 0, sum: 0, buckets: BUCKETS.map(() => 0) };
    series.count += 1;
    series.sum += seconds;
    BUCKETS.forEach((bound, index) => {
      if (seconds <= bound) series.buckets[index] = (series.buckets[index] ?? 0) + 1;
    });
    this.#series.set(labels, series);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  text(): string {
    const usage = process.cpuUsage();
    const lines = [
      "# HELP http_request_duration_seconds Time from the request's head to the end of its response.",
      "# TYPE http_request_duration_seconds histogram",
      ...[...this.#series].flatMap(([labels, series]) => histogram(labels, series)),
      "# HELP http_requests_in_flight Requests that have begun and not ended.",
      "# TYPE http_requests_in_flight gauge",
      `http_requests_in_flight ${this.#inFlight}`,
      "# HELP process_cpu_seconds_total User and system CPU time.",
      "# TYPE process_cpu_seconds_total counter",
      `process_cpu_seconds_total ${(usage.user + usage.system) / 1e6}`,
      "# HELP process_resident_memory_bytes Memory that the kernel counts for this process.",
      "# TYPE process_resident_memory_bytes gauge",
      `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
      "# HELP process_start_time_seconds Start of the process, seconds since 1970.",
      "# TYPE process_start_time_seconds gauge",
      `process_start_time_seconds ${Date.now() / 1000 - process.uptime()}`,
    ];
    return `${lines.join("\n")}\n`;
  }
}

function histogram(labels: string, { count, sum, buckets }: Series): string[] {
  const name = "http_request_duration_seconds";
  return [
    ...BUCKETS.map((bound, index) => `${name}_bucket{${labels},le="${bound}"} ${buckets[index] ?? 0}`),
    `${name}_bucket{${labels},le="+Inf"} ${count}`,
    `${name}_sum{${labels}} ${sum}`,
    `${name}_count{${labels}} ${count}`,
  ];
}
