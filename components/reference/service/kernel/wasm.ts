import type { Kernel } from "./kernel.ts";
import type { Matrix } from "./matrix.ts";
import { checkQuery, rowCount } from "./matrix.ts";

type InnerProducts = (query: number, rows: number, count: number, dimensions: number, scores: number) => void;

/** Of a WebAssembly memory. https://www.w3.org/TR/wasm-core-2/#page-size */
const PAGE_BYTES = 65_536;
const FLOAT_BYTES = Float32Array.BYTES_PER_ELEMENT;

/** Copies the matrix into a memory of its own, in the layout that assembly/index.ts expects. */
export function wasmKernel(module: WebAssembly.Module, matrix: Matrix): Kernel {
  const { dimensions } = matrix;
  const count = rowCount(matrix);
  const [width, height] = [toFours(dimensions), toFours(count)];
  // the query comes first, then the scores, then the rows
  const [scoresAt, rowsAt] = [width * FLOAT_BYTES, (width + height) * FLOAT_BYTES];
  const bytes = rowsAt + width * height * FLOAT_BYTES;
  const memory = new WebAssembly.Memory({ initial: Math.max(1, Math.ceil(bytes / PAGE_BYTES)) });
  const innerProducts = instantiate(module, memory);
  const floats = new Float32Array(memory.buffer);
  for (let row = 0; row < count; row++)
    floats.set(matrix.rows.subarray(row * dimensions, (row + 1) * dimensions), rowsAt / FLOAT_BYTES + row * width);
  return {
    engine: "wasm",
    count,
    dimensions,
    scores(query) {
      checkQuery(query, dimensions);
      floats.set(query, 0);
      innerProducts(0, rowsAt, height, width, scoresAt);
      return floats.slice(width, width + count);
    },
  };
}

function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): InnerProducts {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const { innerProducts } = exports;
  if (typeof innerProducts !== "function") throw new TypeError("kernel: the module exports no innerProducts");
  return innerProducts as InnerProducts;
}

function toFours(value: number): number {
  return Math.ceil(value / 4) * 4;
}
