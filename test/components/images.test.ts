import assert from "node:assert/strict";
import { join } from "node:path";
import { IMAGES, imageReference } from "../../components/images.ts";
import { DIGEST, readPins } from "../../scripts/images/pins.ts";

const pins = Object.entries(readPins(join(import.meta.dirname, "../..")));

describe("the upstream images", () => {
  it("are referred to by tag, and by digest where one is known", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    assert.equal(imageReference({ repository: "quay.io/a/b", tag: "1.0" }), "quay.io/a/b:1.0");
    assert.equal(imageReference({ repository: "quay.io/a/b", tag: "1.0", digest }), `quay.io/a/b:1.0@${digest}`);
    for (const [name, pin] of pins) assert.equal(IMAGES[name as keyof typeof IMAGES], imageReference(pin), name);
  });

  it("have an exact tag, a reason or a source each, and no digest that cannot be one", () => {
    for (const [name, { tag, digest, why = "" }] of pins) {
      assert.match(tag, /\d+\.\d+/, name);
      assert.ok(!/latest|stable/.test(tag), name);
      assert.ok(why !== "", name);
      assert.ok(digest === undefined || DIGEST.test(digest), name);
    }
  });
});
