import type { RuleGroup } from "./rule.ts";
import { flat, rising } from "./rule.ts";

/** A workload or tier that must be there. */
export interface WatchedPart {
  /** The label `part` of its targets. */
  readonly part: string;
  /** The range that it scales in, where it does. */
  readonly replicas?: { readonly min: number; readonly max: number };
  /** Replicas that run at any time; fewer are told of. Targets found by DNS vanish when they die, so nothing else would say so. Default: the least of `replicas`, else unknown. */
  readonly expected?: number;
}

const SOURCE = "systems.md: web-platform, critical alerts";
const PART = { system: "s", part: "api" };
const LABELS = 'system="s",part="api"';

/** Whether what should answer does, for every target that is scraped and every part that should have one. */
export function availability(parts: readonly WatchedPart[]): RuleGroup {
  const first = parts[0]?.part ?? "api";
  const scraped = (part: string) => ({ [`up{system="s",part="${part}",instance="i"}`]: flat(1) });
  return {
    name: "availability",
    recordings: [],
    alerts: [
      {
        name: "ServiceDown",
        expr: "up == 0",
        for: "5m",
        severity: "critical",
        summary: "{{ $labels.part }} at {{ $labels.instance }} is down",
        description: "It has not answered Prometheus for 5 min.",
        impact: "One replica less; requests fail when it was the last one.",
        actions: [
          "See its state: `groundwork status`, `docker ps -a --filter label=groundwork.dev/part=<part>`.",
          "Read its log, then bring it back: `groundwork up`.",
        ],
        source: SOURCE,
        fires: { series: { [`up{${LABELS},instance="i"}`]: flat(0) }, labels: { ...PART, instance: "i" } },
        silent: { [`up{${LABELS},instance="i"}`]: flat(1) },
      },
      {
        name: "ServiceAbsent",
        expr: [
          `sum by (system, part) (up{part=~"${parts.map(({ part }) => part).join("|")}"}) == 0`,
          ...parts.map(({ part }) => `absent(up{part="${part}"})`),
        ].join(" or "),
        for: "5m",
        severity: "critical",
        summary: "Nothing of {{ $labels.part }} is up",
        description: "Not one replica has answered Prometheus for 5 min.",
        impact: "Its requests fail.",
        actions: [
          "See whether it runs at all: `groundwork status`.",
          "Bring it back: `groundwork up`; when a release broke it, `groundwork rollback`.",
        ],
        source: SOURCE,
        fires: {
          series: Object.assign({}, ...parts.slice(1).map(({ part }) => scraped(part))) as Record<string, string>,
          labels: { part: first },
        },
        silent: Object.assign({}, ...parts.map(({ part }) => scraped(part))) as Record<string, string>,
      },
    ],
  };
}

/** Whether as many replicas are there as should be, for parts of which that is known. */
export function replication(parts: readonly WatchedPart[]): RuleGroup {
  const known = withExpected(parts);
  const [first = { part: "", expected: 0 }, ...others] = known;
  const up = (part: string, count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`up{system="s",part="${part}",instance="i${index}"}`, flat(1)]),
    );
  const rest = Object.assign({}, ...others.map(({ part, expected }) => up(part, expected))) as Record<string, string>;
  return {
    name: "replication",
    recordings: [],
    alerts: [
      {
        name: "ReplicaMissing",
        expr: known
          .map(({ part, expected }) => `count by (system, part) (up{part="${part}"} == 1) < ${expected}`)
          .join(" or "),
        for: "5m",
        severity: "warning",
        summary: "{{ $labels.part }} runs with fewer replicas than it should",
        description: "{{ $value }} answer for 5 min.",
        impact: "Less room for load and for the next failure; ServiceAbsent follows when none is left.",
        actions: [
          "See which one is gone: `groundwork status`, `docker ps -a --filter label=groundwork.dev/part=<part>`.",
          "Read its log, then bring it back: `groundwork up`.",
        ],
        source: SOURCE,
        fires: {
          series: { ...rest, ...up(first.part, first.expected - 1) },
          labels: { system: "s", part: first.part },
          value: String(first.expected - 1),
        },
        silent: { ...rest, ...up(first.part, first.expected) },
      },
    ],
  };
}

