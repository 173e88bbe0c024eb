import type { AlertRule, RuleGroup } from "./rule.ts";
import { flat, rising } from "./rule.ts";

/** The reference service's metrics: RED for requests, prom-client's defaults for the process. https://github.com/siimon/prom-client#default-metrics */
const PROM_CLIENT = "https://github.com/siimon/prom-client/tree/master/lib/metrics";
const SYSTEMS = "systems.md: web-platform's critical and performance alerts";

const LABELS = 'system="s",part="api"';
const PART = { system: "s", part: "api" };
const INSTANCE = `{${LABELS},instance="i"}`;
const AT = { ...PART, instance: "i" };

const answered = (good: number, bad: number) => ({
  [`http_request_duration_seconds_count{${LABELS},instance="i",method="GET",route="/",status="200"}`]: rising(good),
  [`http_request_duration_seconds_count{${LABELS},instance="i",method="GET",route="/",status="500"}`]: rising(bad),
});
const bucket = (limit: string, perMinute: number) => ({
  [`http_request_duration_seconds_bucket{${LABELS},instance="i",method="GET",route="/",status="200",le="${limit}"}`]:
    rising(perMinute),
});
/** All requests take between the two limits. */
const took = (above: string, upTo: string) => ({ ...bucket(above, 0), ...bucket(upTo, 600), ...bucket("+Inf", 600) });

const BAD_RELEASE = [
  "See which route and which instance: panel errors by route, `docker logs`.",
  "See whether a dependency is down: `/health/detailed` and DependencyDown.",
  "When it began with a release, go back: `groundwork rollback`.",
];
const SLOW = [
  "Compare with CPU, event loop and the dependencies' latency: the one that rose first is the cause.",
  "Add replicas where CPU is short: `groundwork scale`.",
];

const errors: readonly AlertRule[] = [
  {
    name: "HttpErrorRateHigh",
    expr: "system_part:http_errors:ratio5m > 0.02",
    for: "5m",
    severity: "warning",
    summary: "{{ $labels.part }} answers with errors",
    description: "{{ $value | humanizePercentage }} of the requests fail (status 5xx).",
    impact: "Some users see errors.",
    actions: BAD_RELEASE,
    source: SYSTEMS,
    fires: { series: answered(97, 3), labels: PART, value: "3%" },
    silent: answered(99, 1),
  },
  {
    name: "HttpErrorRateCritical",
    expr: "system_part:http_errors:ratio5m > 0.05",
    for: "2m",
    severity: "critical",
    summary: "{{ $labels.part }} fails for many users",
    description: "{{ $value | humanizePercentage }} of the requests fail (status 5xx).",
    impact: "Many users see errors.",
    actions: BAD_RELEASE,
    source: SYSTEMS,
    fires: { series: answered(90, 10), labels: PART, value: "10%" },
    silent: answered(97, 3),
  },
  {
    name: "ErrorBudgetBurn",
    expr: "system_part:http_errors:ratio5m > 14.4 * 0.001 and system_part:http_errors:ratio1h > 14.4 * 0.001",
    for: "2m",
    severity: "critical",
    summary: "{{ $labels.part }} uses up its month's errors within two days",
    description: "{{ $value | humanizePercentage }} of the requests fail; 99.9 % a month allow 0.1 %.",
    impact: "The promised availability is missed if it goes on.",
    actions: BAD_RELEASE,
    source: "https://sre.google/workbook/alerting-on-slos/",
    fires: { series: answered(98, 2), labels: PART, value: "2%" },
    silent: answered(999, 1),
  },
];

const latency: readonly AlertRule[] = [
  {
    name: "HttpLatencyHigh",
    expr: "system_part:http_latency_seconds:p95_5m > 1",
    for: "5m",
    severity: "warning",
    summary: "{{ $labels.part }} is slow",
    description: "95 % of the requests take up to {{ $value | humanizeDuration }}; 1 s is the limit.",
    impact: "Users wait.",
    actions: SLOW,
    source: SYSTEMS,
    fires: { series: took("1", "3"), labels: PART, value: "2.9s" },
    silent: took("0.5", "1"),
  },
  {
    name: "HttpLatencyAboveTarget",
    expr: "system_part:http_latency_seconds:p95_5m > 0.5",
    for: "30m",
    severity: "info",
    summary: "{{ $labels.part }} misses its latency target",
    description: "95 % of the requests take up to {{ $value | humanizeDuration }}; the target is 0.5 s.",
    impact: "None yet.",
    actions: SLOW,
    source: "systems.md: web-platform's targets",
    fires: { series: took("0.5", "1"), labels: PART, value: "975ms" },
    silent: took("0.1", "0.25"),
  },
];

