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

/** Everything that a Docker environment can have at once: clusters, backups, logs, monitoring, full size. */
const STACK = `config:
  groundwork:target: docker
  groundwork:systems: [finai-nexus, flowx]
  groundwork:size: full
  groundwork:clusters:
    finai-nexus: [postgres, redis, mongodb]
    flowx: [redis]
  groundwork:tls: true
  groundwork:protect: false
`;

describe("a Docker environment with everything in it", () => {
  let report: RehearsalReport;
  before(async () => {
    const project = temporaryFolder();
    await copyProject(groundworkRoot, project);
    writeFileSync(join(project, "Pulumi.everything.yaml"), STACK);
    writeFileSync(join(project, "rehearsal.yaml"), "everything:\n  host: { cpus: 64, memoryGiB: 256 }\n");
    report = await rehearse({ project, stack: "everything", progress: () => undefined });
  });

  it("comes up, changes nothing the second time, and goes without leaving an orphan", () => {
    assert.equal(report.stopped, undefined);
    const again = report.operations.find(({ name }) => name === "up-again");
    assert.deepEqual({ ...again?.changes, same: 0 }, { create: 0, update: 0, replace: 0, delete: 0, same: 0 });
    assert.deepEqual(report.orphans, []);
    assert.deepEqual(mandatoryOf(report), []);
  });

  it("has its tiers as clusters, each tier backed up, and its logs", () => {
    const { byType } = report.resources;
    for (const component of [
      "groundwork:postgres:DockerPostgresCluster",
      "groundwork:mongodb:DockerMongodbCluster",
      "groundwork:monitoring:DockerLogs",
      "groundwork:monitoring:DockerLogShipper",
    ])
      assert.equal(byType[component], 1, component);
    assert.equal(byType["tls:index/selfSignedCert:SelfSignedCert"], 2, "each gateway has a certificate");
    assert.equal(byType["groundwork:redis:DockerRedisCluster"], 2);
    assert.equal(byType["groundwork:backup:DockerBackup"], 2);
  });
});
