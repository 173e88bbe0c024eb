import assert from "node:assert/strict";
import fc from "fast-check";
import {
  KINDS,
  TIME_TO_LIVE,
  kindOf,
  normalise,
  readQuery,
} from "../../../../components/reference/service/chat/query.ts";

const kind = fc.constantFrom(...KINDS);

describe("a question", () => {
  it("gets the same key however it is spelled", () => {
    const spellings = [
      "How do I scale the workers?",
      "  how do I  scale\tthe workers ",
      "HOW DO I SCALE THE WORKERS!?",
      "How do I\u00a0scale the wor\u200bkers…",
      "\uff28ow do I scale the workers",
    ];
    assert.equal(new Set(spellings.map((spelling) => readQuery(spelling).key)).size, 1);
    assert.notEqual(readQuery("How do I scale the worker?").key, readQuery(spellings[0] ?? "").key);
    assert.equal(readQuery("the user’s “quota”").text, `the user's "quota"`);
    assert.equal(readQuery("?!").text, "?!");
  });

  it("keeps case and punctuation of code, where they mean something", () => {
    assert.notEqual(readQuery("in Python, what is a.B?").key, readQuery("in python, what is a.b").key);
  });

  it("is normalised once and for all, and its key says nothing of it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), kind, (text, of) => {
        const once = normalise(text, of);
        assert.equal(normalise(once, of), once);
        assert.match(readQuery(text, of).key, /^[0-9a-f]{64}$/);
      }),
    );
  });

  it("is kept 1 to 15 min by its kind of content, 5 min where nothing says which", () => {
    const minutes = KINDS.map((one) => TIME_TO_LIVE[one] / 60_000);
    assert.deepEqual([Math.min(...minutes), Math.max(...minutes)], [1, 15]);
    assert.equal(TIME_TO_LIVE[kindOf("our workers stall")], 5 * 60_000);
    const questions = {
      live: "what is the status of the cluster now?",
      code: "why does this function throw?",
      creative: "write a slogan for the platform",
      reference: "what is a quorum?",
      general: "help me with the migration",
    };
    assert.deepEqual(Object.values(questions).map(kindOf), Object.keys(questions));
  });

  it("has another key for another kind", () => {
    assert.notEqual(readQuery("quorum", "live").key, readQuery("quorum", "reference").key);
  });
});
