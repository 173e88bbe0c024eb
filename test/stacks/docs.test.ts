import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "mocha";
import { configurationTable } from "../../stacks/config/docs.ts";
import { KEYS } from "../../stacks/config/keys.ts";

describe("docs/configuration.md", () => {
  it("is what the table of keys generates", () => {
    const written = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
    assert.equal(written, configurationTable(KEYS), "run: node stacks/config/docs.ts > docs/configuration.md");
  });
});
