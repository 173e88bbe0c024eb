import type { Kernel } from "./kernel.ts";
import type { Matrix } from "./matrix.ts";
import { checkQuery, rowCount } from "./matrix.ts";

/**
 * The same in JavaScript, for where there is no WebAssembly SIMD; sums are doubles. Four rows at a time, as WebAssembly
 * takes them, were measured here too and gained nothing.
 */
export function plainKernel(matrix: Matrix): Kernel {
  const { dimensions, rows } = matrix;
  const count = rowCount(matrix);
  return {
    engine: "javascript",
    count,
    dimensions,
    scores(query) {
      checkQuery(query, dimensions);
      const scores = new Float32Array(count);
      for (let row = 0; row < count; row++) scores[row] = innerProduct(query, rows, row * dimensions);
      return scores;
    },
  };
}

function innerProduct(query: Float32Array, rows: Float32Array, start: number): number {
  let sum = 0;
  // both indices are within their arrays: the fallback is for the type checker, and costs nothing that can be measured
  for (let index = 0, at = start; index < query.length; index++, at++) sum += (query[index] ?? 0) * (rows[at] ?? 0);
  return sum;
}
