import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { DRIFT_KINDS } from "../finding.ts";
import { RISKS } from "../mapping.ts";
import type { RoundReport } from "../monitor/report.ts";
import { type Board, SHOWN_RISKS } from "./board.ts";

const SECOND = 1000;
/** Seconds; rounds of a file take milliseconds, those of a thousand repositories minutes. */
const ROUND_BUCKETS = [0.05, 0.25, 1, 5, 15, 60, 150, 300];

/**
 * What Prometheus is told. Labels are kinds, risks, results and the stores of the mapping: no secret, scope or place is one,
 * for there may be tens of thousands, and names of secrets do not belong into a monitoring system that everybody reads.
 */
export class Metrics {
  readonly #board: Board;
  readonly #registry = new Registry();
  readonly #set: () => void;
  readonly #rounds: Counter<"result">;
  readonly #healings: Counter<"result">;
  readonly #duration: Histogram;

  constructor(board: Board) {
    this.#board = board;
    this.#set = this.#gauges();
    const registers = [this.#registry];
    this.#rounds = new Counter({
      name: "secret_drift_rounds_total",
      help: "Rounds since the start: ok, partial where a scope could not be asked, failed where nothing could be compared",
      labelNames: ["result"],
      registers,
    });
    for (const result of ["ok", "partial", "failed"]) this.#rounds.inc({ result }, 0);
    this.#healings = new Counter({
      name: "secret_drift_healings_total",
      help: "Proposals that the monitor has applied since its start, by whether every place has the value now",
      labelNames: ["result"],
      registers,
    });
    for (const result of ["success", "failure"]) this.#healings.inc({ result }, 0);
    this.#duration = new Histogram({
      name: "secret_drift_round_duration_seconds",
      help: "How long rounds took",
      buckets: ROUND_BUCKETS,
      registers,
    });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  hear({ failure, unasked, healed, milliseconds }: RoundReport): void {
    this.#rounds.inc({ result: failure !== undefined ? "failed" : unasked.length > 0 ? "partial" : "ok" });
    if (failure === undefined) this.#duration.observe(milliseconds / SECOND);
    // what waits or was withdrawn has not been tried
    for (const { result } of healed)
      if (result === "done" || result === "failed")
        this.#healings.inc({ result: result === "done" ? "success" : "failure" });
  }

  text(): Promise<string> {
    this.#set();
    return this.#registry.metrics();
  }

  /** @returns what gives every gauge its present value */
  #gauges(): () => void {
    const settings = [this.#drift(), this.#rest(), this.#stores(), this.#healing()];
    return () => {
      for (const set of settings) set();
    };
  }

  #gauge<L extends string = never>(name: string, help: string, ...labelNames: L[]): Gauge<L> {
    return new Gauge({ name: `secret_drift_${name}`, help, labelNames, registers: [this.#registry] });
  }

  #drift(): () => void {
    const secrets = this.#gauge("secrets", "Secrets, and names that the mapping does not have, that are not in step");
    const findings = this.#gauge("findings", "What is not in step, by kind and risk", "kind", "risk");
    const last = this.#gauge("last_check_timestamp_seconds", "When stores were last compared");
    return () => {
      const { checkedAt, rows, findings: open } = this.#board.snapshot();
      only(secrets, checkedAt && rows.filter(({ state }) => state === "drift").length);
      only(last, checkedAt && checkedAt / SECOND);
      findings.reset();
      if (checkedAt === undefined) return;
      for (const kind of DRIFT_KINDS) for (const risk of SHOWN_RISKS) findings.set({ kind, risk }, 0);
      for (const finding of open)
        findings.inc({ kind: finding.kind, risk: this.#board.mapped(finding)?.risk ?? "none" });
    };
  }

  #rest(): () => void {
    const managed = this.#gauge("managed_secrets", "Secrets that the mapping has");
    const interval = this.#gauge("check_interval_seconds", "From one round to the next");
    const success = this.#gauge("last_round_success", "1 where the last round could compare, 0 where it could not");
    const exposed = this.#gauge("exposed_secrets", "What exposure scans have found that is still there");
    return () => {
      managed.set(this.#board.mapping.secrets.length);
      interval.set(this.#board.interval / SECOND);
      const { last } = this.#board;
      only(success, last && (last.failure === undefined ? 1 : 0));
      only(exposed, this.#board.exposed());
    };
  }

  #stores(): () => void {
    const p95 = this.#gauge("api_latency_seconds", "95 of 100 questions of the last hour took at most this", "api");
    const p50 = this.#gauge("api_latency_median_seconds", "Half of the last hour's questions took at most this", "api");
    const unasked = this.#gauge("unasked_scopes", "Scopes that the last round could not ask, by store", "store");
    return () => {
      for (const gauge of [p95, p50, unasked]) gauge.reset();
      const { last, mapping } = this.#board;
      if (last === undefined) return;
      for (const { store, ...latency } of last.latency) {
        p95.set({ api: store }, latency.p95 / SECOND);
        p50.set({ api: store }, latency.p50 / SECOND);
      }
      for (const { name } of mapping.stores) unasked.set({ store: name }, 0);
      for (const { store } of last.unasked) unasked.inc({ store });
    };
  }

  #healing(): () => void {
    const proposals = this.#gauge("proposals", "What is proposed and not yet done, by risk", "risk");
    const oldest = this.#gauge("oldest_proposal_timestamp_seconds", "Since when the oldest of them waits");
    return () => {
      const waiting = this.#board.history.trends.waiting();
      proposals.reset();
      for (const risk of RISKS) proposals.set({ risk }, 0);
      for (const each of waiting) proposals.set({ risk: each.risk }, each.proposals);
      const oldestAt = Math.min(...waiting.map((each) => each.since));
      only(oldest, Number.isFinite(oldestAt) ? oldestAt / SECOND : undefined);
    };
  }
}

/** What is not known is not served: 0 would be an answer. */
function only(gauge: Gauge<never>, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}
