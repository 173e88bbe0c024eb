import assert from "node:assert/strict";
import { join } from "node:path";
import { Checker } from "../../../components/secret-drift/checker/checker.ts";
import { FINGERPRINT_KEY } from "../../../components/secret-drift/checker/own-names.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { MemoryStore } from "./memory-store.ts";

describe("the key of the fingerprints", () => {
  const world = async () => {
    const source = new MemoryStore("esc");
    const text = "source: { store: esc, scope: env }\nstores: { esc: { kind: esc } }\nsecrets: {}\n";
    const mapping = join(temporaryFolder({ "secrets.yaml": text }), "secrets.yaml");
    const stores = new Map([["esc", source]]);
    const open = () => Checker.open({ mapping, history: ":memory:", stores });
    return { source, checkers: await Promise.all([open(), open()]) };
  };

  it("is made once, also where two make it at the same time: what the other has written with its own would be lost", async () => {
    const { source, checkers } = await world();
    const made = await Promise.all(checkers.map((checker) => checker.prepare()));
    assert.deepEqual([made.toSorted(), source.writes.length], [[false, true], 1]);
    assert.equal(source.get("env", FINGERPRINT_KEY), source.writes[0]?.value);
    for (const checker of checkers) checker.close();
  });
});
