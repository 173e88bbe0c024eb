import type { Drift, Unasked } from "../finding.ts";
import { verdictOf } from "../verdict.ts";
import type { RoundListener, RoundReport } from "./report.ts";

/** What a line names of each kind at most: the rest is counted. */
const NAMED = 5;
/** As much of it as a log may need, where a machine reads it. */
const LISTED = 100;

/** Tells each round in one line, which a person reads, or a machine (JSON). */
export function logListener(write: (line: string) => void, format: "text" | "json"): RoundListener {
  const line = format === "json" ? jsonLine : textLine;
  return {
    heard: (report) => {
      write(line(report));
      return Promise.resolve();
    },
  };
}

export function jsonLine({
  open,
  opened,
  resolved,
  unasked,
  healed,
  at,
  milliseconds,
  ...report
}: RoundReport): string {
  const drift = ({ kind, secret, place, evidence }: Drift) => ({ kind, secret, ...place, evidence });
  return JSON.stringify({
    at: new Date(at).toISOString(),
    milliseconds: Math.round(milliseconds),
    ...report,
    open: open.length,
    opened: opened.length,
    resolved: resolved.length,
    changes: {
      opened: opened.slice(0, LISTED).map(drift),
      resolved: resolved.slice(0, LISTED).map(drift),
    },
    unasked: unasked
      .slice(0, LISTED)
      .map(({ store, scope, problem: { kind, message } }) => ({ store, scope, kind, message })),
    healed: healed.slice(0, LISTED),
  });
}

export function textLine(report: RoundReport): string {
  const { at, milliseconds, secrets, unknown = 0, open, opened, resolved, unasked, healed, failure } = report;
  const verdict = verdictOf(secrets, open, unknown);
  const parts = [
    failure === undefined ? verdict : `could not compare: ${failure}`,
    ...some("new", opened, shown),
    ...some("gone", resolved, shown),
    ...some("not asked", failure === undefined ? unasked : [], ({ store, scope }: Unasked) => `${store} ${scope}`),
    ...some(
      "healed",
      healed.filter(({ result }) => result === "done"),
      ({ secret }) => secret,
    ),
    ...some(
      "healing failed",
      healed.filter(({ result }) => result === "failed"),
      ({ secret, reason }) => `${secret}: ${reason}`,
    ),
  ];
  const time = new Date(at).toISOString().slice(0, 19).replace("T", " ");
  return `${time} ${parts.join("; ")} (${(milliseconds / 1000).toFixed(1)} s)`;
}

function some<T>(what: string, all: readonly T[], show: (each: T) => string): string[] {
  if (all.length === 0) return [];
  const rest = all.length > NAMED ? [`and ${all.length - NAMED} more`] : [];
  return [`${what}: ${[...all.slice(0, NAMED).map(show), ...rest].join(", ")}`];
}

function shown({ kind, secret, place }: Drift): string {
  return `${kind} ${secret} (${place.store} ${place.scope} ${place.name})`;
}
