import type { Kernel } from "../kernel/kernel.ts";
import type { KernelOptions } from "../kernel/load.ts";
import { loadKernel } from "../kernel/load.ts";
import { DIMENSIONS, embed } from "./embedding.ts";
import { passages } from "./passages.ts";

export interface Match {
  readonly passage: string;
  /** Cosine with the query, -1 to 1. */
  readonly score: number;
}

/** Passages that can be asked for the nearest to a text. */
export class Library {
  readonly kernel: Kernel;
  readonly #texts: readonly string[];

  constructor(texts: readonly string[], kernel: Kernel) {
    this.#texts = texts;
    this.kernel = kernel;
  }

  static async open(options: KernelOptions = {}, texts: readonly string[] = passages()): Promise<Library> {
    const rows = new Float32Array(texts.length * DIMENSIONS);
    texts.forEach((text, row) => embed(text, rows.subarray(row * DIMENSIONS, (row + 1) * DIMENSIONS)));
    return new Library(texts, await loadKernel({ dimensions: DIMENSIONS, rows }, options));
  }

  /** The best first; of equal ones the earlier first. */
  nearest(query: Float32Array, count: number): Match[] {
    const scores = this.kernel.scores(query);
    return best(scores, count).map((row) => ({ passage: this.#texts[row] ?? "", score: scores[row] ?? 0 }));
  }
}

/** The indices of the highest scores, by insertion: sorting all would take longer than scoring them. */
export function best(scores: Float32Array, count: number): number[] {
  const found: number[] = [];
  let least = -Infinity;
  for (let index = 0; index < scores.length; index++) {
    const score = scores[index] ?? 0;
    if (found.length >= count && score <= least) continue;
    let place = found.length;
    while (place > 0 && score > (scores[found[place - 1] ?? 0] ?? 0)) place--;
    found.splice(place, 0, index);
    if (found.length > count) found.pop();
    least = scores[found.at(-1) ?? 0] ?? 0;
  }
  return found;
}
