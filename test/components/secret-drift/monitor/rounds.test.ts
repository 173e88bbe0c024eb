import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";

const MEBIBYTE = 1024 * 1024;

interface Told {
  readonly figures: readonly { readonly heap: number; readonly file: number }[];
  readonly days: number;
}

describe("a monitor that has worked for long", () => {
  it("takes no more memory after 1,000 rounds than after 100", async () => {
    const script = join(import.meta.dirname, "rounds.ts");
    const { stdout } = await execa(process.execPath, ["--expose-gc", script, "1000", "100"]);
    const { figures, days } = JSON.parse(stdout) as Told;
    const [early, late] = figures;
    assert.ok(early && late);
    // compiled code and caches of the engine settle within that; one finding kept for each round would not
    assert.ok(late.heap - early.heap < MEBIBYTE, `${early.heap} bytes became ${late.heap}`);
    // 900 rounds of some 150 bytes and 450 findings of some 400, and what a proposal leaves
    assert.ok(late.file - early.file < 2 * MEBIBYTE, `${early.file} bytes became ${late.file}`);
    assert.equal(days, 4);
  });
});
