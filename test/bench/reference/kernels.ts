import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Kernel } from "../../../components/reference/service/kernel/kernel.ts";
import type { Matrix } from "../../../components/reference/service/kernel/matrix.ts";
import { normalise } from "../../../components/reference/service/kernel/matrix.ts";
import { plainKernel } from "../../../components/reference/service/kernel/plain.ts";
import { wasmKernel } from "../../../components/reference/service/kernel/wasm.ts";
import type { Contestant } from "./contest.ts";
import { SERVICE } from "./service.ts";

const DIMENSIONS = 256;
/** Long enough that starting and stopping the clock is nothing, short enough for many turns. */
const MICROSECONDS = 500_000;

/** The same rows in both engines. */
export async function kernels(rows: number, folder: string): Promise<{ wasm: Contestant; plain: Contestant }> {
  const file = join(folder, "kernel.wasm");
  execFileSync(process.execPath, [join(SERVICE, "kernel/build.ts"), file], { stdio: "pipe" });
  const module = await WebAssembly.compile(readFileSync(file));
  const matrix = numbers(rows);
  const query = numbers(1).rows;
  const label = `${rows.toLocaleString("en")} rows (${(rows * DIMENSIONS * 4) / 2 ** 20} MiB)`;
  return {
    wasm: contestant(`kernel, WebAssembly SIMD, ${label}`, wasmKernel(module, matrix), query),
    plain: contestant(`kernel, plain JavaScript, ${label}`, plainKernel(matrix), query),
  };
}

/** By this thread's processor time, since there is nothing to wait for: who else is busy does not count. */
function contestant(name: string, kernel: Kernel, query: Float32Array): Contestant {
  return {
    name,
    unit: "queries/CPU s",
    run() {
      const start = process.threadCpuUsage();
      let count = 0;
      let microseconds = 0;
      while (microseconds < MICROSECONDS) {
        kernel.scores(query);
        count += 1;
        const { user, system } = process.threadCpuUsage(start);
        microseconds = user + system;
      }
      return Promise.resolve((count / microseconds) * 1e6);
    },
  };
}

function numbers(count: number): Matrix {
  const matrix = { dimensions: DIMENSIONS, rows: new Float32Array(count * DIMENSIONS) };
  for (let index = 0; index < matrix.rows.length; index++) matrix.rows[index] = Math.random() - 0.5;
  normalise(matrix);
  return matrix;
}
