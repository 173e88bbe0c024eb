import { normalise as toUnit } from "../kernel/matrix.ts";
import { DIMENSIONS, embed } from "./embedding.ts";
import type { Library, Match } from "./library.ts";
import type { Query } from "./query.ts";

export interface Answer {
  readonly text: string;
  readonly sources: readonly Match[];
}

/** What stands behind the route: a model in production, the library below until there is one. */
export interface Answerer {
  /** Gives up when the signal says so. */
  answer(query: Query, signal: AbortSignal): Promise<Answer>;
}

/** Rounds of feedback, and how far each one turns the query (Rocchio, https://nlp.stanford.edu/IR-book/html/htmledition/pseudo-relevance-feedback-1.html). */
const ROUNDS = 3;
const FEEDBACK = 0.2;
const SOURCES = 5;

/** Answers from the passages nearest to the question; each round asks again in the words of what it has found. */
export function libraryAnswerer(library: Library): Answerer {
  return {
    answer({ text }, signal) {
      const query = embed(text);
      for (let round = 0; round < ROUNDS; round++) turn(query, library.nearest(query, SOURCES));
      signal.throwIfAborted();
      const sources = library.nearest(query, SOURCES);
      return Promise.resolve({ text: sources.map(({ passage }) => passage).join(" "), sources });
    },
  };
}

/** Towards the mean of the passages found. */
function turn(query: Float32Array, found: readonly Match[]): void {
  for (const { passage } of found) {
    const direction = embed(passage);
    for (let index = 0; index < DIMENSIONS; index++)
      query[index] = (query[index] ?? 0) + (FEEDBACK / found.length) * (direction[index] ?? 0);
  }
  toUnit({ dimensions: DIMENSIONS, rows: query });
}
