import assert from "node:assert/strict";
import type { Agreement } from "../../../components/secret-drift/checker/finding.ts";
import { type Fingerprint, Fingerprints } from "../../../components/secret-drift/checker/fingerprint.ts";
import { History } from "../../../components/secret-drift/checker/history.ts";
import { parseMapping } from "../../../components/secret-drift/checker/mapping.ts";
import { RECORDS } from "../../../components/secret-drift/checker/own-names.ts";
import { Records } from "../../../components/secret-drift/checker/records.ts";
import { checkRound } from "../../../components/secret-drift/checker/round.ts";
import type { SecretValue } from "../../../components/secret-drift/checker/secret-value.ts";
import { type Asked, refused } from "../../../components/secret-drift/checker/store.ts";
import { MemoryStore } from "./memory-store.ts";

const OTHERS = JSON.stringify({ "place of another": { fingerprint: "a" }, "of a newer version": { as: "it likes" } });
const RECORD: Agreement = { fingerprint: "b" as Fingerprint, updatedAt: 1 };

/** A source whose records alone cannot be read, or only each by itself. */
class Forgetful extends MemoryStore {
  forgets: "all" | "one" | undefined;

  override async read(scope: string, names: readonly string[]): ReturnType<MemoryStore["read"]> {
    const read = await super.read(scope, names);
    if (this.forgets === undefined || !read.ok || !names.includes(RECORDS)) return read;
    const refusal = refused<SecretValue>("unavailable", "it does not answer");
    if (this.forgets === "all") return refusal as Asked<never>;
    return { ok: true, value: new Map([...read.value, [RECORDS, refusal]]) };
  }
}

function sourceWith(records: string): Forgetful {
  const source = new Forgetful("source");
  source.set("all", RECORDS, records);
  return source;
}

describe("records of what was written last", () => {
  it("are kept beside those that others have made", async () => {
    const source = sourceWith(OTHERS);
    const records = new Records(source, "all");
    assert.equal(await records.save("place", RECORD), undefined);
    assert.deepEqual(JSON.parse(source.get("all", RECORDS) ?? ""), { ...JSON.parse(OTHERS), place: RECORD });
    const loaded = await records.load();
    assert.deepEqual(loaded.ok && [...loaded.value.keys()].sort(), ["place", "place of another"]);
  });

  it("of two healers at once are all kept", async () => {
    const source = sourceWith(OTHERS);
    const places = Array.from({ length: 3 }, (_, index) => `place ${index}`);
    const saved = await Promise.all(places.map((place) => new Records(source, "all").save(place, RECORD)));
    assert.deepEqual(saved, [undefined, undefined, undefined]);
    const kept = Object.keys(JSON.parse(source.get("all", RECORDS) ?? "") as object);
    for (const place of places) assert.ok(kept.includes(place), place);
  });

  for (const forgets of ["all", "one"] as const) {
    it(`are not written over when they could not be read (${forgets})`, async () => {
      const source = sourceWith(OTHERS);
      source.forgets = forgets;
      const records = new Records(source, "all");
      assert.equal((await records.load()).ok, false);
      assert.equal(await records.save("place", RECORD), "it does not answer");
      assert.equal(source.get("all", RECORDS), OTHERS);
    });
  }

  for (const text of ["", "canary", "[]", "null", `${OTHERS}}`]) {
    it(`are not written over when they are none: ${JSON.stringify(text).slice(0, 20)}`, async () => {
      const source = sourceWith(text);
      const problem = await new Records(source, "all").save("place", RECORD);
      assert.match(problem ?? "", /^groundwork-records in the source holds no records: put its last value back/);
      assert.equal(source.get("all", RECORDS), text);
    });
  }

  it("that cannot be read leave a new history undecided about what only they can tell, and nothing else", async () => {
    const mapping = parseMapping(
      `
source: { store: source, scope: all }
stores: { source: { kind: memory }, aws: { kind: memory }, github: { kind: memory } }
secrets:
  key:
    property: key
    places: [{ store: aws, scope: west, name: KEY }, { store: github, scope: repo, name: KEY }]
`,
      "secrets.yaml",
    );
    const source = new Forgetful("source");
    const [aws, github] = [new MemoryStore("aws"), new MemoryStore("github", false)];
    const stores = new Map([source, aws, github].map((store) => [store.name, store]));
    source.set("all", "key", "one-value");
    github.set("repo", "KEY", "one-value");
    source.forgets = "one";
    const history = new History(":memory:");
    const fingerprints = new Fingerprints(Buffer.alloc(32, 1));
    const round = () => checkRound({ mapping, stores, history, fingerprints, now: Date.now() });
    const blind = await round();
    assert.deepEqual(
      blind.drifts.map(({ kind, place }) => `${kind} ${place.store}`),
      ["missing aws"],
    );
    assert.deepEqual(
      blind.unasked.map(({ store, problem }) => `${store}: ${problem.message}`),
      ["github: what was written there last is not known: it does not answer"],
    );
    source.forgets = undefined;
    assert.deepEqual(
      (await round()).drifts.map(({ kind, place }) => `${kind} ${place.store}`),
      ["missing aws", "unreadable github"],
    );
    history.close();
  });
});
