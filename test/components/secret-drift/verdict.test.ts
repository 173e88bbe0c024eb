import assert from "node:assert/strict";
import { join } from "node:path";
import { Checker } from "../../../components/secret-drift/checker/checker.ts";
import type { DriftKind } from "../../../components/secret-drift/checker/finding.ts";
import { verdictOf } from "../../../components/secret-drift/checker/verdict.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { MemoryStore } from "./memory-store.ts";

const drift = (secret: string, kind: DriftKind = "missing") => ({ kind, secret });

describe("the verdict of a round", () => {
  it("counts secrets, however many of their places differ, and says nothing of what nobody has seen", () => {
    assert.equal(verdictOf(1, [], 0), "1 secret in step");
    assert.equal(verdictOf(4, [drift("a"), drift("a"), drift("b")], 0), "2 of 4 secrets not in step");
    assert.equal(verdictOf(4, [drift("a")], 2), "1 of 4 secrets not in step, 2 unknown");
    assert.equal(verdictOf(4, [], 3), "1 of 4 secrets in step, 3 unknown");
  });

  it("takes no name that the mapping does not have for one of its secrets", () => {
    const extra = [drift("x", "extra"), drift("y", "extra")];
    assert.equal(verdictOf(1, extra, 0), "1 secret in step, and 2 names too many");
    assert.equal(verdictOf(1, extra.slice(1), 1), "0 of 1 secret in step, 1 unknown, and 1 name too many");
    assert.equal(
      verdictOf(2, [...extra, drift("a")], 1),
      "1 of 2 secrets not in step, 1 unknown, and 2 names too many",
    );
  });

  it("does not know a secret for a stranger that is called as it is", async () => {
    const mapping = `
source: { store: esc, scope: env }
stores: { esc: { kind: esc }, aws: { kind: aws }, github: { kind: github } }
secrets: { token: { property: token, places: [{ store: github, scope: shop, name: TOKEN }] } }
managed: [{ store: aws, scope: west }]
`;
    const [esc, aws, github] = [new MemoryStore("esc"), new MemoryStore("aws"), new MemoryStore("github")];
    const checker = await Checker.open({
      mapping: join(temporaryFolder({ "secrets.yaml": mapping }), "secrets.yaml"),
      history: ":memory:",
      stores: new Map([esc, aws, github].map((store) => [store.name, store])),
    });
    await checker.prepare();
    esc.set("env", "token", "canary-a-long-password");
    aws.set("west", "token", "another");
    github.down = "unavailable";
    const { drifts, unknown } = await checker.check();
    checker.close();
    assert.deepEqual([drifts.map(({ kind }) => kind), unknown], [["extra"], 1]);
  });
});
