import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "mocha";
import type { RehearsalReport } from "@groundwork/lib/rehearsal-report";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { rehearse } from "../../scripts/rehearsal/rehearse.ts";
import { copyProject } from "../../scripts/rehearsal/workspace.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { mandatoryOf } from "../helpers/violations.ts";

const STACK = `config:
  groundwork:target: docker
  groundwork:systems: [tracks]
  groundwork:size: laptop
  groundwork:traces: true
  groundwork:clusters:
    tracks: [postgres]
  groundwork:runbookUrl: https://forge.example/docs/runbooks
  groundwork:backups: false
  groundwork:protect: false
`;

describe("a Docker environment with traces", () => {
  let report: RehearsalReport;
  before(async () => {
    const project = temporaryFolder();
    await copyProject(groundworkRoot, project);
    writeFileSync(join(project, "Pulumi.traced.yaml"), STACK);
    writeFileSync(join(project, "rehearsal.yaml"), "traced:\n  host: { cpus: 16, memoryGiB: 64 }\n");
    report = await rehearse({ project, stack: "traced", progress: () => undefined });
  });

  it("comes up with a collector, changes nothing the second time, and goes without leaving an orphan", () => {
    assert.equal(report.stopped, undefined);
    assert.equal(report.resources.byType["groundwork:monitoring:DockerTraces"], 1);
    const again = report.operations.find(({ name }) => name === "up-again");
    assert.deepEqual({ ...again?.changes, same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
    assert.deepEqual(report.orphans, []);
    assert.deepEqual(mandatoryOf(report), []);
  });
});
