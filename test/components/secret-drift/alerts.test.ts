import assert from "node:assert/strict";
import { Bench, HOUR, Inbox, MINUTE, finding } from "./alerting.ts";

const database = finding("missing", "database");
const api = finding("changed-there", "api");
const nobody = finding("missing", "nobody", "aws");

describe("alerts", () => {
  it("tell a round in one message, and nothing where nothing is new", async () => {
    const bench = new Bench();
    await bench.round(0, { found: [] });
    await bench.round(5 * MINUTE, { found: [api, database, finding("missing", "database", "aws", "prod/database")] });
    assert.equal(bench.inbox.messages.length, 1);
    assert.equal(
      bench.inbox.read(),
      [
        "2 secrets not in step (high risk: database, …)",
        "*high risk*: `database`, of payments",
        "*missing* `aws` `us-west-2` `prod/database` since 2026-11-22 12:05 UTC: it differs",
        "*missing* `github` `org:acme` `DATABASE` since 2026-11-22 12:05 UTC: it differs",
        "To do: `groundwork secrets heal` tells what would mend it.",
        "*low risk*: `api`, of platform",
        "*changed-there* `github` `org:acme` `API` since 2026-11-22 12:05 UTC: it differs",
        "To do: `groundwork secrets heal` tells what would mend it.",
        "3 drifts are open in all: `groundwork secrets check` lists them. What lasts, or comes back, is told again after 4 h.",
      ].join("\n"),
    );
    for (let hour = 0; hour < 3; hour += 1) await bench.round(HOUR);
    assert.equal(bench.inbox.read(), "");
  });

  it("tell again what lasts after the cool-down, and that it is over, once", async () => {
    const bench = new Bench();
    await bench.round(0, { found: [database] });
    bench.inbox.read();
    await bench.round(4 * HOUR - 1);
    assert.equal(bench.inbox.read(), "");
    await bench.round(1);
    assert.match(bench.inbox.read(), /`DATABASE` since 2026-11-22 12:00 UTC, still: it differs/);
    await bench.round(5 * MINUTE, { found: [] });
    assert.match(
      bench.inbox.read(),
      /^1 finding resolved\n\*Resolved\*\n`database` was missing in `github` `org:acme` `DATABASE` from 2026-11-22 12:00 UTC until 2026-11-22 16:05 UTC\nNo drift is open now/,
    );
    await bench.round(5 * HOUR);
    assert.equal(bench.inbox.read(), "");
  });

  it("tell what comes and goes once in a cool-down, and how often it did", async () => {
    const bench = new Bench();
    for (let round = 0; round < 47; round += 1)
      await bench.round(5 * MINUTE, { found: round % 2 === 0 ? [database] : [] });
    // told, resolved; then nothing for the rest of the four hours
    assert.equal(bench.inbox.messages.length, 2);
    bench.inbox.read();
    await bench.round(2 * 5 * MINUTE);
    assert.match(bench.inbox.read(), /`DATABASE` since .*, again: 23 times since it was told: it differs/);
    await bench.round(5 * MINUTE, { found: [] });
    assert.match(bench.inbox.read(), /1 finding resolved/);
  });

  it("do not take back what nobody was told is over", async () => {
    const bench = new Bench({ groupMinutes: 30 });
    await bench.round(0, { found: [database] });
    bench.inbox.read();
    await bench.round(5 * MINUTE, { found: [] });
    await bench.round(5 * MINUTE, { found: [database] });
    await bench.round(30 * MINUTE);
    assert.equal(bench.inbox.read(), "");
  });

  it("tell what came and went before it could be told", async () => {
    const bench = new Bench();
    bench.inbox.outcome = { result: "refused", reason: "down" };
    await bench.round(0, { found: [database] });
    await bench.round(5 * MINUTE, { found: [api] });
    bench.inbox.outcome = { result: "delivered" };
    await bench.round();
    const text = bench.inbox.read();
    assert.match(text, /\*changed-there\* `github`/);
    assert.match(text, /`database` was missing in .* \(came and went before it could be told\)/);
    // also when a whole round was not heard of
    await bench.round(5 * MINUTE, {
      found: [api],
      resolved: [{ ...nobody, firstSeen: bench.now, resolvedAt: bench.now }],
    });
    assert.match(bench.inbox.read(), /`nobody` was missing in .* \(came and went before it could be told\)/);
    await bench.round();
    assert.equal(bench.inbox.read(), "");
  });

  it("gather what comes up within the group's time", async () => {
    const bench = new Bench({ groupMinutes: 12 });
    await bench.round(0, { found: [database] });
    assert.equal(bench.inbox.messages.length, 1);
    await bench.round(5 * MINUTE, { found: [database, api] });
    await bench.round(5 * MINUTE, { found: [database, api, nobody] });
    assert.equal(bench.inbox.messages.length, 1);
    bench.inbox.read();
    await bench.round(5 * MINUTE);
    assert.match(bench.inbox.read(), /^2 secrets not in step \(medium risk: nobody, …\)\n/);
  });

  it("send no more in an hour than a receiver takes, and leave nothing out", async () => {
    const bench = new Bench({}, (now) => [new Inbox(now, "chat", 3)]);
    const found = Array.from({ length: 13 }, (_, index) => finding("extra", `NAME_${index}`));
    for (let round = 0; round < 12; round += 1) await bench.round(5 * MINUTE, { found: found.slice(0, round + 1) });
    assert.equal(bench.inbox.messages.length, 3);
    await bench.round(5 * MINUTE, { found });
    assert.equal(bench.inbox.messages.length, 4);
    const text = bench.inbox.read();
    for (const { secret } of found)
      assert.ok(text.includes(`\`${secret}\``) || text.includes("and 4 more names"), secret);
  });

  it("go by routes: risk, owners, and everybody for what is nobody's", async () => {
    const bench = new Bench(
      {
        routes: [
          { receiver: "chat", minimumRisk: "low" },
          { receiver: "high", minimumRisk: "high" },
          { receiver: "platform", minimumRisk: "low", owners: ["platform"] },
          { receiver: "platform", minimumRisk: "high" },
        ],
      },
      (now) => ["chat", "high", "platform"].map((name) => new Inbox(now, name)),
    );
    await bench.round(0, { found: [database, api, nobody, finding("extra", "STRANGER")] });
    const [chat = "", high = "", platform = ""] = bench.inboxes.map((inbox) => inbox.read());
    const heard = (text: string) =>
      ["`database`", "`api`", "`nobody`", "`STRANGER`"].filter((name) => text.includes(name));
    assert.deepEqual(heard(chat), ["`database`", "`api`", "`nobody`", "`STRANGER`"]);
    assert.deepEqual(heard(high), ["`database`"]);
    assert.deepEqual(heard(platform), ["`database`", "`api`", "`nobody`", "`STRANGER`"]);
  });

  it("tell of a scope that cannot be asked when it has not been for some rounds, and when it can again", async () => {
    const bench = new Bench();
    const unasked = [
      { store: "aws", scope: "us-west-2", problem: { kind: "unavailable", message: "AWS does not answer" } as const },
    ];
    await bench.round(0, { unasked });
    await bench.round();
    await bench.round(5 * MINUTE, { unasked });
    assert.equal(bench.inbox.read(), "");
    await bench.round(5 * MINUTE, { unasked });
    assert.match(
      bench.inbox.read(),
      /^1 trouble\n\*Troubles\*\n2026-11-22 12:10 UTC: the store aws cannot be asked about us-west-2: AWS does not answer\n/,
    );
    // while nothing can be compared, nobody knows of it
    await bench.round(5 * MINUTE, { failure: "the source is down" });
    assert.equal(bench.inbox.read(), "");
    await bench.round(5 * MINUTE, { failure: "the source is down" });
    assert.match(
      bench.inbox.read(),
      /^1 trouble\n\*Troubles\*\n2026-11-22 12:20 UTC: nothing can be compared: the source is down\n/,
    );
    await bench.round();
    const text = bench.inbox.read();
    assert.match(text, /secrets are compared again, it was not from 2026-11-22 12:20 UTC/);
    assert.match(text, /the store aws can be asked about us-west-2 again/);
  });

  it("tell of a store that is slow, and when it no longer is", async () => {
    const bench = new Bench();
    const latency = [{ store: "github", calls: 40, p50: 300, p95: 2_001 }];
    await bench.round(0, { latency: [{ ...latency[0]!, p95: 2_000 }] });
    await bench.round(5 * MINUTE, { latency });
    await bench.round(5 * MINUTE, { latency });
    assert.match(
      bench.inbox.read(),
      /the store github is slow: 5 % of 40 answers in the last hour took 2.0 s or more, and 2 s are allowed/,
    );
    await bench.round();
    assert.match(bench.inbox.read(), /the store github answers within 2 s again/);
  });

  it("tell what healing has done and could not, and what a drift waits for", async () => {
    const bench = new Bench();
    const proposal = {
      id: "3f2a9c0d1e4b",
      secret: "database",
      risk: "high",
      fingerprint: "x" as never,
      targets: [],
    } as const;
    bench.journal.propose([proposal], "ana", bench.now);
    const failed = { id: "aaaa", secret: "api", result: "failed", reason: "GitHub does not let us" } as const;
    const healed = [
      failed,
      { ...failed, id: "bbbb", result: "done" },
      { ...failed, id: "cccc", result: "waits" },
    ] as const;
    await bench.round(0, { found: [database], healed });
    const text = bench.inbox.read();
    assert.match(text, /\*failed\* `api` \(`aaaa`\): GitHub does not let us\n\*done\* `api` \(`bbbb`\)/);
    assert.doesNotMatch(text, /cccc/);
    assert.match(
      text,
      /To do: `groundwork secrets approve 3f2a9c0d1e4b` by somebody else than `ana`, then `groundwork secrets heal --apply`\./,
    );
    for (let round = 0; round < 3; round += 1) await bench.round(30 * MINUTE, { healed: [failed] });
    assert.equal(bench.inbox.read(), "");
    bench.journal.approve(proposal.id, "ben", bench.now);
    await bench.round(3 * HOUR);
    const later = bench.inbox.read();
    assert.match(later, /\*failed 3 times\* `api` \(`aaaa`\)/);
    assert.match(later, /To do: `groundwork secrets heal --apply` mends it\./);
  });

  it("try again what was not delivered with what is current then, and say so to the others", async () => {
    const bench = new Bench({}, (now) => [new Inbox(now), new Inbox(now, "mail")]);
    const [chat, mail] = bench.inboxes;
    assert.ok(chat && mail);
    chat.outcome = { result: "refused", reason: "Slack has no such webhook" };
    await bench.round(0, { found: [database] });
    await bench.round(5 * MINUTE, { found: [database, api] });
    await bench.round();
    await bench.round();
    assert.equal(chat.messages.length, 0);
    assert.match(mail.read(), /messages to the receiver chat are not delivered: Slack has no such webhook/);
    assert.deepEqual(bench.said, ["alerts: chat is told again in a later round: Slack has no such webhook"]);
    chat.outcome = { result: "delivered" };
    await bench.round();
    assert.match(chat.read(), /^2 secrets not in step/);
    await bench.round();
    assert.match(mail.read(), /messages to the receiver chat are delivered again/);
    assert.equal(bench.said[1], "alerts: chat was told");
  });

  it("leave a receiver alone for as long as it asks", async () => {
    const bench = new Bench();
    bench.inbox.outcome = { result: "refused", reason: "too often", retryAfter: 900 };
    await bench.round(0, { found: [database] });
    bench.inbox.outcome = { result: "delivered" };
    await bench.round(10 * MINUTE);
    assert.equal(bench.inbox.messages.length, 0);
    await bench.round(5 * MINUTE);
    assert.equal(bench.inbox.messages.length, 1);
  });

  it("remember over a restart what was told", async () => {
    const bench = new Bench();
    await bench.round(0, { found: [database] });
    bench.restart();
    await bench.round();
    assert.equal(bench.inbox.messages.length, 1);
    bench.restart();
    await bench.round(5 * MINUTE, { found: [] });
    assert.equal(bench.inbox.messages.length, 2);
  });

  it("send again, with a word of it, what a killed checker may have sent", async () => {
    const bench = new Bench();
    await bench.round(0, { found: [] });
    bench.report({ found: [database] });
    bench.inbox.kill = "after";
    await bench.killed();
    assert.equal(bench.inbox.messages.length, 1);
    bench.inbox.kill = undefined;
    // it may still be on its way
    await bench.round(1 * MINUTE);
    assert.equal(bench.inbox.messages.length, 1);
    bench.inbox.read();
    await bench.round();
    assert.match(
      bench.inbox.read(),
      /^1 secret not in step .*\nThis may repeat a message of 2026-11-22 12:05 UTC, of which nobody knows whether it arrived\.\n/,
    );
    await bench.round();
    assert.equal(bench.inbox.read(), "");
  });

  it("wait ever longer for who takes messages and never says so", async () => {
    const bench = new Bench();
    bench.inbox.outcome = { result: "unknown", reason: "too late" };
    await bench.round(0, { found: [database] });
    for (let round = 0; round < 36; round += 1) await bench.round();
    assert.ok(bench.inbox.messages.length <= 7, String(bench.inbox.messages.length));
    bench.inbox.outcome = { result: "delivered" };
    for (let round = 0; round < 13; round += 1) await bench.round();
    bench.inbox.read();
    for (let round = 0; round < 13; round += 1) await bench.round();
    assert.equal(bench.inbox.read(), "");
  });

  it("tell nothing of what is no longer a receiver's to hear", async () => {
    const bench = new Bench({ routes: [{ receiver: "chat", minimumRisk: "low" }] });
    await bench.round(0, { found: [api] });
    bench.inbox.read();
    const settings = { routes: [{ receiver: "chat", minimumRisk: "high" }] } as const;
    const later = new Bench(settings, () => bench.inboxes);
    later.database.exec("DELETE FROM alert_entry");
    for (const row of bench.database.prepare("SELECT * FROM alert_entry").all())
      later.database.prepare("INSERT INTO alert_entry VALUES (?, ?, ?, ?, ?, ?, ?)").run(...Object.values(row));
    await later.round(HOUR, { found: [api] });
    assert.equal(bench.inbox.read(), "");
  });

  it("go on when the clock was set back", async () => {
    const bench = new Bench();
    await bench.round(0, { found: [database] });
    await bench.round(-48 * HOUR, { found: [database, api] });
    assert.match(bench.inbox.read(), /`api`/);
  });

  it("tell later what could not be written down", async () => {
    const bench = new Bench();
    await bench.round(0, { found: [] });
    bench.database.exec("PRAGMA query_only = ON");
    const healed = [{ id: "aaaa", secret: "api", result: "failed", reason: "GitHub does not let us" } as const];
    await bench.round(5 * MINUTE, { healed, resolved: [{ ...database, firstSeen: bench.now, resolvedAt: bench.now }] });
    assert.match(bench.said[0] ?? "", /^alerts: Error has stopped them in this round$/);
    bench.database.exec("PRAGMA query_only = OFF");
    await bench.round();
    const text = bench.inbox.read();
    assert.match(text, /\*failed\* `api`/);
    assert.match(text, /`database` was missing/);
    await bench.round();
    assert.equal(bench.inbox.read(), "");
  });

  it("stop no round when they fail", async () => {
    const bench = new Bench();
    bench.database.close();
    await bench.round(0, { found: [database] });
    assert.equal(bench.said.length, 1);
    assert.match(bench.said[0] ?? "", /^alerts: \w+ has stopped them in this round$/);
  });
});
