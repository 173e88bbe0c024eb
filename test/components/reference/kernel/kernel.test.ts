import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { loadKernel } from "../../../../components/reference/service/kernel/load.ts";
import { normalise } from "../../../../components/reference/service/kernel/matrix.ts";
import { plainKernel } from "../../../../components/reference/service/kernel/plain.ts";
import { wasmKernel } from "../../../../components/reference/service/kernel/wasm.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { compiledKernel } from "./compiled.ts";

/** Any finite number that a 32-bit float can hold, also the largest: scaling to length 1 must not overflow. */
const float = fc.float({ noNaN: true, noDefaultInfinity: true });

const vectors = fc
  .tuple(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 0, max: 40 }))
  .chain(([dimensions, count]) =>
    fc.record({
      dimensions: fc.constant(dimensions),
      rows: fc.array(float, { minLength: dimensions * count, maxLength: dimensions * count }),
      query: fc.array(float, { minLength: dimensions, maxLength: dimensions }),
    }),
  );

function unit(dimensions: number, values: readonly number[]) {
  const matrix = { dimensions, rows: Float32Array.from(values) };
  normalise(matrix);
  return matrix;
}

describe("the kernel", () => {
  let file: string;
  let module: WebAssembly.Module;
  before(async () => {
    file = compiledKernel();
    module = await WebAssembly.compile(readFileSync(file));
  });

  it("gives the same scores in WebAssembly and JavaScript, within single precision, for any rows and dimensions", () => {
    fc.assert(
      fc.property(vectors, ({ dimensions, rows, query }) => {
        const matrix = unit(dimensions, rows);
        const { rows: one } = unit(dimensions, query);
        const [fast, plain] = [wasmKernel(module, matrix), plainKernel(matrix)].map((kernel) => kernel.scores(one));
        assert.ok(fast !== undefined && plain !== undefined);
        assert.equal(fast.length, rows.length / dimensions);
        assert.equal(plain.length, fast.length);
        plain.forEach((score, row) => {
          assert.ok(Math.abs(score) <= 1 + dimensions * 2 ** -23, `${score} is no cosine`);
          assert.ok(
            Math.abs(score - (fast[row] ?? NaN)) <= dimensions * 2 ** -23,
            `row ${row}: ${score}, ${fast[row]}`,
          );
        });
      }),
    );
  });

  it("does not confuse one query with the next, and leaves earlier scores as they are", () => {
    const kernel = wasmKernel(module, { dimensions: 3, rows: Float32Array.of(1, 0, 0, 0, 1, 0) });
    const first = kernel.scores(Float32Array.of(1, 0, 0));
    const second = kernel.scores(Float32Array.of(0, 1, 0));
    assert.deepEqual([...first, ...second], [1, 0, 0, 1]);
  });

  it("is WebAssembly with SIMD, without a runtime: it exports the one function and imports the memory", () => {
    const bytes = readFileSync(file);
    assert.ok(bytes.length < 2048, `${bytes.length} bytes`);
    assert.ok(bytes.includes(Buffer.from([0xfd, 0xe4, 0x01])), "f32x4.add, opcode 0xfd 228");
  });

  it("falls back to JavaScript where the compiled kernel is not there, or this engine cannot run it", async () => {
    const matrix = { dimensions: 2, rows: Float32Array.of(1, 0) };
    const folder = temporaryFolder({ "newer.wasm": "\0asm\x02\0\0\0" });
    assert.equal((await loadKernel(matrix, { wasm: file })).engine, "wasm");
    assert.equal((await loadKernel(matrix, { wasm: join(folder, "none.wasm") })).engine, "javascript");
    assert.equal((await loadKernel(matrix, { wasm: join(folder, "newer.wasm") })).engine, "javascript");
    assert.equal((await loadKernel(matrix)).engine, "javascript", "none is tracked beside the sources");
    await assert.rejects(loadKernel(matrix, { wasm: folder }), /EISDIR/, "a mistake is not hidden");
  });

  it("refuses half a row and a query of another length", () => {
    const matrix = { dimensions: 2, rows: Float32Array.of(1, 0) };
    for (const kernel of [wasmKernel(module, matrix), plainKernel(matrix)])
      assert.throws(() => kernel.scores(Float32Array.of(1)), /the query has 1 dimensions; write one of 2/);
    assert.throws(() => plainKernel({ dimensions: 2, rows: Float32Array.of(1) }), /1 numbers are no rows of 2/);
    assert.throws(() => wasmKernel(module, { dimensions: 0, rows: new Float32Array() }), /rows of 0 dimensions/);
  });
});
