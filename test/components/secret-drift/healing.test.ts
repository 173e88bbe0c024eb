import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Checker } from "../../../components/secret-drift/checker/checker.ts";
import { COOL_DOWN } from "../../../components/secret-drift/checker/healing/healer.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { MemoryStore } from "./memory-store.ts";

const VALUE = "canary-a-long-password";
const MINUTE = 60_000;

type Risk = "low" | "medium" | "high";

/** A secret that both places miss. */
async function world(risk: Risk = "low") {
  const mapping = (risk: Risk) => `
source: { store: esc, scope: env }
stores: { esc: { kind: file }, aws: { kind: file }, other: { kind: file } }
secrets:
  password:
    property: password
    risk: ${risk}
    places: [{ store: aws, scope: west, name: DB }, { store: other, scope: shop, name: DB }]
`;
  const [esc, aws, other] = [new MemoryStore("esc"), new MemoryStore("aws"), new MemoryStore("other")];
  const clock = { now: Date.UTC(2026, 0, 2) };
  const folder = temporaryFolder();
  /** Opens a checker with another risk, which remembers the same. */
  const open = (risk: Risk) => {
    writeFileSync(join(folder, "secrets.yaml"), mapping(risk));
    return Checker.open({
      mapping: join(folder, "secrets.yaml"),
      history: join(folder, "history.db"),
      stores: new Map([esc, aws, other].map((store) => [store.name, store])),
      now: () => clock.now,
    });
  };
  const checker = await open(risk);
  esc.set("env", "password", VALUE);
  await checker.prepare();
  const propose = async () => {
    checker.propose(await checker.check(), "alice");
    return checker.history.journal.inState("open").map(({ id }) => id);
  };
  const heal = async () => (await checker.heal("healer")).map(({ result, reason }) => `${result}: ${reason}`);
  const { journal } = checker.history;
  const written = () => [aws.get("west", "DB"), other.get("shop", "DB")];
  return { esc, aws, other, clock, checker, journal, propose, heal, written, open };
}

