import type { DashboardSpec, PanelSpec } from "./dashboard.ts";
import { inSystem } from "./dashboard.ts";

/** An API above this is slow. systems.md: sophia, secret drift */
const SLOW_SECONDS = 2;
/** Of a hundred healings, this many are to succeed. systems.md: sophia, secret drift */
const HEALED = 0.95;

/** The secret-drift checker, by the metrics that it serves: docs/secret-drift-api.md. */
export function secretDriftDashboard(system: string): DashboardSpec {
  const own = (name: string, ...more: string[]) => `secret_drift_${name}${inSystem(system, ...more)}`;
  const count = (title: string, description: string, expr: string, limits: Partial<PanelSpec> = {}): PanelSpec => ({
    ...{ title, description, kind: "stat", unit: "short", width: 6, thresholds: [{ from: 1, color: "red" }] },
    queries: [{ expr, legend: "" }],
    ...limits,
  });
  return {
    uid: `${system}-secret-drift`,
    title: `${system}: secret drift`,
    description:
      "Which secrets differ between their stores, whether anybody looks, how the stores answer, what is healed.",
    tags: [system, "secret-drift"],
    panels: [
      count(
        "Secrets not in step",
        "Missing, stale or different somewhere, or not in the mapping; the checker's page says which.",
        `max(${own("secrets")})`,
      ),
      count(
        "Since the last check",
        "Every five minutes by default; three missed ones are an alert.",
        lastCheck(system),
        {
          unit: "s",
          thresholds: [
            { from: 600, color: "yellow" },
            { from: 900, color: "red" },
          ],
        },
      ),
      count(
        "Proposals waiting",
        "What would mend a drift and is not done: approved by nobody yet, or not applied.",
        `sum(${own("proposals")})`,
        {
          thresholds: [{ from: 1, color: "yellow" }],
        },
      ),
      count(
        "Exposed secrets",
        "What the last exposure scan has found; 0 also where there was none yet.",
        `max(${own("exposed_secrets")}) or 0 * max(${own("managed_secrets")})`,
      ),
      {
        title: "Findings by kind",
        description: "Missing, changed here or there, renamed, in a wrong scope, extra, stale, unreadable.",
        unit: "short",
        queries: [{ expr: `sum by (kind) (${own("findings")})`, legend: "{{kind}}" }],
        stacked: true,
      },
      {
        title: "Findings by risk",
        description: "By how much harm a wrong value does; none: the mapping does not have that name.",
        unit: "short",
        queries: [{ expr: `sum by (risk) (${own("findings")})`, legend: "{{risk}}" }],
        stacked: true,
      },
      {
        title: "API latency, p95",
        description: `95 of a hundred questions of the last hour took at most this; ${SLOW_SECONDS} s is the limit.`,
        unit: "s",
        queries: [{ expr: `max by (api) (${own("api_latency_seconds")})`, legend: "{{api}}" }],
        thresholds: [{ from: SLOW_SECONDS, color: "red" }],
      },
      {
        title: "API latency, median",
        description: "Half of the questions of the last hour took at most this.",
        unit: "s",
        queries: [{ expr: `max by (api) (${own("api_latency_median_seconds")})`, legend: "{{api}}" }],
        thresholds: [{ from: SLOW_SECONDS, color: "red" }],
      },
      {
        title: "Duration of rounds",
        description: "95 of a hundred rounds took at most this; it has to stay far below the interval.",
        unit: "s",
        queries: [
          {
            expr: `histogram_quantile(0.95, sum by (le) (increase(${own("round_duration_seconds_bucket")}[1h])))`,
            legend: "p95",
          },
        ],
      },
      {
        title: "Rounds by result",
        description: "In an hour. Partial: a scope could not be asked. Failed: nothing could be compared.",
        unit: "short",
        queries: [{ expr: `sum by (result) (increase(${own("rounds_total")}[1h]))`, legend: "{{result}}" }],
        stacked: true,
      },
      {
        title: "Scopes that could not be asked",
        description: "Of the last round: drift in them is not found, what was found before still stands.",
        unit: "short",
        queries: [{ expr: `sum by (store) (${own("unasked_scopes")})`, legend: "{{store}}" }],
        thresholds: [{ from: 1, color: "red" }],
      },
      {
        title: "Healings that succeed",
        description: `Share of a day's; ${HEALED * 100} % is the goal. 1 where there was nothing to heal.`,
        unit: "percentunit",
        queries: [{ expr: healed(own), legend: "success" }],
        base: "red",
        thresholds: [{ from: HEALED, color: "green" }],
        max: 1,
      },
    ],
  };
}

function lastCheck(system: string): string {
  return `time() - max(secret_drift_last_check_timestamp_seconds${inSystem(system)})`;
}

/** Nothing healed would be 0 / 0. */
function healed(own: (name: string, ...more: string[]) => string): string {
  const all = (...more: string[]) => `sum(increase(${own("healings_total", ...more)}[1d]))`;
  return `(${all('result="success"')} / (${all()} > 0)) or 1 + 0 * ${all()}`;
}
