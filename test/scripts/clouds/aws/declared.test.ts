import assert from "node:assert/strict";
import { join } from "node:path";
import { parsePath } from "../../../../scripts/rehearsal/clouds/paths.ts";
import type { Properties, ResourceSchema, Shape } from "../../../../scripts/rehearsal/clouds/schema.ts";
import { Schemas } from "../../../../scripts/rehearsal/clouds/schema.ts";
import { table } from "../../../../scripts/rehearsal/clouds/tables/aws/index.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";

const root = join(import.meta.dirname, "../../../..");

/** Whether a table's path leads through what the SDK declares. */
const leads = (schema: ResourceSchema, properties: Properties, path: string): boolean => {
  let shape: Shape | undefined;
  let among: Properties | undefined = properties;
  for (const segment of parsePath(path)) {
    if (segment === "[]") shape = typeof shape === "object" && "list" in shape ? shape.list : undefined;
    else shape = among?.[segment]?.shape;
    if (shape === undefined) return false;
    among = typeof shape === "object" && "ref" in shape ? schema.objects[shape.ref] : undefined;
  }
  return true;
};

describe("AWS table, against the SDK's declarations", () => {
  const schemas = new Schemas(root, temporaryFolder());

  it("names each type once", () => {
    const tokens = table.types.map(({ token }) => token);
    assert.deepEqual(tokens.length, new Set(tokens).size);
  });

  for (const type of table.types) {
    it(`${type.token} names only what is declared, and says of each input whether it replaces`, () => {
      const schema = schemas.resource(type.token);
      assert.ok(schema, "the SDK declares it");
      const { replaces = [], updates = [], rules = [], references = [], defaults = {}, autoName } = type;
      const paths = [...replaces, ...updates, ...rules.map(({ path }) => path), ...references.map(({ path }) => path)];
      const inputs = [...paths, ...Object.keys(defaults), ...(autoName ? [autoName.property] : [])];
      // every entry is given the rule for tags, whether the type has them or not
      const wrong = inputs.filter((path) => path !== "tags" && !leads(schema, schema.inputs, path));
      assert.deepEqual(wrong, []);
      const said = new Set([...replaces, ...updates].map((path) => parsePath(path)[0]));
      assert.deepEqual(
        Object.keys(schema.inputs).filter((input) => !said.has(input)),
        [],
      );
      const twice = replaces.filter((path) => updates.includes(path));
      assert.deepEqual(twice, []);
    });
  }

  it("cites a source for each type and rule", () => {
    const cited = table.types.flatMap(({ source, rules = [] }) => [source, ...rules.map((rule) => rule.source)]);
    assert.deepEqual(
      cited.filter((source) => !/^https:\/\/\S+$/.test(source)),
      [],
    );
  });
});