/** One replica or none is what ServiceAbsent tells apart. */
export function withExpected(parts: readonly WatchedPart[]): { readonly part: string; readonly expected: number }[] {
  return parts.flatMap(({ part, replicas, expected = replicas?.min }) =>
    expected === undefined || expected < 2 ? [] : [{ part, expected }],
  );
}

/** Whether the parts that scale have room left. */
export function autoscaling(parts: readonly WatchedPart[]): RuleGroup {
  const ranges = parts.flatMap(({ part, replicas }) => (replicas === undefined ? [] : [{ part, ...replicas }]));
  const part = ranges[0]?.part ?? "";
  const most = ranges[0]?.max ?? 0;
  const replicas = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`up{system="s",part="${part}",instance="i${index}"}`, flat(1)]),
    );
  return {
    name: "autoscaling",
    recordings: [],
    alerts: [
      {
        name: "AutoscalingAtMaximum",
        expr: ranges
          .map(({ part: name, max }) => `count by (system, part) (up{part="${name}"} == 1) >= ${max}`)
          .join(" or "),
        for: "30m",
        severity: "warning",
        summary: "{{ $labels.part }} cannot scale out any more",
        description: "{{ $value }} replicas run for 30 min, which is its maximum.",
        impact: "None yet; more load makes it slow.",
        actions: [
          "See whether load or a slow dependency drives it.",
          "Raise the maximum where the host has room: `groundwork capacity`.",
        ],
        source: "systems.md: web-platform, performance alerts: capacity",
        fires: { series: replicas(most), labels: { system: "s", part }, value: String(most) },
        silent: replicas(most - 1),
      },
    ],
  };
}

const denied = (status: string, perMinute: number) => ({
  [`http_request_duration_seconds_count{${LABELS},instance="i",method="GET",route="/",status="${status}"}`]:
    rising(perMinute),
});

/** What looks like somebody who should not be here. */
export const security: RuleGroup = {
  name: "security",
  recordings: [],
  alerts: [
    {
      name: "SecurityIncident",
      expr: 'sum by (system, part) (rate(http_request_duration_seconds_count{status=~"401|403"}[5m])) > 5',
      for: "2m",
      severity: "critical",
      summary: "Somebody tries to get into {{ $labels.part }}",
      description: "{{ $value | humanize }} requests a second are refused for missing or wrong rights.",
      impact: "Passwords or tokens are being guessed, or a client was taken over.",
      actions: [
        "Find the address: the gateway's log, status 401 and 403.",
        "Block it at the gateway or CDN; revoke the token when it is a known client.",
        "Look in the audit log for what it reached before.",
      ],
      source: SOURCE,
      fires: { series: denied("401", 600), labels: PART, value: "10" },
      silent: denied("401", 60),
    },
    {
      name: "RateLimitExceeded",
      expr: 'sum by (system, part) (rate(http_request_duration_seconds_count{status="429"}[5m])) > 10',
      for: "10m",
      severity: "warning",
      summary: "Clients of {{ $labels.part }} ask more than they may",
      description: "{{ $value | humanize }} requests a second are refused (429).",
      impact: "These clients see errors; the others are protected.",
      actions: [
        "Find them: the gateway's log, status 429.",
        "Raise the limit when it is honest growth; else block them.",
      ],
      source: "systems.md: web-platform, Kong's rate limit",
      fires: { series: denied("429", 1200), labels: PART, value: "20" },
      silent: denied("429", 60),
    },
  ],
};

const PROBE = 'system="s",part="probe",instance="https://example.org"';
const PROBED = { system: "s", part: "probe", instance: "https://example.org" };
/** The case's clock starts at 0, so these are seconds until the certificate ends, plus the hour of the case. */
const DAYS = 24 * 3600;

