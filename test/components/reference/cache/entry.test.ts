import assert from "node:assert/strict";
import fc from "fast-check";
import { decode, encode } from "../../../../components/reference/service/cache/entry.ts";

describe("an entry of the cache", () => {
  it("comes back as it was, whatever it holds, compressed or not", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3000 }),
        fc.double({ min: 0, max: 1e15, noNaN: true }),
        fc.integer({ min: 0, max: 3000 }),
        async (bytes, expires, compressAbove) => {
          const entry = { value: Buffer.from(bytes), expires };
          assert.deepEqual(await decode(await encode(entry, compressAbove)), entry);
        },
      ),
    );
  });

  it("is smaller than a long text, and hardly larger than what cannot be compressed", async () => {
    const text = Buffer.from("the same sentence again. ".repeat(400));
    assert.ok((await encode({ value: text, expires: 1 })).length < text.length / 20);
    const short = Buffer.from("short");
    assert.equal((await encode({ value: short, expires: 1 })).length, short.length + 14);
  });

  it("is refused when bytes are missing, or were written by something else", async () => {
    const encoded = await encode({ value: Buffer.from("x".repeat(5000)), expires: 1 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: encoded.length - 1 }), (length) =>
        assert.rejects(decode(encoded.subarray(0, length))),
      ),
    );
    await assert.rejects(decode(Buffer.from("a value of another program")), /no entry/);
  });
});
