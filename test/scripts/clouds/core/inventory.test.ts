import assert from "node:assert/strict";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import { URN_LABEL, URN_TAG } from "@groundwork/lib/identity";
import fc from "fast-check";
import { Inventory, urnTag } from "../../../../scripts/rehearsal/clouds/inventory.ts";
import { type Entry, Journal, seal, unseal } from "../../../../scripts/rehearsal/clouds/journal.ts";
import { Secret, type Tree } from "../../../../scripts/rehearsal/clouds/values.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { SEALING_KEY } from "./stack.ts";

const CANARY = "canary-7f3a";

function entry(id: string, more: Partial<Entry> = {}): Entry {
  const properties = { name: id, password: new Secret({ text: CANARY, list: [CANARY] }) };
  return { token: "test:index:Thing", id, place: "test", urn: `urn::${id}`, inputs: {}, properties, seed: id, ...more };
}

function open(path: string, key = SEALING_KEY): Inventory {
  return new Inventory(new Journal(path, key));
}

function ids(inventory: Inventory): readonly string[] {
  return inventory.all().map(({ id }) => id);
}

describe("the inventory", () => {
  it("is the same after a restart, secrets included, and compacted", () => {
    const path = join(temporaryFolder(), "inventory.jsonl");
    const first = open(path);
    first.commit({ put: [entry("a"), entry("b", { broughtBy: "a" })], made: [["urn::a", 1]] });
    first.commit({ put: [entry("c")] });
    first.commit({ gone: [["test", "test:index:Thing", "c"]] });
    first.close();
    const second = open(path);
    assert.deepEqual(ids(second), ["a", "b"]);
    assert.deepEqual(second.at("test", "test:index:Thing", "a")?.entry.properties, entry("a").properties);
    assert.equal(second.made("urn::a"), 1);
    assert.equal(readFileSync(path, "utf8").trim().split("\n").length, 1);
    second.close();
  });

  it("loses at most the operation that was being written, wherever it was cut off", () => {
    const path = join(temporaryFolder(), "inventory.jsonl");
    const inventory = open(path);
    inventory.commit({ put: [entry("a")] });
    const before = readFileSync(path);
    inventory.commit({ put: [entry("b")], gone: [["test", "test:index:Thing", "a"]] });
    inventory.close();
    const whole = readFileSync(path);
    for (let length = before.length; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length));
      const found = open(path);
      assert.deepEqual(ids(found), length === whole.length ? ["b"] : ["a"], `cut at byte ${length}`);
      found.close();
      const again = open(path);
      assert.deepEqual(ids(again), length === whole.length ? ["b"] : ["a"]);
      again.close();
    }
  });

  it("holds no plain secret on disk", () => {
    const path = join(temporaryFolder(), "inventory.jsonl");
    const inventory = open(path);
    inventory.commit({ put: [entry("a")] });
    assert.ok(!readFileSync(path, "latin1").includes(CANARY));
    inventory.close();
    open(path).close();
    assert.ok(!readFileSync(path, "latin1").includes(CANARY));
  });

  it("says what to do when it was sealed with another key or is no journal", () => {
    const path = join(temporaryFolder(), "inventory.jsonl");
    const inventory = open(path);
    inventory.commit({ put: [entry("a")] });
    inventory.close();
    assert.throws(
      () => open(path, Buffer.alloc(32, 8)),
      (error) => error instanceof BadInput && /was sealed with another key: remove the file/.test(error.message),
    );
    appendFileSync(path, "nonsense\n{}\n");
    assert.throws(() => open(path), /line 3 of .* is not what the simulator wrote/);
  });

  it("brings any value back that is sealed", () => {
    const trees = fc.letrec<{ tree: Tree }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom("$sealed", "secret", "a", "b"), tie("tree"), { noNullPrototype: true }),
        tie("tree").map((tree) => new Secret(tree)),
      ),
    }));
    fc.assert(
      fc.property(trees.tree, (tree) => {
        assert.deepEqual(unseal(JSON.parse(JSON.stringify(seal(tree, SEALING_KEY))), SEALING_KEY), tree);
      }),
    );
  });

  it("finds things by tag, id, URN and key, and tells orphans from what is known, brought or retained", () => {
    const inventory = open(join(temporaryFolder(), "inventory.jsonl"));
    inventory.commit({
      put: [
        entry("a", { properties: { tags: { [URN_TAG]: "urn::a" } }, key: "k" }),
        entry("b", { broughtBy: "a" }),
        entry("c", { retained: "final snapshot" }),
        entry("d"),
      ],
    });
    assert.deepEqual(
      inventory.taggedWith("urn::a").map(({ id }) => id),
      ["a"],
    );
    assert.deepEqual(inventory.byId("test:index:Thing", "d").length, 1);
    assert.deepEqual(
      inventory.byUrn("urn::d").map(({ id }) => id),
      ["d"],
    );
    assert.deepEqual(
      inventory.byKey("test", "test:index:Thing", "k").map(({ id }) => id),
      ["a"],
    );
    assert.equal(inventory.at("test", "test:index:Thing", "c"), undefined);
    assert.deepEqual(
      inventory.retained().map(({ retained }) => retained),
      ["final snapshot"],
    );
    assert.deepEqual(
      inventory.orphans([{ type: "test:index:Thing", id: "a" }]).map(({ id }) => id),
      ["d"],
    );
    inventory.close();
  });

  it("reads the URN where each cloud keeps it", () => {
    assert.equal(urnTag({ tags: { [URN_TAG]: "u" } }), "u");
    assert.equal(urnTag({ labels: [{ label: URN_LABEL, value: "u" }] }), "u");
    assert.equal(urnTag({ labels: { [URN_LABEL]: "u" } }), "u");
    assert.equal(urnTag({ metadata: { annotations: { [URN_LABEL]: "u" } } }), "u");
    assert.equal(urnTag({ tags: ["a"], labels: [] }), undefined);
  });
});
