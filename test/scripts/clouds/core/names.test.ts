import assert from "node:assert/strict";
import fc from "fast-check";
import { autoNameProblem, chooseName, withAutoName } from "../../../../scripts/rehearsal/clouds/names.ts";
import { UNKNOWN } from "../../../../scripts/rehearsal/clouds/values.ts";

const AUTO = { property: "name", maxLength: 20 };
const SEED = Buffer.from("seed");

describe("automatic names", () => {
  it("are the logical name and seven hexadecimal digits, or as many as the provider takes", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.uint8Array({ minLength: 8 }), (name, seed) => {
        const chosen = chooseName(name, AUTO, seed);
        assert.ok(chosen.startsWith(`${name}-`));
        assert.match(chosen, /-[0-9a-f]{7}$/);
        assert.match(chooseName(name, { ...AUTO, digits: 8 }, seed), /-[0-9a-f]{8}$/);
        assert.equal(chosen, chooseName(name, AUTO, seed));
      }),
    );
  });

  it("are refused rather than cut when they have no room, unless the program gives a name", () => {
    const chosen = (name: string) => withAutoName({}, AUTO, { name, olds: undefined, seed: SEED });
    assert.equal(autoNameProblem(chosen("a".repeat(12)), "a".repeat(12), AUTO), undefined);
    assert.match(
      autoNameProblem(chosen("a".repeat(13)), "a".repeat(13), AUTO) ?? "",
      /"name" is left out, and "a{13}" with 7 random digits is longer than the 20 .* set "name" or .* at most 12 char/,
    );
    const given = withAutoName({ name: "mine" }, AUTO, { name: "a".repeat(30), olds: undefined, seed: SEED });
    assert.equal(autoNameProblem(given, "a".repeat(30), AUTO), undefined);
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
