import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Kernel } from "./kernel.ts";
import type { Matrix } from "./matrix.ts";
import { plainKernel } from "./plain.ts";
import { wasmKernel } from "./wasm.ts";

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
