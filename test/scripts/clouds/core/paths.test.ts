import assert from "node:assert/strict";
import fc from "fast-check";
import { formatPath, isAtOrBelow, parsePath, select } from "../../../../scripts/rehearsal/clouds/paths.ts";
import { Secret, UNKNOWN } from "../../../../scripts/rehearsal/clouds/values.ts";

describe("property paths", () => {
  it("are written as Pulumi writes them", () => {
    assert.equal(formatPath(["a", "b", 0, "c"]), "a.b[0].c");
    assert.equal(formatPath(["tags", "kubernetes.io/role"]), 'tags["kubernetes.io/role"]');
    assert.equal(formatPath(["a.b", 1]), '["a.b"][1]');
  });

  it("of tables name each element of a list and each value of a map", () => {
    assert.deepEqual(parsePath("a.b[].c.*"), ["a", "b", "[]", "c", "*"]);
    const tree = { rules: [{ port: 1 }, { port: new Secret(2) }, {}], labels: { x: "1", y: UNKNOWN } };
    const found = (path: string): unknown =>
      select(tree, path).map((one) => [formatPath(one.path), one.value, one.secret]);
    assert.deepEqual(found("rules[].port"), [
      ["rules[0].port", 1, false],
      ["rules[1].port", 2, true],
    ]);
    assert.deepEqual(found("labels.*"), [
      ["labels.x", "1", false],
      ["labels.y", UNKNOWN, false],
    ]);
    assert.deepEqual(found("nothing.here"), []);
  });

  it("stop at what is not yet known", () => {
    const [one] = select({ rules: UNKNOWN }, "rules[].port");
    assert.equal(one?.value, UNKNOWN);
  });

  it("cover what is below them, with or without the brackets of a list", () => {
    assert.ok(isAtOrBelow(["a", "b", 0], "a.b"));
    assert.ok(isAtOrBelow(["a", 3, "c"], "a[].c"));
    assert.ok(isAtOrBelow(["a", 3, "c"], "a.c"));
    assert.ok(!isAtOrBelow(["a"], "a.b"));
    assert.ok(!isAtOrBelow(["a", "bc"], "a.b"));
    const names = fc.array(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(names, names, (path, rest) => {
        assert.ok(isAtOrBelow([...path, ...rest], path.join(".")));
      }),
    );
  });
});
