import assert from "node:assert/strict";
import { diff, differences } from "../../../../scripts/rehearsal/clouds/diff.ts";
import { formatPath } from "../../../../scripts/rehearsal/clouds/paths.ts";
import type { ResourceType } from "../../../../scripts/rehearsal/clouds/table.ts";
import { type TreeObject, Secret, UNKNOWN } from "../../../../scripts/rehearsal/clouds/values.ts";

function paths(olds: TreeObject, news: TreeObject): readonly string[] {
  return differences(olds, news).map(({ path, kind }) => `${kind} ${formatPath(path)}`);
}

const TYPE: ResourceType = {
  token: "test:index:Thing",
  source: "https://example.com",
  autoName: { property: "name", maxLength: 40 },
  replaces: ["name", "rules[].port", "network.id"],
  updates: ["size", "tags", "rules[].note"],
};

function changed(oldInputs: TreeObject, news: TreeObject, oldOutputs: TreeObject = oldInputs): ReturnType<typeof diff> {
  return diff(TYPE, {
    oldInputs,
    oldOutputs,
    news,
    ignore: [],
    deleteBeforeReplace: false,
    keeps: (property, value) => property === "size" && value === 1,
  });
}

function replacing(oldInputs: TreeObject, news: TreeObject): readonly string[] {
  return changed(oldInputs, news)
    .changes.filter(({ replaces }) => replaces)
    .map(({ path }) => formatPath(path));
}

describe("differences", () => {
  it("are as near to the leaves as both sides have a value", () => {
    const olds = { a: { b: [{ c: 1 }, { c: 2 }] }, gone: "x", same: [1] };
    const news = { a: { b: [{ c: 1 }, { c: 3 }, { c: 4 }] }, new: { deep: true }, same: [1] };
    assert.deepEqual(paths(olds, news), ["update a.b[1].c", "add a.b[2]", "delete gone", "add new"]);
  });

  it("are none for another order of keys, for null, for a secret of the same value and for the same JSON", () => {
    assert.deepEqual(paths({ tags: { a: "1", b: "2" } }, { tags: { b: "2", a: "1" }, x: null }), []);
    assert.deepEqual(paths({ a: "1" }, { a: new Secret("1") }), []);
    assert.deepEqual(paths({ policy: '{"a": 1, "b": [2]}' }, { policy: '{"b":[2],"a":1}' }), []);
    assert.deepEqual(paths({ a: 1, __defaults: ["a"] }, { a: 1, __defaults: [] }), []);
  });

  it("are there for what is not yet known", () => {
    assert.deepEqual(paths({ a: { b: 1 } }, { a: { b: UNKNOWN } }), ["update a.b"]);
    assert.deepEqual(paths({ a: { b: 1 } }, { a: UNKNOWN }), ["update a"]);
  });
});

describe("what a change does", () => {
  it("replaces at and below a listed path", () => {
    assert.deepEqual(replacing({ rules: [{ port: 1 }] }, { rules: [{ port: 2, note: "x" }] }), ["rules[0].port"]);
    assert.deepEqual(replacing({ rules: [{ note: "x" }] }, { rules: [{ note: "y" }] }), []);
  });

  it("replaces when an object that holds a listed path comes, goes or is not yet known", () => {
    assert.deepEqual(replacing({}, { network: { id: "n" } }), ["network"]);
    assert.deepEqual(replacing({ network: { id: "n" } }, {}), ["network"]);
    assert.deepEqual(replacing({}, { network: { other: "n" } }), []);
    assert.deepEqual(replacing({ network: { id: "n" } }, { network: UNKNOWN }), ["network"]);
  });

  it("is reported when no table says what it does", () => {
    assert.deepEqual(changed({ size: 1, colour: "red" }, { size: 2, colour: "blue" }).mayReplace, ["colour"]);
  });

  it("is nothing when the service has the value already or keeps it", () => {
    assert.deepEqual(changed({}, { size: 3 }, { size: 3 }).changes, []);
    assert.deepEqual(changed({ size: 1 }, {}).changes, []);
    assert.equal(changed({ size: 2 }, {}).changes.length, 1);
  });

  it("deletes first only when the program fixed a name that stays", () => {
    const fixed = { name: "mine", network: { id: "a" } };
    assert.equal(changed(fixed, { name: "mine", network: { id: "b" } }).deleteBeforeReplace, true);
    assert.equal(changed(fixed, { name: "other", network: { id: "b" } }).deleteBeforeReplace, false);
    const chosen = { name: "app-1234567", __defaults: ["name"], network: { id: "a" } };
    assert.equal(changed(chosen, { ...chosen, network: { id: "b" } }).deleteBeforeReplace, false);
    assert.equal(changed(fixed, { ...fixed, size: 2 }).deleteBeforeReplace, false);
  });
});
