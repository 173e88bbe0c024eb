import assert from "node:assert/strict";
import { BadInput } from "@groundwork/lib/errors";

/** Asserts that something is refused in one sentence which names the key, the value and what to write instead. */
export async function assertBadInput(action: () => unknown, ...named: readonly (string | RegExp)[]): Promise<void> {
  await assert.rejects(Promise.resolve().then(action), (error: unknown) => {
    assert.ok(error instanceof BadInput, `expected BadInput, got ${String(error)}`);
    assert.ok(!error.message.includes("\n"), `more than one line: ${error.message}`);
    for (const part of named) {
      const found = part instanceof RegExp ? part.test(error.message) : error.message.includes(part);
      assert.ok(found, `${String(part)} is not named in: ${error.message}`);
    }
    return true;
  });
}