describe("healing", () => {
  it("only proposes until it is told to apply, and proposes the same once", async () => {
    const { propose, written } = await world();
    const first = await propose();
    assert.equal(first.length, 1);
    assert.deepEqual(await propose(), first);
    assert.deepEqual(written(), [undefined, undefined]);
  });

  it("writes all places of a low risk by itself, and has nothing to do then", async () => {
    const { propose, heal, written, checker } = await world();
    await propose();
    assert.deepEqual(await heal(), ["done: 2 places written and verified"]);
    assert.deepEqual(written(), [VALUE, VALUE]);
    assert.deepEqual((await checker.check()).drifts, []);
    assert.deepEqual(await heal(), []);
  });

  it("waits for anybody's approval of a medium risk", async () => {
    const { propose, heal, written, journal, clock } = await world("medium");
    const [id = ""] = await propose();
    assert.deepEqual(await heal(), ["waits: medium risk: it needs an approval"]);
    assert.deepEqual(written(), [undefined, undefined]);
    journal.approve(id, "alice", clock.now);
    assert.deepEqual(await heal(), ["done: 2 places written and verified"]);
  });

  it("waits for somebody else's approval of a high risk", async () => {
    const { propose, heal, journal, clock } = await world("high");
    const [id = ""] = await propose();
    journal.approve(id, "alice", clock.now);
    assert.deepEqual(await heal(), ["waits: high risk: it needs an approval"]);
    journal.approve(id, "bob", clock.now);
    assert.deepEqual(await heal(), ["done: 2 places written and verified"]);
  });

  it("takes an approval for the value and the places that it was given for, and for one time", async () => {
    const { esc, aws, other, propose, heal, journal, clock } = await world("medium");
    const [id = ""] = await propose();
    journal.approve(id, "bob", clock.now);
    esc.set("env", "password", "canary-another-value");
    assert.deepEqual(await heal(), ["withdrawn: the source has another value by now"]);
    const [next = ""] = await propose();
    assert.notEqual(next, id);
    assert.deepEqual(await heal(), ["waits: medium risk: it needs an approval"]);
    journal.approve(next, "bob", clock.now);
    await heal();
    for (const store of [aws, other]) store.remove(store === aws ? "west" : "shop", "DB");
    clock.now += 2 * COOL_DOWN;
    assert.deepEqual(await propose(), [next]);
    assert.deepEqual(await heal(), ["waits: medium risk: it needs an approval"]);
  });

  it("needs the approval of a risk that the mapping has raised since it was proposed", async () => {
    const { propose, written, open, journal, clock } = await world("low");
    const [id = ""] = await propose();
    const raised = await open("high");
    const entry = journal.find(id);
    assert.ok(entry);
    assert.deepEqual([raised.riskOf(entry), raised.isApproved(entry)], ["high", false]);
    const results = async () => (await raised.heal("healer")).map(({ result, reason }) => `${result}: ${reason}`);
    assert.deepEqual(await results(), [
      "withdrawn: the mapping has raised its risk from low to high since it was proposed",
    ]);
    raised.propose(await raised.check(), "alice");
    assert.deepEqual(await results(), ["waits: high risk: it needs an approval"]);
    assert.deepEqual(written(), [undefined, undefined]);
    const [next] = journal.inState("open");
    assert.deepEqual([next?.risk, next?.id === id], ["high", false]);
    journal.approve(next?.id ?? "", "bob", clock.now);
    assert.deepEqual(await results(), ["done: 2 places written and verified"]);
    raised.close();
  });

  it("proposes an open one anew when the mapping has raised its risk, and lets its approval fall", async () => {
    const { propose, written, open, journal, clock } = await world("medium");
    const [id = ""] = await propose();
    journal.approve(id, "bob", clock.now);
    const raised = await open("high");
    raised.propose(await raised.check(), "alice");
    assert.deepEqual(
      journal.inState("open", "withdrawn").map(({ risk, approvals }) => [risk, approvals.length]),
      [
        ["high", 0],
        ["medium", 1],
      ],
    );
    assert.deepEqual(
      (await raised.heal("healer")).map(({ result }) => result),
      ["waits"],
    );
    assert.deepEqual(written(), [undefined, undefined]);
    raised.close();
  });

  it("does not go on with what was begun before its risk was raised", async () => {
    const { propose, other, open, journal, clock, aws } = await world("low");
    const [id = ""] = await propose();
    journal.begin(id, clock.now);
    aws.set("west", "DB", VALUE);
    const raised = await open("high");
    assert.deepEqual(
      (await raised.heal("healer")).map(({ result }) => result),
      ["failed"],
    );
    assert.equal(other.get("shop", "DB"), undefined);
    raised.close();
  });

  it("leaves a secret alone for half an hour after it was healed", async () => {
    const { aws, propose, heal, clock } = await world();
    await propose();
    await heal();
    aws.remove("west", "DB");
    clock.now += 30 * MINUTE - 1;
    await propose();
    assert.deepEqual(await heal(), ["waits: it was healed a short while ago"]);
    clock.now += 1;
    assert.deepEqual(await heal(), ["done: 1 place written and verified"]);
  });

  for (const value of ["", "   ", "short"]) {
    it(`never writes ${JSON.stringify(value)}, which is shorter than the least`, async () => {
      const { esc, propose, heal, written } = await world();
      esc.set("env", "password", value);
      await propose();
      const [outcome = ""] = await heal();
      assert.match(outcome, /^failed: the source's value has \d characters, and 12 is the least that is written$/);
      assert.deepEqual(written(), [undefined, undefined]);
    });
  }

  it("leaves the other places alone when the first one fails", async () => {
    const { aws, propose, heal, written, checker } = await world();
    await propose();
    aws.write = () => Promise.resolve({ ok: false, problem: { kind: "rejected", message: "no such character" } });
    assert.deepEqual(await heal(), ["failed: aws DB: no such character; 1 other place left as it was"]);
    assert.deepEqual(written(), [undefined, undefined]);
    assert.ok(!JSON.stringify(checker.history.journal.inState("failed")).includes("canary"));
  });

  it("does not call done what the store has made something else of", async () => {
    const { aws, propose, heal, written } = await world();
    await propose();
    const write = aws.write.bind(aws);
    aws.write = async (scope, name, value) => {
      const answer = await write(scope, name, value);
      aws.set(scope, name, value.reveal().slice(0, 4));
      return answer;
    };
    assert.deepEqual(await heal(), [
      "failed: aws DB: it was written, and has another value; 1 other place left as it was",
    ]);
    assert.equal(written()[1], undefined);
  });

  it("keeps what somebody has written before it is overwritten", async () => {
    const { esc, aws, clock, propose, heal } = await world();
    await propose();
    await heal();
    aws.set("west", "DB", "canary-by-hand-and-only-there");
    clock.now += COOL_DOWN;
    await propose();
    assert.deepEqual(await heal(), ["done: 1 place written and verified"]);
    assert.equal(aws.get("west", "DB"), VALUE);
    assert.ok(esc.values().includes("canary-by-hand-and-only-there"));
  });

  for (const [when, isKept] of [
    ["while the other value is kept", true],
    ["right before it is written", false],
  ] as const) {
    it(`overwrites nothing that somebody writes ${when}`, async () => {
      const { esc, aws, clock, propose, heal, checker } = await world();
      await propose();
      await heal();
      aws.set("west", "DB", "canary-by-hand-and-only-there");
      clock.now += COOL_DOWN;
      await propose();
      const store = isKept ? esc : aws;
      const write = store.write.bind(store);
      store.write = (...args) => {
        store.write = write;
        aws.set("west", "DB", "canary-newer-by-hand");
        return write(...args);
      };
      assert.deepEqual(await heal(), ["withdrawn: somebody has written it since it was looked at"]);
      assert.equal(aws.get("west", "DB"), "canary-newer-by-hand");
      assert.deepEqual(
        (await checker.check()).drifts.map(({ kind }) => kind),
        ["changed-there"],
      );
    });
  }

  it("is done by one at a time, and by the next when that one has died", async () => {
    const { checker, journal, propose, clock } = await world();
    await propose();
    assert.ok(journal.lease("another", clock.now, clock.now + 10 * MINUTE));
    assert.deepEqual(await checker.heal("healer"), []);
    clock.now += 10 * MINUTE;
    assert.equal((await checker.heal("healer"))[0]?.result, "done");
  });
});
