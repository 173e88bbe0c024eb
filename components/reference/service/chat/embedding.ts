import { normalise as toUnit } from "../kernel/matrix.ts";

export const DIMENSIONS = 256;

/** Words that most sentences have say nothing about any of them. */
const COMMON = new Set(
  "a an and are at be before by can do does for from has how i in is it its me my not of on or our so than that the there to was what when which why with you".split(
    " ",
  ),
);

/**
 * A text as a vector of length 1: its words and their trigrams are hashed to dimensions and signs (feature hashing,
 * https://arxiv.org/abs/0902.2206), so that texts with the same parts point the same way. No model has to be there.
 */
export function embed(text: string, into = new Float32Array(DIMENSIONS)): Float32Array {
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    if (COMMON.has(word)) continue;
    add(into, word, 2);
    const padded = ` ${word} `;
    for (let index = 0; index + 3 <= padded.length; index++) add(into, padded.slice(index, index + 3), 1);
  }
  toUnit({ dimensions: DIMENSIONS, rows: into });
  return into;
}

function add(vector: Float32Array, part: string, weight: number): void {
  const hash = fnv1a(part);
  const index = hash % DIMENSIONS;
  // the highest bit is the sign: what meets by chance cancels out
  vector[index] = (vector[index] ?? 0) + (hash >= 2 ** 31 ? -weight : weight);
}

/** 32 bits, over UTF-16 units. http://www.isthe.com/chongo/tech/comp/fnv/ */
function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
