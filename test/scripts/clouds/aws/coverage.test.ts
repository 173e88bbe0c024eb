import assert from "node:assert/strict";
import { join } from "node:path";
import type { Simulator } from "../../../../scripts/rehearsal/clouds/simulator.ts";
import { startSimulator } from "../../../../scripts/rehearsal/clouds/simulator.ts";
import { table } from "../../../../scripts/rehearsal/clouds/tables/aws/index.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { EXAMPLES } from "./examples.ts";

describe("AWS table, against the outputs that the SDK promises", () => {
  let simulator: Simulator;

  before(async () => {
    const folder = temporaryFolder();
    simulator = await startSimulator({
      inventory: join(folder, "inventory.jsonl"),
      sealingKey: Buffer.alloc(32, 7),
      sdkRoot: join(import.meta.dirname, "../../../.."),
      cache: folder,
      tables: [table],
    });
  });

  after(async () => simulator.stop());

  it("has an example of each type", () => {
    assert.deepEqual(Object.keys(EXAMPLES).sort(), table.types.map(({ token }) => token).sort());
  });

  for (const [token, examples] of Object.entries(EXAMPLES)) {
    it(`fills every output of ${token}`, () => {
      for (const inputs of examples)
        assert.deepEqual(simulator.coverage(token, inputs, { region: "us-west-2" }), [], JSON.stringify(inputs));
    });
  }
});
