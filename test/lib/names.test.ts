import assert from "node:assert/strict";
import fc from "fast-check";
import { autoNamed, boundedName } from "@groundwork/lib/names";

describe("bounded names", () => {
  it("obey the strictest services for any text and limit", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.integer({ min: 12, max: 100 }), (text, limit) => {
        const name = boundedName(text, limit);
        assert.ok(name.length <= limit);
        assert.match(name, /^[a-z]([a-z0-9-]*[a-z0-9])?$/);
        assert.doesNotMatch(name, /--/);
        assert.equal(boundedName(text, limit), name);
      }),
    );
  });

  it("leave a name alone that already obeys", () => {
    assert.equal(boundedName("us-west-2-backend", 24), "us-west-2-backend");
  });

  it("keep apart what cutting or cleaning would make the same", () => {
    const long = "a-stack-name-that-somebody-found-descriptive";
    assert.notEqual(boundedName(`${long}-1`, 24), boundedName(`${long}-2`, 24));
    assert.notEqual(boundedName("my.stack", 24), boundedName("my-stack", 24));
  });

  it("leave room for Pulumi's own suffix", () => {
    assert.ok(autoNamed("ap-southeast-1-finai-nexus-backend", 32).length <= 24);
  });
});