const breaker = (state: string, value: string) => ({
  [`circuit_breaker_state{${LABELS},instance="i",dependency="postgres",state="${state}"}`]: value,
});
const dependencies: readonly AlertRule[] = [
  {
    name: "CircuitBreakerOpen",
    expr: 'max by (system, part, dependency) (circuit_breaker_state{state="open"}) == 1',
    for: "1m",
    severity: "warning",
    summary: "{{ $labels.part }} has given up on {{ $labels.dependency }} for now",
    description: "A circuit breaker is open for 1 min.",
    impact: "What needs {{ $labels.dependency }} is answered from a cache or with an error.",
    actions: [
      "See what the breaker saw: `/health/circuit-breakers`.",
      "Follow the runbook of the dependency's own alert.",
    ],
    source: "systems.md: finai-nexus, resilience",
    fires: { series: breaker("open", flat(1)), labels: { ...PART, dependency: "postgres" } },
    silent: { ...breaker("open", flat(0)), ...breaker("closed", flat(1)) },
  },
  {
    name: "CircuitBreakerFlapping",
    expr: 'sum by (system, part, dependency) (changes(circuit_breaker_state{state="open"}[15m])) > 6',
    for: "0m",
    severity: "warning",
    summary: "{{ $labels.part }} tries {{ $labels.dependency }} again and again",
    description: "A circuit breaker changed {{ $value | humanize }} times in 15 min.",
    impact: "Requests succeed and fail in turns.",
    actions: ["Look for a dependency that answers, but too late: its latency and connections."],
    source: "https://nodeshift.dev/opossum/",
    fires: {
      series: breaker("open", "0 1 ".repeat(30).trim()),
      labels: { ...PART, dependency: "postgres" },
      value: "14",
    },
    silent: breaker("open", "0x50 1x2 0x6"),
  },
  {
    name: "DependencyDown",
    expr: "min by (system, part, dependency) (dependency_up) == 0",
    for: "2m",
    severity: "critical",
    summary: "{{ $labels.part }} does not reach {{ $labels.dependency }}",
    description: "Its own check of {{ $labels.dependency }} fails for 2 min.",
    impact: "What needs it fails, unless it is optional.",
    actions: ["See the error: `/health/detailed`.", "When the dependency is up, look at network, DNS and password."],
    source: "systems.md: finai-nexus, resilience",
    fires: {
      series: { [`dependency_up{${LABELS},instance="i",dependency="redis"}`]: flat(0) },
      labels: { ...PART, dependency: "redis" },
    },
    silent: { [`dependency_up{${LABELS},instance="i",dependency="redis"}`]: flat(1) },
  },
];