/** Addresses as their users see them, by blackbox_exporter. https://github.com/prometheus/blackbox_exporter */
export const probes: RuleGroup = {
  name: "probes",
  recordings: [],
  alerts: [
    {
      name: "ProbeFailed",
      expr: "probe_success == 0",
      for: "5m",
      severity: "critical",
      summary: "{{ $labels.instance }} cannot be reached",
      description: "It has not answered as it should for 5 min, seen from outside.",
      impact: "Users cannot reach it, whatever the services say of themselves.",
      actions: ["Follow the path: DNS, CDN, gateway, service; `curl -v` tells where it ends."],
      source: SOURCE,
      fires: { series: { [`probe_success{${PROBE}}`]: flat(0) }, labels: PROBED },
      silent: { [`probe_success{${PROBE}}`]: flat(1) },
    },
    {
      name: "CertificateExpiresSoon",
      expr: `probe_ssl_earliest_cert_expiry - time() < 30 * ${DAYS}`,
      for: "1h",
      severity: "critical",
      summary: "The certificate of {{ $labels.instance }} ends within 30 days",
      description: "It is valid for {{ $value | humanizeDuration }}.",
      impact: "None yet; on that day every browser refuses the site.",
      actions: [
        "See why it was not renewed: cert-manager's or the ACME client's log.",
        "Renew it by hand and watch this alert resolve.",
      ],
      source: SOURCE,
      fires: {
        series: { [`probe_ssl_earliest_cert_expiry{${PROBE}}`]: flat(10 * DAYS + 3600) },
        labels: PROBED,
        value: "10d 0h 0m 0s",
      },
      silent: { [`probe_ssl_earliest_cert_expiry{${PROBE}}`]: flat(60 * DAYS) },
    },
    {
      name: "ProbeSlow",
      expr: "avg_over_time(probe_duration_seconds[5m]) > 1",
      for: "10m",
      severity: "warning",
      summary: "{{ $labels.instance }} is slow",
      description: "A request takes {{ $value | humanizeDuration }}, seen from outside.",
      impact: "Users wait.",
      actions: ["Compare with HttpLatencyHigh: when the services are fast, it is network, TLS or CDN."],
      source: "systems.md: web-platform, performance alerts",
      fires: { series: { [`probe_duration_seconds{${PROBE}}`]: flat(2) }, labels: PROBED, value: "2s" },
      silent: { [`probe_duration_seconds{${PROBE}}`]: flat(0.2) },
    },
  ],
};

/** The cloud's bill against the budget of a system, in US$ a month. */
export function cost({ start, limit }: { readonly start: number; readonly limit: number }): RuleGroup {
  const bill = (dollars: number) => ({
    ['aws_billing_estimated_charges_maximum{system="s",part="bill",currency="USD"}']: flat(dollars),
  });
  const labels = { system: "s", part: "bill" };
  const look = [
    "See what grew: `groundwork cost`, then the account's cost explorer by tag.",
    "See what can be had for less: `groundwork optimize`.",
  ];
  return {
    name: "cost",
    recordings: [
      // one month's charges so far; the metric begins anew each month
      {
        record: "system_part:cost_dollars:month",
        expr: 'max by (system, part) (aws_billing_estimated_charges_maximum{currency="USD"})',
      },
    ],
    alerts: [
      {
        name: "CostAboveBudget",
        expr: `system_part:cost_dollars:month > ${start}`,
        for: "1h",
        severity: "warning",
        summary: "{{ $labels.system }} costs more than planned",
        description: `US$ {{ $value | humanize }} this month; the budget is ${start}.`,
        impact: "Money.",
        actions: look,
        source:
          "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html",
        fires: { series: bill(start + 1000), labels, value: `${(start + 1000) / 1000}k` },
        silent: bill(start - 1000),
        step: "2m",
      },
      {
        name: "CostAboveLimit",
        expr: `system_part:cost_dollars:month > ${limit}`,
        for: "1h",
        severity: "critical",
        summary: "{{ $labels.system }} costs more than it ever may",
        description: `US$ {{ $value | humanize }} this month; the limit is ${limit}.`,
        impact: "Money.",
        actions: look,
        source: "systems.md: every system has a budget of its own",
        fires: { series: bill(limit + 1000), labels, value: `${(limit + 1000) / 1000}k` },
        silent: bill(limit - 1000),
        step: "2m",
      },
    ],
  };
}
