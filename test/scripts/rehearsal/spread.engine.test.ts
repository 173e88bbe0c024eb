import { before, describe, it } from "mocha";
import { type Scene, type Unbroken, assertConvergesThroughPoints, unbroken } from "../../helpers/broken-runs.ts";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { copyProject } from "../../../scripts/rehearsal/workspace.ts";
import { temporaryFolder } from "../../helpers/folder.ts";

const POINTS = 10;

describe("our own stacks, broken at ten points of their first up", () => {
  const project = temporaryFolder();

  before(() => copyProject(groundworkRoot, project));

  for (const stack of ["dev", "prod"]) {
    describe(stack, () => {
      const scene: Scene = { project, stack, command: "up" };
      let whole: Unbroken;

      before(async function () {
        this.timeout(300_000);
        whole = await unbroken(scene);
      });

      for (const effects of [
        ["power:before"],
        ["power:after"],
        ["fail:before", "fail:after", "throttle", "hang:before", "hang:after"],
      ]) {
        it(`converges from ${effects.join(", ")}`, async function () {
          this.timeout(900_000);
          await assertConvergesThroughPoints(scene, effects, POINTS, whole);
        });
      }
    });
  }
});
