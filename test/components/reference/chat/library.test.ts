import assert from "node:assert/strict";
import fc from "fast-check";
import { embed } from "../../../../components/reference/service/chat/embedding.ts";
import { Library, best } from "../../../../components/reference/service/chat/library.ts";
import { libraryAnswerer } from "../../../../components/reference/service/chat/answerer.ts";
import { readQuery } from "../../../../components/reference/service/chat/query.ts";
import { compiledKernel } from "../kernel/compiled.ts";

const TEXTS = ["the disk is full", "the certificate expires soon", "a queue grows", "a replica lags behind"];

describe("the library behind the chat route", () => {
  it("finds the passage that says the same in nearly the same words, in WebAssembly as in JavaScript", async () => {
    for (const wasm of [compiledKernel(), "/no/such/kernel.wasm"]) {
      const library = await Library.open({ wasm }, TEXTS);
      const questions = ["certificates that expire", "is my DISK full?", "queues growing", "lagging replicas"];
      assert.deepEqual(
        questions.map((question) => TEXTS.indexOf(library.nearest(embed(question), 1)[0]?.passage ?? "")),
        [1, 0, 2, 3],
      );
      const { text, sources } = await libraryAnswerer(library).answer(
        readQuery(TEXTS[0] ?? ""),
        new AbortController().signal,
      );
      assert.equal(sources[0]?.passage, TEXTS[0]);
      assert.match(text, /^the disk is full/);
    }
  });

  it("has passages of its own, each of them once", async () => {
    const library = await Library.open({ wasm: "/no/such/kernel.wasm" });
    assert.equal(library.kernel.count, 4096);
    const all = library.nearest(embed("the event loop is slow under load"), 4096);
    assert.equal(new Set(all.map(({ passage }) => passage)).size, 4096);
    assert.match(all[0]?.passage ?? "", /^When the event loop is slow under load, /);
  });

  it("gives up when it is told to", async () => {
    const library = await Library.open({ wasm: "/no/such/kernel.wasm" }, TEXTS);
    const answer = async () => libraryAnswerer(library).answer(readQuery("disk"), AbortSignal.abort());
    await assert.rejects(answer, /aborted/);
  });

  it("picks the highest scores in their order, as sorting would", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 10 }),
        (scores, count) => {
          const sorted = scores.map((score, index) => ({ score, index })).sort((a, b) => b.score - a.score);
          assert.deepEqual(
            best(Float32Array.from(scores), count),
            sorted.slice(0, count).map(({ index }) => index),
          );
        },
      ),
    );
  });

  it("makes vectors of length 1, or of zeros for a text without a word", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const length = Math.hypot(...embed(text));
        assert.ok(length === 0 || Math.abs(length - 1) < 1e-5, `${length}`);
      }),
    );
    assert.equal(Math.hypot(...embed("?!")), 0);
  });
});
