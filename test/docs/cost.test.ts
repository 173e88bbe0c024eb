import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { USAGE } from "@groundwork/lib/pricing/usage";
import { describe, it } from "mocha";

const PAGE = readFileSync(join(import.meta.dirname, "../../docs/cost.md"), "utf8");

describe("docs/cost.md", () => {
  it("has each amount that is taken for granted, with its default", () => {
    const told = [...PAGE.matchAll(/^\| `(?<key>\w+)` +\| (?<amount>[\d,.]+) +\|/gm)].map(({ groups }) => [
      groups?.["key"],
      Number(groups?.["amount"]?.replaceAll(",", "")),
    ]);
    assert.deepEqual(
      told,
      Object.entries(USAGE).map(([key, { default: amount }]) => [key, amount]),
    );
  });
});
