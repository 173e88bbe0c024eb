import type { DatabaseSync } from "node:sqlite";

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
export interface LatencyTrend {
  readonly store: string;
  /** When the span begins, in milliseconds since 1970. */
  readonly at: number;
  readonly calls: number;
  /** Milliseconds that half of the questions took at most. */
  readonly p50: number;
  /** Milliseconds that 95 of a hundred took at most. */
  readonly p95: number;
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

  /** Since a date, in spans of so many milliseconds, by store and then the oldest first. */
  latency(from: number, span: number): LatencyTrend[] {
    const rows = this.#database.prepare(
      `WITH ranked AS (
         SELECT store, at / CAST(:span AS INTEGER) AS slot, milliseconds,
           ROW_NUMBER() OVER (PARTITION BY store, at / CAST(:span AS INTEGER) ORDER BY milliseconds) AS place,
           COUNT(*) OVER (PARTITION BY store, at / CAST(:span AS INTEGER)) AS calls
         FROM call WHERE at >= :from
       )
       SELECT store, slot, calls,
         MIN(milliseconds) FILTER (WHERE place * 100 >= calls * 50) AS p50,
         MIN(milliseconds) FILTER (WHERE place * 100 >= calls * 95) AS p95
       FROM ranked GROUP BY store, slot ORDER BY store, slot`,
    );
    return rows.all({ span, from }).map((row) => ({
      store: String(row["store"]),
      at: Number(row["slot"]) * span,
      calls: Number(row["calls"]),
      p50: Number(row["p50"]),
      p95: Number(row["p95"]),
    }));
  }
}
