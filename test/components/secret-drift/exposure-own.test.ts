import assert from "node:assert/strict";
import { join } from "node:path";
import { EXCEPTIONS_FILE, readExceptions, scan } from "../../../components/secret-drift/checker/exposure/index.ts";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";

describe("this repository, its files and its history", () => {
  it("hold no secret, but for what has a reason", async function () {
    this.timeout(120_000);
    const exceptions = readExceptions(join(groundworkRoot, EXCEPTIONS_FILE));
    const report = await scan({ targets: { repository: groundworkRoot }, exceptions });
    const found = report.exposures.map(
      ({ rule, path, lines, commit }) => `${rule} ${path}:${lines.join()} ${commit ?? ""}`,
    );
    assert.deepEqual(found, [], "take it out before it is pushed, or give it a reason in .exposure.yaml");
    assert.deepEqual(report.expired, []);
    // a shallow clone has not the versions that some of them are for
    if (report.notes.length === 0) assert.deepEqual(report.unused, []);
    assert.ok(report.counts.files > 1_000, `only ${report.counts.files} files`);
  });
});
