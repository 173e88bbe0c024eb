// AssemblyScript, compiled to WebAssembly by kernel/build.ts. It lives in a memory that kernel/wasm.ts lays out: rows
// come in fours and dimensions in fours, filled up with zeros, so that no loop here has a rest.

/**
 * Writes the inner product of the query with each row to `scores`. Four rows at a time: they share each load of the
 * query, and their four sums do not wait for one another.
 */
export function innerProducts(query: usize, rows: usize, count: i32, dimensions: i32, scores: usize): void {
  const width: usize = (<usize>dimensions) << 2;
  const end: usize = query + width;
  for (let row: i32 = 0; row < count; row += 4) {
    let first = f32x4.splat(0);
    let second = f32x4.splat(0);
    let third = f32x4.splat(0);
    let fourth = f32x4.splat(0);
    let b: usize = rows + <usize>row * width;
    for (let a: usize = query; a < end; a += 16, b += 16) {
      const part = v128.load(a);
      first = f32x4.add(first, f32x4.mul(part, v128.load(b)));
      second = f32x4.add(second, f32x4.mul(part, v128.load(b + width)));
      third = f32x4.add(third, f32x4.mul(part, v128.load(b + 2 * width)));
      fourth = f32x4.add(fourth, f32x4.mul(part, v128.load(b + 3 * width)));
    }
    v128.store(scores + ((<usize>row) << 2), sums(first, second, third, fourth));
  }
}

/** The sum of each vector's four lanes: lanes are interleaved, so that three additions make all four sums. */
function sums(first: v128, second: v128, third: v128, fourth: v128): v128 {
  const low = f32x4.add(v128.shuffle<f32>(first, second, 0, 4, 1, 5), v128.shuffle<f32>(first, second, 2, 6, 3, 7));
  const high = f32x4.add(v128.shuffle<f32>(third, fourth, 0, 4, 1, 5), v128.shuffle<f32>(third, fourth, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f32>(low, high, 0, 1, 4, 5), v128.shuffle<f32>(low, high, 2, 3, 6, 7));
}
