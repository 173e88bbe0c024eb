import assert from "node:assert/strict";
import fc from "fast-check";
import { spoilt, trackAt } from "../../../../components/reference/service/pipeline/catalogue.ts";
import { parseItem } from "../../../../components/reference/service/pipeline/item.ts";

const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));

describe("an item of the pipeline", () => {
  it("comes through as it was found, at every position of the catalogue", () => {
    fc.assert(
      fc.property(fc.nat(), (position) => {
        const track = trackAt(position);
        assert.deepEqual(parseItem(bytes(track)), track);
        assert.equal(trackAt(position).id, track.id);
        assert.equal(typeof parseItem(bytes(spoilt(track))), "string");
      }),
    );
  });

  it("is told from anything else, whatever comes over the queue", () => {
    fc.assert(fc.property(fc.uint8Array(), (content) => typeof parseItem(Buffer.from(content)) === "string"));
    fc.assert(fc.property(fc.jsonValue(), (value) => typeof parseItem(bytes(value)) === "string"));
  });

  it("is refused with any one field missing or wrong, and the reason names the field", () => {
    const track = trackAt(7);
    const wrong: Readonly<Record<string, readonly unknown[]>> = {
      id: [undefined, "", "a b", "a".repeat(101), 7],
      title: [undefined, "  ", "a\u0000b", "\ud800", "a".repeat(501)],
      artist: [undefined, null, ["Ada"]],
      durationSeconds: [undefined, 0, -1, 1.5, 86_401, "90"],
      producedAt: [undefined, "yesterday", "2026-13-01T00:00:00.000Z", 0],
    };
    for (const [field, values] of Object.entries(wrong))
      for (const value of values)
        assert.match(JSON.stringify(parseItem(bytes({ ...track, [field]: value }))), new RegExp(`^"${field} is `));
  });
});
