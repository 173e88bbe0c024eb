/**
 * Scores a query against every row of a matrix. Both engines give the same numbers to within
 * `dimensions * 2 ** -23`: WebAssembly adds in single precision, JavaScript in double, and the rows and the query
 * have length 1, so that no sum of absolute products is above 1.
 */
export interface Kernel {
  readonly engine: "wasm" | "javascript";
  /** Rows. */
  readonly count: number;
  readonly dimensions: number;
  /** The cosine of the query with each row, -1 to 1, in the order of the rows. */
  scores(query: Float32Array): Float32Array;
}
