/** Vectors of one length, one after the other. Rows and queries have length 1, so that an inner product is a cosine. */
export interface Matrix {
  readonly dimensions: number;
  readonly rows: Float32Array;
}

export function rowCount({ dimensions, rows }: Matrix): number {
  const count = rows.length / dimensions;
  if (!Number.isInteger(dimensions) || dimensions < 1 || !Number.isInteger(count))
    throw new RangeError(`kernel: ${rows.length} numbers are no rows of ${dimensions} dimensions; write whole rows.`);
  return count;
}

export function checkQuery(query: Float32Array, dimensions: number): void {
  if (query.length !== dimensions)
    throw new RangeError(`kernel: the query has ${query.length} dimensions; write one of ${dimensions}.`);
}

/** Scales each row to length 1 in place; a row of zeros stays one. The sum of squares is a double: it cannot overflow. */
export function normalise({ dimensions, rows }: Matrix): void {
  for (let start = 0; start < rows.length; start += dimensions) {
    const row = rows.subarray(start, start + dimensions);
    let squares = 0;
    for (const value of row) squares += value * value;
    const length = Math.sqrt(squares);
    if (length > 0) for (let index = 0; index < dimensions; index++) row[index] = (row[index] ?? 0) / length;
  }
}
