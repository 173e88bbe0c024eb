import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "mocha";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { rehearse } from "../../scripts/rehearsal/rehearse.ts";
import { Session } from "../../scripts/rehearsal/session.ts";
import { copyProject } from "../../scripts/rehearsal/workspace.ts";
import { readPins, writeDigests } from "../../scripts/images/pins.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { restoreRecording } from "../helpers/recorded.ts";
import { mandatoryOf } from "../helpers/violations.ts";

const STACK = `config:
  groundwork:target: docker
  groundwork:systems: [tracks]
  groundwork:backups: false
  groundwork:protect: false
`;
const VOLUME = "docker:index/volume:Volume";

describe("images pinned by tag and digest", () => {
  const project = temporaryFolder();

  before(async () => {
    await copyProject(groundworkRoot, project);
    const pins = readPins(project);
    // of nothing that exists: only here, where no engine pulls anything
    const digests = Object.keys(pins).map((name): [string, string] => [
      name,
      `sha256:${createHash("sha256").update(name).digest("hex")}`,
    ]);
    writeDigests(project, pins, new Map(digests));
  });

  it("come up, change nothing the second time, and leave no orphan", async () => {
    assert.match(readFileSync(join(project, "components/images.json"), "utf8"), /"digest": "sha256:/);
    writeFileSync(join(project, "Pulumi.pinned.yaml"), STACK);
    writeFileSync(join(project, "rehearsal.yaml"), "pinned:\n  host: { cpus: 16, memoryGiB: 64 }\n");
    const report = await rehearse({ project, stack: "pinned", checkpoints: false, progress: () => undefined });
    assert.equal(report.stopped, undefined);
    const again = report.operations.find(({ name }) => name === "up-again");
    assert.deepEqual({ ...again?.changes, same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
    assert.deepEqual(report.orphans, []);
    assert.deepEqual(mandatoryOf(report), []);
  });

  it("end no volume of what an earlier release deployed", async () => {
    restoreRecording("0.1.0", project, "dev");
    const session = await Session.open({ project, stack: "dev", checkpoints: false, progress: () => undefined });
    try {
      assert.ok(session.resumes, "the recording was not found");
      const { steps } = await session.operate("preview", "preview", false);
      const images = steps.filter(({ type }) => type === "docker:index/remoteImage:RemoteImage");
      assert.ok(
        images.some(({ op }) => op === "replace"),
        "the references have changed",
      );
      const ended = steps.filter(({ op, type }) => type === VOLUME && ["delete", "replace"].includes(op));
      assert.deepEqual(
        ended.map(({ urn }) => urn),
        [],
      );
    } finally {
      await session.close();
    }
  });
});
