import type { DatabaseSync } from "node:sqlite";
import { type Answers, Latency } from "./latency.ts";
import type { Risk } from "./mapping.ts";

const DAY = 24 * 60 * 60 * 1000;

/** What one round came to. */
export interface PastRound {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How long it took. */
  readonly milliseconds: number;
  /** How much drift it found. */
  readonly drifts: number;
}

/** The rounds of one span of time. */
export interface RoundTrend {
  /** When the span begins, in milliseconds since 1970. */
  readonly at: number;
  readonly rounds: number;
  /** The most drift that one of them found. */
  readonly drifts: number;
  /** How long they took on average. */
  readonly milliseconds: number;
}

/** How one store answered in one span of time. */
export interface LatencyTrend extends Answers {
  /** When the span begins, in milliseconds since 1970. */
  readonly at: number;
}

/** How many findings came and went on one day. */
export interface FindingTrend {
  /** When the day begins, in milliseconds since 1970, by UTC. */
  readonly at: number;
  readonly opened: number;
  readonly resolved: number;
  /** At the end of the day, or now. */
  readonly open: number;
}

/** What is proposed and not done. */
export interface Waiting {
  readonly risk: Risk;
  readonly proposals: number;
  /** When the oldest of them was proposed, in milliseconds since 1970. */
  readonly since: number;
}

/** How rounds and answers went over time. Only reads: in the same file as the history. */
export class Trends {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  lastRound(): PastRound | undefined {
    const row = this.#database.prepare("SELECT * FROM round ORDER BY at DESC LIMIT 1").get();
    return row && { at: Number(row["at"]), milliseconds: Number(row["milliseconds"]), drifts: Number(row["drifts"]) };
  }

  /** By risk, of those that have any. */
  waiting(): Waiting[] {
    const rows = this.#database.prepare(
      `SELECT risk, COUNT(*) AS proposals, MIN(proposed_at) AS since FROM proposal
       WHERE state IN ('open', 'applying') GROUP BY risk`,
    );
    return rows.all().map((row) => ({
      risk: String(row["risk"]) as Risk,
      proposals: Number(row["proposals"]),
      since: Number(row["since"]),
    }));
  }

  /** Since a date, in spans of so many milliseconds, the oldest first; a span without a round is left out. */
  rounds(from: number, span: number): RoundTrend[] {
    const rows = this.#database.prepare(
      `SELECT at / CAST(:span AS INTEGER) * CAST(:span AS INTEGER) AS at, COUNT(*) AS rounds, MAX(drifts) AS drifts,
         AVG(milliseconds) AS milliseconds
       FROM round WHERE at >= :from GROUP BY 1 ORDER BY 1`,
    );
    return rows.all({ span, from }).map((row) => ({
      at: Number(row["at"]),
      rounds: Number(row["rounds"]),
      drifts: Number(row["drifts"]),
      milliseconds: Math.round(Number(row["milliseconds"])),
    }));
  }

  /** Since a date, in spans of so many milliseconds and not less than an hour, by store and then the oldest first. */
  latency(from: number, span: number): LatencyTrend[] {
    return new Latency(this.#database).spans(from, span);
  }

  /** Of each day since the one of a date, the oldest first. */
  findings(from: number, now: number): FindingTrend[] {
    const [first, last] = [from, now].map((at) => at - (at % DAY)) as [number, number];
    const byDay = (column: "first_seen" | "resolved_at"): ReadonlyMap<number, number> => {
      const rows = this.#database.prepare(
        `SELECT ${column} - ${column} % ${DAY} AS day, COUNT(*) AS findings FROM finding WHERE ${column} >= ? GROUP BY 1`,
      );
      return new Map(rows.all(first).map((row) => [Number(row["day"]), Number(row["findings"])]));
    };
    const [opened, resolved] = [byDay("first_seen"), byDay("resolved_at")];
    const row = this.#database.prepare("SELECT COUNT(*) AS open FROM finding WHERE resolved_at IS NULL").get();
    let open = Number(row?.["open"] ?? 0);
    const days: FindingTrend[] = [];
    for (let at = last; at >= first; at -= DAY) {
      const [came, went] = [opened.get(at) ?? 0, resolved.get(at) ?? 0];
      days.unshift({ at, opened: came, resolved: went, open });
      open += went - came;
    }
    return days;
  }
}
