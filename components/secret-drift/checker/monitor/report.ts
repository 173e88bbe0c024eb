import type { Unasked } from "../finding.ts";
import type { Healed } from "../healing/healer.ts";
import type { Finding } from "../history.ts";

/** How a store has answered for a while. */
export interface StoreLatency {
  readonly store: string;
  readonly calls: number;
  /** Milliseconds that half of the questions took at most. */
  readonly p50: number;
  /** Milliseconds that 95 of a hundred took at most. */
  readonly p95: number;
}

/** What one round of the monitor has come to. No value is in it. */
export interface RoundReport {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** How long it took. */
  readonly milliseconds: number;
  /** How many secrets the mapping has. */
  readonly secrets: number;
  /** How many of them are in places that could not all be seen, with nothing wrong in the others. Default 0. */
  readonly unknown?: number;
  /** Found for the first time, or again after it was gone. */
  readonly opened: readonly Finding[];
  /** Found before, and no longer there. */
  readonly resolved: readonly Finding[];
  /** All that is not in step now, `opened` included. */
  readonly open: readonly Finding[];
  readonly unasked: readonly Unasked[];
  readonly healed: readonly Healed[];
  /** Of each store, over the last hour. */
  readonly latency: readonly StoreLatency[];
  /** Why nothing could be compared, where that is so: then the findings are those of the round before. */
  readonly failure?: string;
}

/** Somebody who is told of each round, in turn. What it cannot do must not stop the rounds: it says so itself and throws nothing. */
export interface RoundListener {
  heard(report: RoundReport): Promise<void>;
  close?(): Promise<void>;
}
