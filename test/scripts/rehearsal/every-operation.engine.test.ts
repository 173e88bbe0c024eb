import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { before, describe, it } from "mocha";
import {
  type Scene,
  type Unbroken,
  assertConverges,
  assertConvergesThrough,
  unbroken,
} from "../../helpers/broken-runs.ts";
import { temporaryFolder } from "../../helpers/folder.ts";

const FIXTURE = fileURLToPath(new URL("../../fixtures/every-operation", import.meta.url));

/** Ways in which a call goes wrong while the engine lives on. */
const CALLS_FAIL = ["fail:before", "fail:after", "throttle", "hang:before", "hang:after"];

describe("a stack whose every operation goes wrong", () => {
  const project = temporaryFolder();
  const kept = temporaryFolder();
  const first: Scene = { project, stack: "test", command: "up", config: { phase: 1 } };
  const second: Scene = { ...first, config: { phase: 2 }, from: `${kept}/first` };
  const teardown: Scene = { ...second, command: "destroy", from: `${kept}/second` };
  const scenes = {
    "a first up": first,
    "an up that creates, updates, replaces and deletes": second,
    "a destroy": teardown,
  };
  const expected = new Map<Scene, Unbroken>();
  const without = (scene: Scene): Unbroken => expected.get(scene) ?? assert.fail("the unbroken run is missing");

  before(async () => {
    cpSync(FIXTURE, project, { recursive: true });
    expected.set(first, await unbroken(first, `${kept}/first`));
    expected.set(second, await unbroken(second, `${kept}/second`));
    expected.set(teardown, await unbroken(teardown));
  });

  it("performs every kind of operation", () => {
    assert.deepEqual(
      Object.values(scenes).map((scene) => without(scene).steps.length),
      [18, 15, 18],
    );
    const kinds = without(second).steps.map((step) => step.split(" ")[0]);
    assert.deepEqual([...new Set(kinds)].sort(), ["create", "delete", "update"]);
    assert.deepEqual(without(teardown).urns, []);
  });

  for (const [what, scene] of Object.entries(scenes)) {
    for (const effect of ["power:before", "power:after"]) {
      it(`recovers ${what} from ${effect} at each operation`, async function () {
        const run = without(scene);
        this.timeout(run.steps.length * 60_000);
        for (let number = 1; number <= run.steps.length; number++) await assertConverges(scene, effect, number, run);
      });
    }
    for (const effect of CALLS_FAIL) {
      it(`recovers ${what} from ${effect} at each operation`, async function () {
        this.timeout(600_000);
        await assertConvergesThrough(scene, effect, without(scene));
      });
    }
  }
});
