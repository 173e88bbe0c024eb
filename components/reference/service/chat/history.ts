import type { Kind } from "./query.ts";

/** A request that has ended. */
export interface Exchange {
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly query: string;
  readonly kind: Kind;
  /** Where the answer came from, or why there was none. */
  readonly result: string;
  readonly milliseconds: number;
}

/** sophia asks for 1,000. */
const ENTRIES = 1000;
/** So that a thousand long questions stay below a megabyte. */
const LONGEST_QUERY = 500;

/** The last requests of this process: a ring that overwrites the oldest. */
export class History {
  readonly #entries: Exchange[] = [];
  readonly #capacity: number;
  #next = 0;

  constructor(capacity = ENTRIES) {
    this.#capacity = capacity;
  }

  add(exchange: Exchange): void {
    this.#entries[this.#next] = { ...exchange, query: exchange.query.slice(0, LONGEST_QUERY) };
    this.#next = (this.#next + 1) % this.#capacity;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** The newest first. */
  latest(count: number): Exchange[] {
    const inOrder = [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)];
    return inOrder.reverse().slice(0, count);
  }
}
