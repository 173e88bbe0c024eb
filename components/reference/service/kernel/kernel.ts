import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Matrix } from "./matrix.ts";
import { plainKernel } from "./plain.ts";
import { wasmKernel } from "./wasm.ts";

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

export interface KernelOptions {
  /** The compiled module; default: kernel.wasm beside this file, where the image has it. */
  readonly wasm?: string;
}

/** Fast where the compiled kernel is there and this machine can run it, else correct and slower. */
export async function loadKernel(matrix: Matrix, { wasm = besideThisFile() }: KernelOptions = {}): Promise<Kernel> {
  try {
    return wasmKernel(await WebAssembly.compile(await readFile(wasm)), matrix);
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return plainKernel(matrix);
  }
}

function besideThisFile(): string {
  return fileURLToPath(new URL("kernel.wasm", import.meta.url));
}

/** No such file, or a machine whose engine has no SIMD; anything else is a mistake, and must be seen. */
function isUnavailable(error: unknown): boolean {
  return (
    error instanceof WebAssembly.CompileError || (error instanceof Error && "code" in error && error.code === "ENOENT")
  );
}
