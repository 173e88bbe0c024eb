import { randomBytes } from "node:crypto";
import type { SecretValue } from "../secret-value.ts";
import { type Encoding, formsOf } from "./encodings.ts";

/** A value that is looked for, and the secrets that have it. */
interface Needle {
  readonly encoding: Encoding;
  readonly secrets: string[];
  readonly bytes: Buffer;
  readonly lineOf: number;
  /** Where in `bytes` the eight begin by which it is found. */
  anchor: number;
}

/** Where a managed value stands. */
export interface Match {
  readonly secrets: readonly string[];
  readonly encoding: Encoding;
  /** Which of the value's lines it is, from 0. */
  readonly lineOf: number;
  /** The first byte, and the one after the last. */
  readonly start: number;
  readonly end: number;
}

/** Bytes that are looked at together, and the shortest form that can be found. */
const ANCHOR = 8;
/** Bits of the filter for each form: one position in as many passes it by chance, and is then compared. */
const BITS_FOR_EACH = 64;
const LEAST_FILTER_BITS = 16;
const MOST_FILTER_BITS = 26;

/**
 * Finds thousands of values, in every form, in one pass: eight bytes at a time are hashed into a filter, and what passes it
 * is compared. A hash of fixed width keeps its memory near that of the values, where an automaton over all of them would
 * need a hundred times as much. Its two factors are random, so that no text can be made that slows it down.
 */
export class Needles {
  /** Bytes of the longest form. */
  readonly longest: number;
  readonly #table = new Map<number, Needle[]>();
  readonly #filter: Uint32Array;
  readonly #mask: number;
  readonly #low = randomBytes(4).readInt32LE() | 1;
  readonly #high = randomBytes(4).readInt32LE() | 1;

  constructor(values: Iterable<{ readonly secret: string; readonly value: SecretValue }>) {
    const needles = collect(values);
    const wanted = Math.ceil(Math.log2(Math.max(1, needles.length * BITS_FOR_EACH)));
    const bits = Math.min(MOST_FILTER_BITS, Math.max(LEAST_FILTER_BITS, wanted));
    this.#filter = new Uint32Array(2 ** (bits - 5));
    this.#mask = 2 ** bits - 1;
    for (const needle of needles) this.#add(needle);
    this.longest = needles.reduce((longest, { bytes }) => Math.max(longest, bytes.length), 0);
  }

  /** Every occurrence, in the order of their anchors. */
  search(bytes: Uint8Array): Match[] {
    const matches: Match[] = [];
    const [filter, mask, lowFactor, highFactor] = [this.#filter, this.#mask, this.#low, this.#high];
    let low = 0;
    let high = 0;
    for (let at = 0; at < bytes.length; at++) {
      low = (low >>> 8) | (high << 24);
      high = (high >>> 8) | ((bytes[at] ?? 0) << 24);
      if (at < ANCHOR - 1) continue;
      let hash = Math.imul(low, lowFactor) ^ Math.imul(high, highFactor);
      hash ^= hash >>> 15;
      const bit = hash & mask;
      if (((filter[bit >>> 5] ?? 0) & (1 << (bit & 31))) !== 0) this.#compare(bytes, at - ANCHOR + 1, hash, matches);
    }
    return matches;
  }

  /** A text without any of the values. */
  mask(text: string): string {
    const bytes = Buffer.from(text);
    const matches = this.search(bytes).sort((a, b) => a.start - b.start);
    if (matches.length === 0) return text;
    const parts: string[] = [];
    let from = 0;
    for (const { start, end } of matches) {
      if (start > from) parts.push(bytes.toString("utf8", from, start));
      if (start >= from) parts.push("[secret]");
      from = Math.max(from, end);
    }
    return [...parts, bytes.toString("utf8", from)].join("");
  }

  /** Many values begin alike, and some end so: of a few places the one is taken that tells most. */
  #add(needle: Needle): void {
    const last = needle.bytes.length - ANCHOR;
    const places = [last, Math.floor(last / 2), 0, Math.floor(last / 4), Math.floor((3 * last) / 4)];
    const buckets = places.map((place) => ({ place, hash: this.#hash(needle.bytes, place) }));
    const [best] = buckets.sort((a, b) => this.#sizeOf(a.hash) - this.#sizeOf(b.hash));
    if (best === undefined) return;
    needle.anchor = best.place;
    this.#table.set(best.hash, [...(this.#table.get(best.hash) ?? []), needle]);
    const bit = best.hash & this.#mask;
    this.#filter[bit >>> 5] = (this.#filter[bit >>> 5] ?? 0) | (1 << (bit & 31));
  }

  #sizeOf(hash: number): number {
    return this.#table.get(hash)?.length ?? 0;
  }

  #hash(bytes: Buffer, at: number): number {
    const hash =
      Math.imul(bytes.readInt32LE(at), this.#low) ^ Math.imul(bytes.readInt32LE(at + ANCHOR / 2), this.#high);
    return hash ^ (hash >>> 15);
  }

  #compare(bytes: Uint8Array, at: number, hash: number, matches: Match[]): void {
    for (const { bytes: wanted, anchor, ...needle } of this.#table.get(hash) ?? []) {
      const start = at - anchor;
      const end = start + wanted.length;
      if (start < 0 || end > bytes.length) continue;
      if (wanted.equals(bytes.subarray(start, end))) matches.push({ ...needle, start, end });
    }
  }
}

/** Two secrets may have one value: it is one needle. */
function collect(values: Iterable<{ readonly secret: string; readonly value: SecretValue }>): Needle[] {
  const needles = new Map<string, Needle>();
  for (const { secret, value } of values)
    for (const { encoding, bytes, lineOf = 0 } of formsOf(value.reveal())) {
      if (bytes.length < ANCHOR) continue;
      const key = bytes.toString("latin1");
      const known = needles.get(key);
      if (known === undefined) needles.set(key, { encoding, bytes, lineOf, secrets: [secret], anchor: 0 });
      else if (!known.secrets.includes(secret)) known.secrets.push(secret);
    }
  return [...needles.values()];
}
