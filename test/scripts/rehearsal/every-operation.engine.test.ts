import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { before, describe, it } from "mocha";
import { type Scene, assertConverges, unbroken } from "../../helpers/broken-runs.ts";
import { temporaryFolder } from "../../helpers/folder.ts";

const FIXTURE = fileURLToPath(new URL("../../fixtures/every-operation", import.meta.url));

/** Every way in which an operation can go wrong, before it took effect and after. */
const EFFECTS = ["power:before", "power:after", "fail:before", "fail:after", "throttle", "hang:before", "hang:after"];

describe("an engine that is stopped at every single operation", () => {
  const project = temporaryFolder();
  const kept = temporaryFolder();
  const first: Scene = { project, stack: "test", command: "up", config: { phase: 1 } };
  const second: Scene = { ...first, config: { phase: 2 }, from: `${kept}/first` };
  const teardown: Scene = { ...second, command: "destroy", from: `${kept}/second` };
  const expected = new Map<Scene, Awaited<ReturnType<typeof unbroken>>>();

  before(async () => {
    cpSync(FIXTURE, project, { recursive: true });
    expected.set(first, await unbroken(first, `${kept}/first`));
    expected.set(second, await unbroken(second, `${kept}/second`));
    expected.set(teardown, await unbroken(teardown));
  });

  it("is tried on every kind of operation", () => {
    assert.deepEqual(
      [first, second, teardown].map((scene) => expected.get(scene)?.operations),
      [18, 15, 18],
    );
    assert.deepEqual(expected.get(teardown)?.urns, []);
  });

  for (const [what, scene] of [
    ["a first up", first],
    ["an up that creates, updates, replaces and deletes", second],
    ["a destroy", teardown],
  ] as const) {
    for (const effect of EFFECTS) {
      it(`recovers ${what} from ${effect} at each operation`, async function () {
        const { operations, urns } = expected.get(scene) ?? assert.fail("the unbroken run is missing");
        this.timeout(operations * 60_000);
        for (let number = 1; number <= operations; number++) {
          await assertConverges(scene, `${effect}@#${number}`, urns);
        }
      });
    }
  }
});
