import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "mocha";
import { contentOf } from "../../../../scripts/rehearsal/desired/content.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";

describe("the digest of what a rehearsal depends on", function () {
  this.timeout(60_000);

  it("is the same for the same files on a day, and another one for other files or on another day", async () => {
    const project = temporaryFolder({ "Pulumi.yaml": "name: shop\nruntime: nodejs\n" });
    const files = { project, dependencies: project };
    const first = await contentOf(files, "2026-11-20");
    assert.equal(await contentOf(files, "2026-11-20"), first);
    assert.notEqual(await contentOf(files, "2026-11-21"), first);
    writeFileSync(join(project, "Pulumi.yaml"), "name: shop\nruntime: go\n");
    assert.notEqual(await contentOf(files, "2026-11-20"), first);
  });
});
