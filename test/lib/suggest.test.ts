import assert from "node:assert/strict";
import fc from "fast-check";
import { choices, editDistance, nearest } from "@groundwork/lib/suggest";

describe("suggestions", () => {
  it("name what was meant", () => {
    assert.equal(nearest("regons", ["regions", "nodes"]), "regions");
    assert.equal(nearest("PortOffset", ["portOffset", "protect"]), "portOffset");
    assert.equal(nearest("tag", ["cidrBlock", "tags"]), "tags");
    assert.equal(nearest("xyz", ["regions", "nodes"]), undefined);
  });

  it("list everything when nothing is near", () => {
    assert.equal(choices("xyz", ["a1", "b2"]), "write one of a1, b2");
    assert.equal(choices("xyz", []), "remove it");
  });

  it("measure a distance: zero for the same, the same both ways, at most the longer length", () => {
    assert.equal(editDistance("kitten", "sitting"), 3);
    const text = fc.string({ maxLength: 12 });
    fc.assert(
      fc.property(text, text, (a, b) => {
        assert.equal(editDistance(a, b) === 0, a === b);
        assert.equal(editDistance(a, b), editDistance(b, a));
        assert.ok(editDistance(a, b) <= Math.max(a.length, b.length));
      }),
    );
  });
});
