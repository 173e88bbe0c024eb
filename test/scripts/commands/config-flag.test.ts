import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { configFlag } from "../../../scripts/commands/config-flag.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";

const flag = configFlag("--set");

describe("a flag of the form key=value", () => {
  const values: readonly (readonly [string, unknown])[] = [
    ["8", 8],
    ["-3", -3],
    ["0.5", 0.5],
    ["1.30", "1.30"],
    ["1.0", "1.0"],
    ["012345678901", "012345678901"],
    ["0x10", "0x10"],
    ["1e3", "1e3"],
    ["+5", "+5"],
    ["12345678901234567890", "12345678901234567890"],
    [".inf", ".inf"],
    ["", ""],
    [" ", ""],
    ["#fff", "#fff"],
    ["null", null],
    ["true", true],
    ["false", false],
    ["yes", "yes"],
    ["full", "full"],
    ['"8"', "8"],
    ["'true'", "true"],
    ['""', ""],
    ["[a, 2, 1.30, 007]", ["a", 2, "1.30", "007"]],
    ["{ min: 1, version: 1.30 }", { min: 1, version: "1.30" }],
    ["a=b", "a=b"],
  ];
  for (const [text, value] of values) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(value)}`, () =>
      assert.deepEqual(flag(`a.b=${text}`, {}), { "a.b": value }));
  }

  it("adds to those before it, and the last of a key counts", () =>
    assert.deepEqual(flag("b=3", flag("b=2", { a: 1 })), { a: 1, b: 3 }));

  it("names the key alone where the value is not YAML", () => {
    assertBadInput(() => flag("a.b=[canary", {}), "--set a.b has a value that is not YAML");
    assertBadInput(() => flag("a.b", {}), "--set a.b names no value");
  });
});
