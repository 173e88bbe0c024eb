import { describe, it } from "mocha";
import { assertConvergesThrough } from "../../helpers/broken-runs.ts";
import { everyOperation } from "../../helpers/every-operation.ts";

describe("clouds of which every call goes wrong once", () => {
  const { scenes, without } = everyOperation();

  for (const [what, scene] of Object.entries(scenes)) {
    for (const effect of ["fail:before", "fail:after", "throttle", "hang:before", "hang:after"]) {
      it(`do not keep ${what} from its end: ${effect}`, async function () {
        this.timeout(600_000);
        await assertConvergesThrough(scene, effect, without(scene));
      });
    }
  }
});
