import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { before } from "mocha";
import { type Scene, type Unbroken, unbroken } from "./broken-runs.ts";
import { temporaryFolder } from "./folder.ts";

const FIXTURE = fileURLToPath(new URL("../fixtures/every-operation", import.meta.url));

/** The fixture of about twenty resources that has every kind of operation, and what its three scenes do unbroken. */
export function everyOperation(): { scenes: Readonly<Record<string, Scene>>; without: (scene: Scene) => Unbroken } {
  const project = temporaryFolder();
  const kept = temporaryFolder();
  const first: Scene = { project, stack: "test", command: "up", config: { phase: 1 } };
  const second: Scene = { ...first, config: { phase: 2 }, from: `${kept}/first` };
  const teardown: Scene = { ...second, command: "destroy", from: `${kept}/second` };
  const expected = new Map<Scene, Unbroken>();

  before(async () => {
    cpSync(FIXTURE, project, { recursive: true });
    expected.set(first, await unbroken(first, `${kept}/first`));
    expected.set(second, await unbroken(second, `${kept}/second`));
    expected.set(teardown, await unbroken(teardown));
  });

  return {
    scenes: {
      "a first up": first,
      "an up that creates, updates, replaces and deletes": second,
      "a destroy": teardown,
    },
    without: (scene) => expected.get(scene) ?? assert.fail("the unbroken run is missing"),
  };
}
