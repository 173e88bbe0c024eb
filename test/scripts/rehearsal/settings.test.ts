import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { readProject, stackFile } from "../../../scripts/rehearsal/project.ts";
import { readSettings } from "../../../scripts/rehearsal/settings.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";
import { temporaryFolder } from "../../helpers/folder.ts";

describe("rehearsal.yaml", () => {
  it("may be missing: then nothing is changed and quotas are a new account's", () => {
    const { change, shutdown, quotas } = readSettings(temporaryFolder(), "dev");
    assert.deepEqual({ change, shutdown, quotas }, { change: {}, shutdown: {}, quotas: {} });
  });

  const refused: readonly (readonly [string, string, ...string[]])[] = [
    ["an unknown section", "dev: { chnge: { a: 1 } }", "dev.chnge", "change"],
    ["a section that holds no keys", "dev: { change: 3 }", "dev.change", "3"],
    [
      "a quota that is no number",
      "dev: { quotas: { us-west-2: { vpcs: many } } }",
      "dev.quotas.us-west-2.vpcs",
      '"many"',
    ],
    ["a host without cores", "dev: { host: { cpus: 0 } }", "dev.host.cpus", "0"],
    ["a host of another measure", "dev: { host: { memory: 3 } }", "dev.host.memory", "memoryGiB"],
    ["broken YAML", "dev: {", "rehearsal.yaml", "line"],
  ];
  for (const [what, text, ...named] of refused) {
    it(`refuses ${what}`, () =>
      assertBadInput(() => readSettings(temporaryFolder({ "rehearsal.yaml": text }), "dev"), ...named));
  }
});

describe("a project to rehearse", () => {
  const folder = temporaryFolder({
    "Pulumi.yaml": "name: shop\nruntime: nodejs\nconfig:\n  size: { type: string, default: small }\n  count: integer\n",
    "Pulumi.dev.yaml": "config: {}\n",
    "Pulumi.broken.yaml": "config:\n  a: [\n",
    "Pulumi.list.yaml": "- a\n",
  });

  it("is read from Pulumi.yaml, with its stacks, declared keys and defaults", () => {
    const project = readProject(folder);
    assert.equal(project.name, "shop");
    assert.deepEqual(project.stacks, ["broken", "dev", "list"]);
    assert.deepEqual(project.defaults, { size: "small" });
    assert.deepEqual(
      project.declared.map(({ key, type, hasDefault }) => [key, type, hasDefault]),
      [
        ["size", "string", true],
        ["count", "integer", false],
      ],
    );
  });

  it("refuses a folder without Pulumi.yaml", () => assertBadInput(() => readProject(temporaryFolder()), "Pulumi.yaml"));

  it("refuses a stack without a stack file, naming those that have one", () =>
    assertBadInput(() => stackFile(readProject(folder), "prd"), "prd", "broken, dev, list"));
});
