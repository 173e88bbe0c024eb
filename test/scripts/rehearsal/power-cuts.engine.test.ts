import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { assertConverges } from "../../helpers/broken-runs.ts";
import { everyOperation } from "../../helpers/every-operation.ts";

describe("an engine that is killed at every single operation", () => {
  const { scenes, without } = everyOperation();

  it("is tried on every kind of operation", () => {
    const [first, second, teardown] = Object.values(scenes).map(without);
    assert.deepEqual([first?.steps.length, second?.steps.length, teardown?.steps.length], [18, 15, 18]);
    const kinds = new Set(second?.steps.map((step) => step.split(" ")[0]));
    assert.deepEqual([...kinds].sort(), ["create", "delete", "update"]);
    assert.deepEqual(teardown?.urns, []);
  });

  for (const [what, scene] of Object.entries(scenes)) {
    for (const when of ["before", "after"]) {
      it(`is recovered in ${what}, killed ${when} each took effect`, async function () {
        const run = without(scene);
        this.timeout(run.steps.length * 60_000);
        for (let number = 1; number <= run.steps.length; number++) {
          await assertConverges(scene, `power:${when}`, number, run);
        }
      });
    }
  }
});
