import assert from "node:assert/strict";
import { Checker } from "../../../components/secret-drift/checker/checker.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { MemoryStore } from "./memory-store.ts";
import { join } from "node:path";

const MAPPING = `
source: { store: esc, scope: env }
stores: { esc: { kind: esc }, aws: { kind: aws }, github: { kind: github } }
defaults: { rotateAfterDays: 90 }
secrets:
  password:
    property: db.password
    places: [{ store: aws, scope: west, name: DB }, { store: github, scope: shop, name: DB }]
managed: [{ store: aws, scope: west }, { store: aws, scope: east }]
`;
const CANARY = "canary-a-long-password";
const DAY = 24 * 60 * 60 * 1000;

/** A world in which all is in step. */
async function inStep() {
  const [esc, aws, github] = [new MemoryStore("esc"), new MemoryStore("aws"), new MemoryStore("github", false)];
  const clock = { now: Date.UTC(2026, 0, 1) };
  const checker = await Checker.open({
    mapping: join(temporaryFolder({ "secrets.yaml": MAPPING }), "secrets.yaml"),
    history: ":memory:",
    stores: new Map([esc, aws, github].map((store) => [store.name, store])),
    now: () => clock.now,
  });
  esc.set("env", "db.password", CANARY);
  aws.set("west", "DB", CANARY);
  await checker.prepare();
  checker.propose(await checker.check(), "test");
  for (const { id } of checker.history.journal.inState("open")) checker.history.journal.approve(id, "alice", 0);
  await checker.heal("first");
  const drifts = async () => {
    const round = await checker.check();
    assert.ok(!JSON.stringify(round).includes("canary"));
    return round.drifts.map(
      ({ kind, place, evidence }) => `${kind} ${place.store} ${place.scope} ${place.name}: ${evidence}`,
    );
  };
  assert.deepEqual(await drifts(), []);
  return { esc, aws, github, clock, checker, drifts };
}

describe("what differs between the stores", () => {
  it("is nothing at first, once a store that gives nothing back was written", async () => {
    const { github } = await inStep();
    assert.equal(github.get("shop", "DB"), CANARY);
  });

  it("is missing where a place, or the source, does not have it", async () => {
    const { aws, esc, drifts } = await inStep();
    aws.remove("west", "DB");
    assert.deepEqual(await drifts(), ["missing aws west DB: the store has no such name"]);
    esc.remove("env", "db.password");
    assert.deepEqual(await drifts(), ["missing esc env db.password: the source has no such property"]);
  });

  it("is not missing where the source computes a property that it does not list", async () => {
    const { esc, drifts } = await inStep();
    const list = esc.list.bind(esc);
    esc.list = async (scope) => {
      const answer = await list(scope);
      return answer.ok ? { ok: true, value: answer.value.filter(({ name }) => name !== "db.password") } : answer;
    };
    assert.deepEqual(await drifts(), []);
  });

  it("has changed here when the source was rotated, in stores that can be read and in those that cannot", async () => {
    const { esc, drifts } = await inStep();
    esc.set("env", "db.password", "canary-another");
    assert.deepEqual(await drifts(), [
      "changed-here aws west DB: the source has changed since they last agreed",
      "changed-here github shop DB: the source has changed since it was written there",
    ]);
  });

  it("has changed there when somebody has written a place", async () => {
    const { aws, github, drifts } = await inStep();
    aws.set("west", "DB", "canary-by-hand");
    github.set("shop", "DB", CANARY);
    assert.deepEqual(await drifts(), [
      "changed-there aws west DB: it has changed since they last agreed",
      "changed-there github shop DB: somebody else has written it since",
    ]);
  });

  it("is renamed, in another scope, or extra where there is a name that the mapping does not have", async () => {
    const { aws, drifts } = await inStep();
    aws.remove("west", "DB");
    aws.set("west", "DATABASE", CANARY);
    assert.deepEqual(await drifts(), ["renamed aws west DB: its value is there under the name DATABASE"]);
    aws.remove("west", "DATABASE");
    aws.set("east", "DB", CANARY);
    assert.deepEqual(await drifts(), ["wrong-scope aws west DB: it is in east instead"]);
    aws.set("east", "DB", "canary-a-stranger");
    assert.deepEqual(await drifts(), [
      "missing aws west DB: the store has no such name",
      "extra aws east DB: the mapping does not name it",
    ]);
  });

  it("is in another scope only where the value there is the same", async () => {
    const mapping = `
source: { store: esc, scope: env }
stores: { esc: { kind: esc }, aws: { kind: aws }, github: { kind: github } }
secrets:
  one: { property: one, places: [{ store: aws, scope: west, name: DB }, { store: github, scope: repo, name: DB }] }
  two: { property: two, places: [{ store: aws, scope: east, name: TWO }, { store: github, scope: env, name: TWO }] }
`;
    const [esc, aws, github] = [new MemoryStore("esc"), new MemoryStore("aws"), new MemoryStore("github", false)];
    const checker = await Checker.open({
      mapping: join(temporaryFolder({ "secrets.yaml": mapping }), "secrets.yaml"),
      history: ":memory:",
      stores: new Map([esc, aws, github].map((store) => [store.name, store])),
    });
    await checker.prepare();
    for (const name of ["one", "two"]) esc.set("env", name, `${CANARY} ${name}`);
    aws.set("east", "TWO", `${CANARY} two`);
    github.set("env", "DB", "canary-of-somebody-else");
    aws.set("east", "DB", "canary-of-somebody-else");
    const ofDatabase = async () =>
      (await checker.check()).drifts
        .filter(({ place }) => place.name === "DB")
        .map(({ kind, place, evidence }) => `${kind} ${place.store}: ${evidence}`);
    const github0 = "missing github: the store has no such name, but env has one whose value cannot be compared";
    assert.deepEqual(await ofDatabase(), ["missing aws: the store has no such name", github0]);
    aws.set("east", "DB", `${CANARY} one`);
    assert.deepEqual(await ofDatabase(), ["wrong-scope aws: it is in east instead", github0]);
  });

  it("is stale after its rotation age, and no longer once it was changed", async () => {
    const { esc, clock, checker, drifts } = await inStep();
    const [since] = [...checker.history.memory().since.values()];
    clock.now = (since?.at ?? 0) + 90 * DAY - 1;
    assert.deepEqual(await drifts(), []);
    clock.now += 1;
    assert.deepEqual(await drifts(), ["stale esc env db.password: it has had this value for 90 days; 90 are allowed"]);
    esc.set("env", "db.password", "canary-new");
    assert.ok((await drifts()).every((line) => !line.startsWith("stale")));
  });

  it("is not told of what could not be asked, nor resolved by that", async () => {
    const { aws, esc, clock, checker, drifts } = await inStep();
    aws.remove("west", "DB");
    await drifts();
    const open = () => checker.history.open().map(({ kind }) => kind);
    for (const store of [aws, esc]) {
      clock.now += DAY;
      store.down = "unavailable";
      if (store === esc) await assert.rejects(checker.check().then(({ unasked }) => assert.equal(unasked.length, 0)));
      else
        assert.deepEqual(
          (await checker.check()).unasked.map(({ scope }) => scope),
          ["west", "east"],
        );
      assert.deepEqual(open(), ["missing"]);
      store.down = undefined;
    }
    clock.now += DAY;
    aws.set("west", "DB", CANARY);
    assert.deepEqual(await drifts(), []);
    assert.deepEqual(open(), []);
    const [finding] = checker.history.findings(0);
    assert.equal(finding?.resolvedAt, clock.now);
    assert.equal((finding.lastSeen - finding.firstSeen) / DAY, 0);
  });
});
