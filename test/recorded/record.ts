import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { Session } from "../../scripts/rehearsal/session.ts";
import { copyProject } from "../../scripts/rehearsal/workspace.ts";
import { saveRecording } from "../helpers/recorded.ts";

// Records what this version deploys: `node test/recorded/record.ts 0.1.0`, once for each release.

const [release] = process.argv.slice(2);
assert.match(release ?? "", /^\d+\.\d+\.\d+$/, "name the release, e.g. node test/recorded/record.ts 0.1.0");

const project = mkdtempSync(join(tmpdir(), "groundwork-record-"));
try {
  await copyProject(groundworkRoot, project);
  for (const stack of ["dev", "prod"]) {
    const session = await Session.open({ project, stack, progress: (line) => process.stderr.write(`${stack}: ${line}\n`) });
    const { exitCode, stderr } = await session.operate("up", "up", false);
    await session.close();
    assert.equal(exitCode, 0, stderr);
    process.stdout.write(`${saveRecording(release ?? "", project, stack)}\n`);
    rmSync(session.folders.stack, { recursive: true, force: true });
  }
} finally {
  rmSync(project, { recursive: true, force: true });
}
