import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { addonTable } from "../../../../components/cluster/addons/docs.ts";

describe("the table of add-ons", () => {
  it("is that of the catalog", () => {
    const file = readFileSync(new URL("../../../../docs/add-ons.md", import.meta.url), "utf8");
    assert.equal(file, addonTable(), "run: node components/cluster/addons/docs.ts > docs/add-ons.md");
  });
});
