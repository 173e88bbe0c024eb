import assert from "node:assert/strict";
import { plannedQuotas } from "../../../../scripts/rehearsal/desired/quotas.ts";
import { sketchesOfState } from "../../../../scripts/rehearsal/desired/sketch.ts";
import { groundworkRoot } from "../../../../scripts/rehearsal/home.ts";
import { Session } from "../../../../scripts/rehearsal/session.ts";
import { copyProject } from "../../../../scripts/rehearsal/workspace.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";

describe("quotas of what is planned", function () {
  this.timeout(300_000);

  it("are those that the simulated account counts once it exists", async () => {
    const project = temporaryFolder();
    await copyProject(groundworkRoot, project);
    const session = await Session.open({ project, stack: "prod", checkpoints: false, progress: () => undefined });
    try {
      session.configure({
        systems: ["flowx"],
        database: { instanceClass: "db.r8g.large" },
        cache: { nodeType: "cache.t4g.small" },
      });
      const { exitCode, stderr, badInput } = await session.operate("up", "up", false);
      assert.equal(exitCode, 0, badInput ?? stderr);
      const planned = await plannedQuotas(sketchesOfState(await session.export("state.json")), session.settings.quotas);
      const counted = session.simulator.inventory
        .quotaUse()
        .filter(({ used, ceiling }) => used > 0 || ceiling !== undefined);
      const shown = (quotas: typeof planned) =>
        quotas.map(({ scope, quota, used, limit }) => `${scope} ${quota} ${used} of ${limit}`).sort();
      const ofRegions = shown(counted).filter((line) => /^\S*[a-z]{2}-[a-z]+-\d/.test(line));
      assert.ok(ofRegions.length > 10, ofRegions.join("\n"));
      assert.deepEqual(
        shown(planned).filter((line) => ofRegions.includes(line)),
        ofRegions,
      );
    } finally {
      await session.close();
    }
  });
});
