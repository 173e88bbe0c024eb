import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { before, describe, it } from "mocha";
import type { Step } from "../../../scripts/rehearsal/engine/index.ts";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { Session } from "../../../scripts/rehearsal/session.ts";
import type { ConfigChange } from "../../../scripts/rehearsal/settings.ts";
import { copyProject } from "../../../scripts/rehearsal/workspace.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { lost } from "../../helpers/lost.ts";
import { restoreRecording } from "../../helpers/recorded.ts";

const RECORDED = fileURLToPath(new URL("../../recorded", import.meta.url));
const releases = readdirSync(RECORDED, { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** What the changelog tells who comes from a release to set for the first update. */
const FIRST_UPDATE: Readonly<Record<string, Readonly<Record<string, ConfigChange>>>> = {
  "0.1.0": { prod: { "gateway.nodePortPercent": 100 } },
};

describe("what an earlier release deployed", () => {
  const project = temporaryFolder();

  before(() => copyProject(groundworkRoot, project));

  async function previewOver(release: string, stack: string, change: ConfigChange = {}): Promise<readonly Step[]> {
    restoreRecording(release, project, stack);
    const session = await Session.open({ project, stack, checkpoints: false, progress: () => undefined });
    try {
      assert.ok(session.resumes, "the recording was not found");
      session.configure(change);
      const result = await session.operate("preview", "preview", false);
      assert.equal(result.exitCode, 0, result.diagnostics.map(({ message }) => message).join("\n") + result.stderr);
      return result.steps;
    } finally {
      await session.close();
    }
  }

  for (const { name: release } of releases) {
    for (const stack of ["dev", "prod"]) {
      it(`${release}, ${stack}: is neither replaced nor deleted by this version`, async () => {
        assert.deepEqual(lost(await previewOver(release, stack, FIRST_UPDATE[release]?.[stack])), []);
      });
    }

    it(`${release}: a change that replaces does not go unseen`, async () => {
      const network = await previewOver(release, "prod", { "regions[0].cidr": "10.9.0.0/16" });
      assert.ok(lost(network).some((urn) => urn.includes("aws:ec2/vpc:Vpc::")));
      const fewer = await previewOver(release, "dev", { "workloads.tracks.scraper.replicas": 1 });
      assert.ok(lost(fewer).some((urn) => urn.includes("docker:index/container:Container::")));
    });
  }
});
