import assert from "node:assert/strict";
import { quotaTable, writtenTable } from "./quotas.ts";

describe("quotas of docs/production.md", () => {
  it("are what prod takes, as a rehearsal counts (node test/docs/quotas.ts writes them)", async () => {
    assert.equal(writtenTable(), await quotaTable());
  });
});
