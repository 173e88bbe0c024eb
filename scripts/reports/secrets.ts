import { counted } from "@groundwork/lib/counted";
import { plainTable } from "./text.ts";

/** What the report needs of one drift; the checker's own types have more. */
export interface DriftLine {
  readonly kind: string;
  readonly secret: string;
  readonly place: { readonly store: string; readonly scope: string; readonly name: string };
  readonly evidence: string;
  /** Milliseconds since 1970. */
  readonly firstSeen?: number;
  readonly resolvedAt?: number;
}

export interface UnaskedLine {
  readonly store: string;
  readonly scope: string;
  readonly problem: { readonly message: string };
}

export interface ProposalLine {
  readonly id: string;
  readonly secret: string;
  readonly risk: string;
  readonly state: string;
  readonly targets: readonly { readonly place: DriftLine["place"] }[];
  /** What happens with it next, or why it ended. */
  readonly next: string;
}

const WIDTHS = [14, 24, 44, null];

/** What one check has found: the verdict first. */
export function renderCheck(verdict: string, drifts: readonly DriftLine[], unasked: readonly UnaskedLine[]): string {
  const asked = unasked.length === 0 ? "" : `, ${counted(unasked.length, "scope")} could not be asked`;
  const lines = unasked.map(({ store, scope, problem }) => `could not be asked: ${store} ${scope}: ${problem.message}`);
  return [`${verdict}${asked}.`, ...lines, ...driftTable(drifts)].join("\n");
}

/** Drifts with their lives, the newest first. */
export function renderHistory(findings: readonly DriftLine[], days: number): string {
  if (findings.length === 0) return `No drift in the last ${days} days.`;
  const table = plainTable(["seen", "until", "drift", "secret", "where"], ["left", "left", "left", "left", "left"]);
  for (const { firstSeen, resolvedAt, kind, secret, place } of findings)
    table.push([when(firstSeen), resolvedAt === undefined ? "now" : when(resolvedAt), kind, secret, where(place)]);
  return table.toString();
}

/** What one day was like. */
export interface DayLine {
  /** When it begins, in milliseconds since 1970. */
  readonly at: number;
  readonly rounds: number;
  readonly opened: number;
  readonly resolved: number;
  readonly open: number;
}

/** How one store answered on one day, or in all. */
export interface LatencyLine {
  readonly store: string;
  readonly at?: number;
  readonly calls: number;
  readonly failed: number;
  readonly p50: number;
  readonly p95: number;
}

/** Days on which somebody looked, the newest first: findings, and how long each store took to answer. */
export function renderTrend(days: readonly DayLine[], latency: readonly LatencyLine[]): string {
  const looked = days.filter(({ rounds, opened, resolved }) => rounds + opened + resolved > 0);
  if (looked.length === 0) return "";
  const stores = [...new Set(latency.map(({ store }) => store))];
  const table = plainTable(
    ["day", "rounds", "new", "gone", "open", ...stores.map((store) => `${store} p50 / p95, ms`)],
    ["left", "right", "right", "right", "right", ...stores.map(() => "right" as const)],
  );
  for (const { at, rounds, opened, resolved, open } of looked.toReversed()) {
    const of = (store: string) => latency.find((each) => each.store === store && each.at === at);
    const answers = stores.map((store) => {
      const found = of(store);
      return found === undefined ? "" : `${found.p50} / ${found.p95}`;
    });
    table.push([when(at).slice(0, 10), rounds, opened, resolved, open, ...answers]);
  }
  return table.toString();
}

export interface HealthLine {
  readonly store: string;
  readonly scope: string;
  readonly milliseconds: number;
  readonly problem?: { readonly message: string };
}

export function renderHealth(stores: readonly HealthLine[], monitor: string): string {
  const lines = stores.map(({ store, milliseconds, problem }) =>
    problem === undefined ? `${store} answers (${milliseconds} ms)` : `${store} does not answer: ${problem.message}`,
  );
  return [...lines, monitor].join("\n");
}

/** What is proposed and what came of it, then how much is not as the mapping says all the same. */
export function renderProposals(proposals: readonly ProposalLine[], drifts: number | undefined): string {
  const left =
    drifts === undefined || drifts === 0
      ? []
      : [`${counted(drifts, "drift")} left: groundwork secrets check lists ${drifts === 1 ? "it" : "them"}.`];
  if (proposals.length === 0) return ["Nothing to heal.", ...left].join("\n");
  const table = plainTable(
    ["proposal", "secret", "risk", "places", "what happens"],
    ["left", "left", "left", "left", "left"],
  );
  for (const { id, secret, risk, targets, next } of proposals)
    table.push([id, secret, risk, targets.map(({ place }) => where(place)).join("\n"), next]);
  return [table.toString(), ...left].join("\n");
}

function driftTable(drifts: readonly DriftLine[]): string[] {
  if (drifts.length === 0) return [];
  const table = plainTable(["drift", "secret", "where", "why"], ["left", "left", "left", "left"], WIDTHS);
  for (const { kind, secret, place, evidence } of drifts) table.push([kind, secret, where(place), evidence]);
  return ["", table.toString()];
}

function where({ store, scope, name }: DriftLine["place"]): string {
  return `${store} ${scope} ${name}`;
}

function when(at = 0): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}
