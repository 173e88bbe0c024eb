import assert from "node:assert/strict";
import { compareSync } from "bcryptjs";
import fc from "fast-check";
import { table } from "../../../../scripts/rehearsal/clouds/tables/random.ts";
import { FakeCloud } from "../fake-cloud.ts";

const token = (name: string) => `random:index/random${name}:Random${name}`;
const make = (name: string, inputs: Record<string, unknown>) => new FakeCloud(table).create(token(name), inputs);
const refusals = (name: string, inputs: Record<string, unknown>) => new FakeCloud(table).refusals(token(name), inputs);
const count = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].length;

describe("simulated random: passwords", () => {
  it("have the length, the minimum counts and only allowed characters", () => {
    const settings = fc.record({
      spare: fc.integer({ min: 0, max: 40 }),
      minLower: fc.nat(5),
      minUpper: fc.nat(5),
      minNumeric: fc.nat(5),
      minSpecial: fc.nat(5),
      special: fc.boolean(),
    });
    fc.assert(
      fc.property(settings, ({ spare, ...rest }) => {
        const length = 1 + spare + rest.minLower + rest.minUpper + rest.minNumeric + rest.minSpecial;
        const result = String(make("String", { ...rest, length, overrideSpecial: "_" }).properties.result);
        assert.equal(result.length, length);
        assert.match(result, /^[a-zA-Z0-9_]+$/);
        assert.ok(count(result, /[a-z]/g) >= rest.minLower);
        assert.ok(count(result, /[A-Z]/g) >= rest.minUpper);
        assert.ok(count(result, /[0-9]/g) >= rest.minNumeric);
        assert.ok(count(result, /_/g) >= rest.minSpecial);
        if (!rest.special) assert.equal(count(result, /_/g), rest.minSpecial);
      }),
    );
  });

  it("are drawn anew for each resource, are secret, and match their bcrypt hash", () => {
    const one = make("Password", { length: 24 }).properties;
    const other = make("Password", { length: 24 }).properties;
    assert.notEqual(one.result, other.result);
    assert.ok(compareSync(String(one.result), String(one.bcryptHash)));
    const type = new FakeCloud(table).type(token("Password"));
    assert.deepEqual(type.secrets, ["result", "bcryptHash"]);
    assert.equal(make("Password", { length: 24 }).id, "none");
  });

  it("are refused where no such password exists", () => {
    assert.deepEqual(refusals("Password", { length: 0 }), ["length: write a number of at least 1"]);
    assert.deepEqual(refusals("Password", { length: 3, minLower: 2, minUpper: 2 }), [
      "length: write at least 4, the sum of the minimum counts",
    ]);
    const none = { length: 8, lower: false, upper: false, numeric: false, special: false };
    assert.deepEqual(refusals("Password", none), ["length: allow at least one of lower, upper, numeric and special"]);
    assert.deepEqual(refusals("Password", { ...none, lower: true }), []);
  });

  it("replace when any argument changes, keepers among them", () => {
    const { replaces } = new FakeCloud(table).type(token("Password"));
    for (const property of ["keepers", "length", "overrideSpecial", "special"]) assert.ok(replaces?.includes(property));
  });
});

describe("simulated random: the other kinds", () => {
  it("writes the same bytes in each notation of an id", () => {
    const { id, properties } = make("Id", { byteLength: 8, prefix: "x-" });
    const hex = String(properties.hex).slice(2);
    assert.equal(Buffer.from(id, "base64url").toString("hex"), hex);
    assert.equal(properties.b64Url, `x-${id}`);
    assert.equal(BigInt(String(properties.dec).slice(2)), BigInt(`0x${hex}`));
    assert.equal(properties.b64Std, `x-${Buffer.from(hex, "hex").toString("base64")}`);
  });

  it("does not put secret bytes into the id, which no state can hide", () => {
    const { id, properties } = make("Bytes", { length: 32 });
    assert.equal(id, "none");
    assert.equal(Buffer.from(String(properties.base64), "base64").toString("hex"), properties.hex);
  });

  it("draws integers inside their bounds, the same for the same seed", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.nat(1000), (min, span) => {
        const result = Number(make("Integer", { min, max: min + span }).properties.result);
        assert.ok(result >= min && result <= min + span);
      }),
    );
    const seeded = { min: 0, max: 1e9, seed: "a" };
    assert.equal(make("Integer", seeded).id, make("Integer", seeded).id);
    assert.deepEqual(refusals("Integer", { min: 2, max: 1 }), ["min: write at most max, 1"]);
  });

  it("shuffles without losing a value, and starts again when more are asked for than there are", () => {
    const inputs = ["a", "b", "c"];
    assert.deepEqual([...(make("Shuffle", { inputs }).properties.results as string[])].sort(), inputs);
    assert.equal((make("Shuffle", { inputs, resultCount: 7 }).properties.results as string[]).length, 7);
    assert.deepEqual(make("Shuffle", { inputs: [], resultCount: 7 }).properties.results, []);
  });

  it("names pets by words and makes UUIDs of the named version", () => {
    assert.match(make("Pet", {}).id, /^[a-z]+-[a-z]+$/);
    assert.match(make("Pet", { length: 3, prefix: "my", separator: "_" }).id, /^my_[a-z]+_[a-z]+_[a-z]+$/);
    assert.match(
      String(make("Uuid", {}).properties.result),
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    assert.match(
      String(make("Uuid7", {}).properties.result),
      /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });
});
