import assert from "node:assert/strict";
import { join } from "node:path";
import { readExportedState } from "../../../../scripts/reports/cost/exported.ts";
import { assertBadInput } from "../../../helpers/bad-input.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";

const CANARY = "correct-horse-battery-staple";
const URN = "urn:pulumi:prod::shop::aws:rds/cluster:Cluster::db";
const SECRET = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", plaintext: `"${CANARY}"` };

const EXPORT = {
  version: 3,
  deployment: {
    resources: [
      { urn: "urn:pulumi:prod::shop::pulumi:pulumi:Stack::shop-prod", type: "pulumi:pulumi:Stack" },
      {
        urn: URN,
        type: "aws:rds/cluster:Cluster",
        custom: true,
        inputs: { engine: "aurora-postgresql", masterPassword: SECRET, parameters: [{ value: SECRET }] },
        outputs: { id: "db", masterPassword: SECRET },
        provider: "urn:pulumi:prod::shop::pulumi:providers:aws::west::1b2c",
        dependencies: ["urn:a"],
        propertyDependencies: { kmsKeyId: ["urn:a", "urn:b"] },
        protect: true,
      },
      { urn: `${URN}-old`, type: "aws:rds/cluster:Cluster", custom: true, delete: true },
    ],
  },
};

describe("a real stack's exported state", () => {
  it("is read as what the stack is, without what waits to be deleted", () => {
    const folder = temporaryFolder({ "prod.json": JSON.stringify(EXPORT) });
    const state = readExportedState(join(folder, "prod.json"));
    assert.equal(state.stack, "prod");
    assert.deepEqual(
      state.resources.map(({ name }) => name),
      ["shop-prod", "db"],
    );
    const { provider, dependencies, protect } = state.resources[1] ?? {};
    assert.deepEqual(
      [provider, dependencies, protect],
      ["urn:pulumi:prod::shop::pulumi:providers:aws::west", ["urn:a", "urn:b"], true],
    );
  });

  it("leaves no secret in memory, not even a decrypted one", () => {
    const folder = temporaryFolder({ "prod.json": JSON.stringify(EXPORT) });
    const text = JSON.stringify(readExportedState(join(folder, "prod.json")));
    assert.ok(!text.includes(CANARY));
    assert.equal(text.split('"[secret]"').length - 1, 3);
  });

  it("is refused in one sentence where it is none", async () => {
    const folder = temporaryFolder({
      "bad.json": "{",
      "other.json": "{}",
      "empty.json": '{"deployment":{"resources":[]}}',
    });
    for (const [file, says] of [
      ["bad.json", /is not JSON/],
      ["other.json", /has no deployment/],
      ["empty.json", /has no resources/],
      ["none.json", /cannot be read/],
    ] as const) {
      await assertBadInput(() => readExportedState(join(folder, file)), says, "pulumi stack export");
    }
  });
});
