import assert from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, it } from "mocha";
import { prodDiff, unchangedDiff } from "./fixtures.ts";
import { schemaText, writtenSchema } from "./schema.ts";

describe("docs/diff-report.schema.json", () => {
  const schema = JSON.parse(writtenSchema()) as Record<string, unknown>;
  const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);

  it("is what the types and their comments say: `node test/scripts/reports/diff/schema.ts` writes it", async () => {
    assert.equal(writtenSchema(), await schemaText());
  });

  it("takes one report, and a list of them", () => {
    for (const document of [prodDiff(), unchangedDiff(), [prodDiff(), unchangedDiff()], []]) {
      assert.ok(validate(asText(document)), JSON.stringify(validate.errors, null, 2));
    }
  });

  it("refuses a report that lacks a figure, or has a word that is none", () => {
    const { cost: _, ...withoutCost } = prodDiff();
    const report = prodDiff();
    const [first] = report.resources.changes;
    const renamed = { ...report, resources: { ...report.resources, changes: [{ ...first, change: "rename" }] } };
    for (const document of [withoutCost, renamed, { ...report, schema: 2 }, { ...report, seconds: "7" }]) {
      assert.ok(!validate(asText(document)));
    }
  });

  it("says what its main definitions mean, in the words of the types", () => {
    const definitions = Object.entries(schema["$defs"] as Record<string, { readonly description?: string }>);
    assert.ok(definitions.length > 15);
    for (const name of ["DiffReport", "Side", "PlaceCapacity", "CostReport", "Throughput"]) {
      const [, definition] = definitions.find(([key]) => key === name) ?? [];
      assert.ok((definition?.description ?? "").length > 20, name);
    }
  });
});

/** As it comes out of a file. */
function asText(document: unknown): unknown {
  return JSON.parse(JSON.stringify(document)) as unknown;
}
