import assert from "node:assert/strict";
import fc from "fast-check";
import { chooseName, editDistance, nearest, withAutoName } from "../../../../scripts/rehearsal/clouds/names.ts";
import { UNKNOWN } from "../../../../scripts/rehearsal/clouds/values.ts";

const AUTO = { property: "name", maxLength: 20 };
const SEED = Buffer.from("seed");

describe("automatic names", () => {
  it("have the logical name, seven hexadecimal digits and at most the allowed length", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.uint8Array({ minLength: 8 }), (name, seed) => {
        const chosen = chooseName(name, AUTO, seed);
        assert.match(chosen, /-[0-9a-f]{7}$/);
        assert.ok(chosen.length <= AUTO.maxLength);
        assert.equal(chosen, chooseName(name, AUTO, seed));
      }),
    );
  });

  it("stay as long as the thing stays, and give way to a name of the program", () => {
    const first = withAutoName({}, AUTO, { name: "app", olds: undefined, seed: SEED });
    const next = withAutoName({ size: 2 }, AUTO, { name: "app", olds: first, seed: Buffer.from("another") });
    assert.equal(next["name"], first["name"]);
    assert.deepEqual(next["__defaults"], ["name"]);
    const given = withAutoName({ name: "mine" }, AUTO, { name: "app", olds: first, seed: SEED });
    assert.deepEqual(given, { name: "mine", __defaults: [] });
    const again = withAutoName({}, AUTO, { name: "app", olds: given, seed: SEED });
    assert.equal(again["name"], first["name"]);
  });

  it("are not chosen for what is not yet known", () => {
    assert.deepEqual(
      withAutoName({ name: UNKNOWN }, AUTO, { name: "app", olds: undefined, seed: SEED })["name"],
      UNKNOWN,
    );
    const nested = { property: "metadata.name", maxLength: 63 };
    const metadata = withAutoName({ metadata: UNKNOWN }, nested, { name: "app", olds: undefined, seed: SEED })[
      "metadata"
    ];
    assert.equal(metadata, UNKNOWN);
  });
});

describe("suggestions", () => {
  it("name what is a slip away, and nothing else", () => {
    assert.equal(nearest("cidrblock", ["cidrBlock", "tags"]), "cidrBlock");
    assert.equal(nearest("tag", ["cidrBlock", "tags"]), "tags");
    assert.equal(nearest("colour", ["cidrBlock", "tags"]), undefined);
  });

  it("measure distance as Levenshtein does", () => {
    assert.equal(editDistance("kitten", "sitting"), 3);
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (left, right) => {
        assert.equal(editDistance(left, right), editDistance(right, left));
        assert.equal(editDistance(left, right) === 0, left === right);
        assert.ok(editDistance(left, right) <= Math.max(left.length, right.length));
      }),
    );
  });
});
