import type { DatabaseSync } from "node:sqlite";

/** One question to a store: how long it took, and what came of it. */
export interface Call {
  readonly at: number;
  readonly store: string;
  readonly milliseconds: number;
  readonly outcome: string;
}

/** How one store answered. */
export interface Answers {
  readonly store: string;
  readonly calls: number;
  /** How many of them it did not answer. */
  readonly failed: number;
  /** Milliseconds that half of the questions took at most. */
  readonly p50: number;
  /** Milliseconds that 95 of a hundred took at most. */
  readonly p95: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** What is counted together at first. */
const SLOT = 5 * MINUTE;
/** After as long it is counted together by the hour. */
const FINE = 2 * HOUR;
/** Each bucket ends 5 % above the one before: that much too high a figure can be, and no more. */
const GROWTH = Math.log(1.05);

/**
 * How long stores take to answer, as counts of questions by time: their number does not grow with that of the questions, of
 * which there are a thousand in a round where there are a thousand repositories.
 */
export class Latency {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** Within somebody's transaction. */
  add(calls: readonly Call[]): void {
    const count = this.#database.prepare(
      `INSERT INTO latency VALUES (?, ?, ?, 1, ?)
       ON CONFLICT (slot, store, bucket) DO UPDATE SET calls = calls + 1, failed = failed + excluded.failed`,
    );
    for (const { at, store, milliseconds, outcome } of calls)
      count.run(at - (at % SLOT), store, bucketOf(milliseconds), outcome === "ok" ? 0 : 1);
  }

  /** Drops what is older than a date, and counts what is no longer new by the hour. Within somebody's transaction. */
  forget(before: number, now: number): void {
    this.#database.prepare("DELETE FROM latency WHERE slot < ?").run(before);
    const old = now - FINE;
    const where = `slot < ${old - (old % HOUR)} AND slot % ${HOUR} <> 0`;
    this.#database.exec(
      `INSERT INTO latency SELECT slot - slot % ${HOUR}, store, bucket, SUM(calls), SUM(failed) FROM latency
         WHERE ${where} GROUP BY 1, 2, 3
         ON CONFLICT (slot, store, bucket) DO UPDATE SET calls = calls + excluded.calls, failed = failed + excluded.failed;
       DELETE FROM latency WHERE ${where}`,
    );
  }

  /** Of each store, since a date. */
  since(from: number): Answers[] {
    return this.spans(from, Infinity).map(({ at: _, ...answers }) => answers);
  }

  /** Since a date, in spans of so many milliseconds, by store and then the oldest first. */
  spans(from: number, span: number): (Answers & { readonly at: number })[] {
    const rows = this.#database
      .prepare("SELECT slot, store, bucket, calls, failed FROM latency WHERE slot >= ? ORDER BY store, slot, bucket")
      .all(from)
      .map((row) => ({
        at: Number.isFinite(span) ? Number(row["slot"]) - (Number(row["slot"]) % span) : from,
        store: String(row["store"]),
        bucket: Number(row["bucket"]),
        calls: Number(row["calls"]),
        failed: Number(row["failed"]),
      }));
    return [...Map.groupBy(rows, ({ store, at }) => JSON.stringify([store, at])).values()].flatMap((counts) => {
      const [first] = counts;
      return first === undefined ? [] : [{ at: first.at, ...answersOf(first.store, counts) }];
    });
  }
}

interface Count {
  readonly bucket: number;
  readonly calls: number;
  readonly failed: number;
}

function answersOf(store: string, counts: readonly Count[]): Answers {
  const sum = (of: (count: Count) => number) => counts.reduce((total, count) => total + of(count), 0);
  const calls = sum((count) => count.calls);
  const ascending = counts.toSorted((a, b) => a.bucket - b.bucket);
  const within = (share: number): number => {
    let left = Math.ceil(calls * share);
    const found = ascending.find((count) => (left -= count.calls) <= 0);
    return Math.round(Math.exp((found?.bucket ?? 0) * GROWTH));
  };
  return { store, calls, failed: sum((count) => count.failed), p50: within(0.5), p95: within(0.95) };
}

/** The first that ends at or above it; what takes less than a millisecond is one. */
function bucketOf(milliseconds: number): number {
  return milliseconds <= 1 ? 0 : Math.ceil(Math.log(milliseconds) / GROWTH);
}