const saturation: readonly AlertRule[] = [
  {
    name: "EventLoopLagHigh",
    expr: "nodejs_eventloop_lag_p99_seconds > 0.2",
    for: "5m",
    severity: "warning",
    summary: "{{ $labels.part }} at {{ $labels.instance }} is busy with itself",
    description: "Its event loop is late by {{ $value | humanizeDuration }} (99th percentile).",
    impact: "Every request of this instance waits that long, health checks too.",
    actions: [
      "Look for a large synchronous step: JSON, regular expressions, compression.",
      "Move it to a worker thread; add replicas meanwhile.",
    ],
    source: PROM_CLIENT,
    fires: { series: { [`nodejs_eventloop_lag_p99_seconds${INSTANCE}`]: flat(0.5) }, labels: AT, value: "500ms" },
    silent: { [`nodejs_eventloop_lag_p99_seconds${INSTANCE}`]: flat(0.02) },
  },
  {
    name: "RequestsInFlightHigh",
    expr: "http_requests_in_flight > 200",
    for: "5m",
    severity: "warning",
    summary: "Requests pile up in {{ $labels.part }} at {{ $labels.instance }}",
    description: "{{ $value | humanize }} are being answered at once.",
    impact: "Latency rises until clients give up.",
    actions: SLOW,
    source: "https://sre.google/sre-book/monitoring-distributed-systems/#xref_monitoring_golden-signals",
    fires: { series: { [`http_requests_in_flight${INSTANCE}`]: flat(300) }, labels: AT, value: "300" },
    silent: { [`http_requests_in_flight${INSTANCE}`]: flat(40) },
  },
  {
    name: "ProcessFileDescriptorsHigh",
    expr: "process_open_fds / process_max_fds > 0.8",
    for: "10m",
    severity: "warning",
    summary: "{{ $labels.part }} at {{ $labels.instance }} runs out of file descriptors",
    description: "{{ $value | humanizePercentage }} are open.",
    impact: "None yet; at the end it accepts no connection.",
    actions: ["See what they are: `ls -l /proc/1/fd` in the container.", "Repair the leak; a restart buys time."],
    source: PROM_CLIENT,
    fires: {
      series: { [`process_open_fds${INSTANCE}`]: flat(900), [`process_max_fds${INSTANCE}`]: flat(1000) },
      labels: AT,
      value: "90%",
    },
    silent: { [`process_open_fds${INSTANCE}`]: flat(50), [`process_max_fds${INSTANCE}`]: flat(1000) },
  },
  {
    name: "ProcessRestarting",
    expr: "changes(process_start_time_seconds[15m]) > 2",
    for: "0m",
    severity: "critical",
    summary: "{{ $labels.part }} at {{ $labels.instance }} does not stay up",
    description: "It was started {{ $value | humanize }} times in 15 min.",
    impact: "It answers between two crashes only.",
    actions: BAD_RELEASE,
    source: PROM_CLIENT,
    fires: { series: { [`process_start_time_seconds${INSTANCE}`]: rising(60) }, labels: AT, value: "15" },
    silent: { [`process_start_time_seconds${INSTANCE}`]: flat(1000) },
  },
  {
    name: "CacheHitRatioLow",
    expr: "system_part:cache_hits:ratio15m < 0.5 and on (system, part, layer) sum by (system, part, layer) (rate(cache_requests_total[15m])) > 1",
    for: "30m",
    severity: "info",
    summary: "Cache {{ $labels.layer }} of {{ $labels.part }} seldom has what is asked for",
    description: "{{ $value | humanizePercentage }} of the look-ups are hits.",
    impact: "The layer costs memory and saves little.",
    actions: ["Compare its size with the number of keys, and time-to-live with how often they are asked for."],
    source: "systems.md: flowx, three cache layers",
    fires: {
      series: {
        [`cache_requests_total{${LABELS},instance="i",layer="memory",result="hit"}`]: rising(60),
        [`cache_requests_total{${LABELS},instance="i",layer="memory",result="miss"}`]: rising(240),
      },
      labels: { ...PART, layer: "memory" },
      value: "20%",
    },
    silent: {
      [`cache_requests_total{${LABELS},instance="i",layer="memory",result="hit"}`]: rising(240),
      [`cache_requests_total{${LABELS},instance="i",layer="memory",result="miss"}`]: rising(60),
    },
  },
];

const anomaly: readonly AlertRule[] = [
  {
    name: "TrafficAnomaly",
    expr: "abs(system_part:http_requests:rate5m - avg_over_time(system_part:http_requests:rate5m[1h])) > 3 * stddev_over_time(system_part:http_requests:rate5m[1h]) and system_part:http_requests:rate5m + avg_over_time(system_part:http_requests:rate5m[1h]) > 2",
    for: "2m",
    severity: "info",
    summary: "Traffic of {{ $labels.part }} is not as usual",
    description:
      "It differs by {{ $value | humanize }} requests a second from the last hour, more than 3 standard deviations.",
    impact: "None by itself; it often comes before another alert.",
    actions: ["Look for a release, a campaign, an attack, or a client that retries without pause."],
    source: "systems.md: sophia, anomaly over a sliding window of 1 h",
    fires: {
      series: {
        [`http_request_duration_seconds_count{${LABELS},instance="i",method="GET",route="/",status="200"}`]:
          "0+600x55 33000+60000x4",
      },
      labels: PART,
      value: "757.5",
    },
    silent: answered(600, 0),
  },
];

/** What serves HTTP, seen by itself. */
export const application: RuleGroup = {
  name: "application",
  recordings: [
    {
      record: "system_part:http_requests:rate5m",
      expr: "sum by (system, part) (rate(http_request_duration_seconds_count[5m]))",
    },
    ...["5m", "1h"].map((window) => ({
      record: `system_part:http_errors:ratio${window}`,
      expr: `sum by (system, part) (rate(http_request_duration_seconds_count{status=~"5.."}[${window}])) / sum by (system, part) (rate(http_request_duration_seconds_count[${window}]))`,
    })),
    ...[50, 95, 99].map((percentile) => ({
      record: `system_part:http_latency_seconds:p${percentile}_5m`,
      expr: `histogram_quantile(${percentile / 100}, sum by (system, part, le) (rate(http_request_duration_seconds_bucket[5m])))`,
    })),
    {
      record: "system_part:cache_hits:ratio15m",
      expr: 'sum by (system, part, layer) (rate(cache_requests_total{result="hit"}[15m])) / sum by (system, part, layer) (rate(cache_requests_total[15m]))',
    },
  ],
  alerts: [...errors, ...latency, ...dependencies, ...saturation, ...anomaly],
};
