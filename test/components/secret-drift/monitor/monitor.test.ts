import assert from "node:assert/strict";
import { join } from "node:path";
import { LEASE } from "../../../../components/secret-drift/checker/monitor/lease.ts";
import { monitorHealth } from "../../../../components/secret-drift/checker/monitor/health.ts";
import { jsonLine, textLine } from "../../../../components/secret-drift/checker/monitor/log.ts";
import { Monitor } from "../../../../components/secret-drift/checker/monitor/monitor.ts";
import { refused } from "../../../../components/secret-drift/checker/store.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";
import { EVERY, MINUTE, VALUE, world } from "./world.ts";

const kinds = (findings: readonly { readonly kind: string; readonly secret: string }[]) =>
  findings.map(({ kind, secret }) => `${kind} ${secret}`);

describe("the monitor of secrets", () => {
  it("runs its first round at once and the others about as far apart as it is told", async () => {
    const { monitor, reports, pauses, clock } = await world();
    const start = clock.now;
    const chances = [0, 0.5, 0.999999];
    await monitor(4, undefined, { jitter: 0.1, random: () => chances.shift() ?? 0 }).run();
    assert.equal(reports.length, 4);
    assert.equal(reports[0]?.at, start);
    const minutes = pauses.map((pause) => Math.round((pause / MINUTE) * 10) / 10);
    assert.deepEqual(minutes, [4.5, 5, 5.5]);
  });

  it("tells what came and what went at the next round, and what there is", async () => {
    const { monitor, reports, aws } = await world();
    await monitor(3, (round) => {
      if (round === 1) aws.remove("west", "DB");
      if (round === 2) aws.set("west", "DB", `${VALUE}-password`);
    }).run();
    assert.deepEqual(
      reports.map(({ opened, resolved, open }) => [kinds(opened), kinds(resolved), kinds(open)]),
      [
        [[], [], []],
        [["missing password"], [], ["missing password"]],
        [[], ["missing password"], []],
      ],
    );
    const [, second, third] = reports;
    assert.equal(second?.opened[0]?.firstSeen, second?.at);
    assert.equal(third?.resolved[0]?.resolvedAt, third?.at);
    assert.deepEqual(third?.latency.map(({ store }) => store).sort(), ["aws", "esc"]);
  });

  it("never has two rounds at once, however long one takes", async () => {
    const { monitor, aws, clock, pauses } = await world();
    let running = 0;
    const list = aws.list.bind(aws);
    aws.list = async (scope) => {
      assert.equal((running += 1), 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      clock.now += 2 * EVERY;
      running -= 1;
      return list(scope);
    };
    // the pause is reckoned by a clock that nobody sets
    await monitor(3).run();
    assert.ok(pauses.every((pause) => pause > 0 && pause < EVERY));
  });

  it("goes on when the source does not answer, and says so; what was found stays", async () => {
    const { monitor, reports, esc, aws, checker } = await world();
    await monitor(4, (round) => {
      if (round === 1) aws.remove("west", "TOKEN");
      esc.down = round === 2 ? "unavailable" : undefined;
    }).run();
    assert.deepEqual(
      reports.map(({ failure, open }) => [failure, kinds(open)]),
      [
        [undefined, []],
        [undefined, ["missing token"]],
        ["the source could not be asked: esc is down", ["missing token"]],
        [undefined, ["missing token"]],
      ],
    );
    assert.deepEqual(reports[3]?.opened, []);
    assert.equal(checker.history.journal.inState("open").length, 1);
  });

  it("goes on when a store does not answer, and when a listener cannot do its work", async () => {
    const { monitor, reports, aws, options, complaints } = await world();
    aws.down = "unavailable";
    const broken = { heard: () => Promise.reject(new TypeError(VALUE)) };
    await monitor(2, undefined, { listeners: [broken, ...options.listeners] }).run();
    assert.deepEqual(
      reports.map(({ unasked }) => unasked.map(({ store }) => store)),
      [["aws"], ["aws"]],
    );
    const told = complaints.filter((sentence) => sentence.startsWith("a listener could not be told of a round: "));
    assert.equal(told.length, 2);
    assert.ok(!complaints.join().includes("canary"));
  });

  it("asks a store no sooner than it has said, also in later rounds", async () => {
    const { monitor, reports, aws } = await world();
    let asked = 0;
    aws.list = () => {
      asked += 1;
      return Promise.resolve(refused("rate-limited", "aws has been asked too often", 601));
    };
    await monitor(4).run();
    assert.equal(asked, 2);
    assert.deepEqual(
      reports.map(({ unasked }) => Math.round((unasked[0]?.problem.retryAfter ?? 0) / 10) * 10),
      [600, 300, 0, 600],
    );
  });

  it("mends nothing unless it is told, and then what is of low risk or approved", async () => {
    for (const healing of ["off", "propose"] as const) {
      const { monitor, aws, checker, reports } = await world();
      for (const name of ["DB", "TOKEN"]) aws.remove("west", name);
      await monitor(2, undefined, { healing }).run();
      assert.deepEqual(aws.names("west"), []);
      assert.equal(checker.history.journal.inState("open").length, healing === "off" ? 0 : 2);
      assert.ok(reports.every(({ healed }) => healed.length === 0));
    }
    const { monitor, aws, checker, reports, clock } = await world();
    for (const name of ["DB", "TOKEN"]) aws.remove("west", name);
    const between = (round: number) => {
      const [waiting] = checker.history.journal.inState("open");
      if (round === 1) checker.history.journal.approve(waiting?.id ?? "", "alice", clock.now);
    };
    await monitor(3, between, { healing: "apply" }).run();
    assert.deepEqual(
      reports.map(({ healed }) => healed.map(({ secret, result }) => `${secret} ${result}`).sort()),
      [["password done", "token waits"], ["token done"], []],
    );
    assert.deepEqual([aws.get("west", "DB"), aws.get("west", "TOKEN")], [`${VALUE}-password`, `${VALUE}-token`]);
    assert.deepEqual(reports[2]?.open, []);
  });

  it("keeps what was approved while a store, or the source, does not answer", async () => {
    const { monitor, aws, esc, checker, reports, clock } = await world();
    aws.remove("west", "TOKEN");
    const between = (round: number) => {
      const [waiting] = checker.history.journal.inState("open");
      if (round === 1) checker.history.journal.approve(waiting?.id ?? "", "alice", clock.now);
      aws.down = round === 1 ? "unavailable" : undefined;
      esc.down = round === 2 ? "unavailable" : undefined;
    };
    await monitor(3, between).run();
    assert.equal(checker.history.journal.inState("withdrawn").length, 0);
    await monitor(1, undefined, { healing: "apply" }).run();
    assert.deepEqual(
      reports.at(-1)?.healed.map(({ secret, result }) => `${secret} ${result}`),
      ["token done"],
    );
  });

  it("ends at once while it waits, and after the round where one runs", async () => {
    const { monitor, reports, controller, aws } = await world();
    const { monitor: waiting, controller: other, reports: heard } = await world();
    const sleep = (milliseconds: number, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        assert.ok(milliseconds > EVERY / 2);
        signal.addEventListener("abort", () => resolve());
        other.abort();
      });
    await waiting(9, undefined, { sleep }).run();
    assert.equal(heard.length, 1);
    const list = aws.list.bind(aws);
    aws.list = (scope) => {
      controller.abort();
      return list(scope);
    };
    await monitor(9).run();
    assert.equal(reports.length, 1);
    assert.equal(reports[0]?.failure, undefined);
  });

  it("refuses to be the second with one history, and takes over from one that was killed", async () => {
    const history = join(temporaryFolder(), "history.db");
    const { monitor, checker, open, clock, options, reports } = await world({ history });
    const other = await open();
    try {
      const taken = (host: string, pid: number) =>
        other.history.monitor.take({ id: `${host}-${pid}`, host, pid }, EVERY, clock.now);
      assert.ok(taken("elsewhere", 7));
      const sentence = `another monitor works with the history ${history} (process 7 on elsewhere): end that one, or name another file with --history`;
      await assert.rejects(monitor(1).run(), { name: "InvalidMapping", message: sentence });
      assert.deepEqual(reports, []);
      clock.now += LEASE;
      await monitor(1).run();
      assert.equal(reports.length, 1);
      const during = monitor(1, () => {
        assert.equal(taken("elsewhere", 8), false);
        clock.now += LEASE;
        assert.ok(taken("elsewhere", 9));
      });
      await during.run();
      // it lost its place and noticed: the next round is not its own
      await assert.rejects(new Monitor({ ...options, rounds: 2 }).run(), /process 9 on elsewhere/);
      assert.equal(checker.history.monitor.last()?.pid, 9);
    } finally {
      other.close();
      checker.close();
    }
  });

  it("is well while its rounds are young, and tells when they are not", async () => {
    const { monitor, checker, clock } = await world();
    const health = () => monitorHealth(checker.history, clock.now);
    assert.deepEqual(health(), { isWell: false, says: "no monitor has ever worked with this history: start one" });
    const said: string[] = [];
    await monitor(2, () => {
      said.push(health().says);
      clock.now += LEASE - 1;
      assert.ok(health().isWell);
      clock.now += 1;
      assert.equal(health().isWell, false);
    }).run();
    assert.deepEqual(said, [
      "the monitor works: its last round was 0 s ago",
      "the monitor works: its last round was 0 s ago",
    ]);
    assert.match(health().says, /^no monitor works with this history now; its last round was 60 s ago$/);
    const holder = { id: "stuck", host: "elsewhere", pid: 1 };
    assert.ok(checker.history.monitor.take(holder, EVERY, clock.now));
    clock.now += 2 * EVERY;
    checker.history.monitor.renew(holder, clock.now);
    assert.match(health().says, /^the monitor hangs: it was started 600 s ago, and two intervals are 600 s$/);
  });

  it("tells each round in one line without a value", async () => {
    const { monitor, reports, aws, esc } = await world();
    await monitor(3, (round) => {
      if (round === 1) aws.set("west", "DB", `${VALUE}-by-hand`);
      if (round === 2) esc.down = "forbidden";
    }).run();
    const lines = reports.map((report) => textLine({ ...report, milliseconds: 120 }));
    assert.deepEqual(lines, [
      "2026-01-02 00:00:00 2 secrets in step (0.1 s)",
      "2026-01-02 00:05:00 1 of 2 secrets not in step; new: changed-there password (aws west DB) (0.1 s)",
      "2026-01-02 00:10:00 could not compare: the source could not be asked: esc is down (0.1 s)",
    ]);
    const json = reports.map((report) => jsonLine(report));
    assert.ok(json.every((line) => !line.includes("\n")));
    assert.deepEqual((JSON.parse(json[1] ?? "") as { changes: { opened: unknown[] } }).changes.opened, [
      {
        ...{ kind: "changed-there", secret: "password", store: "aws", scope: "west", name: "DB" },
        evidence: "it has changed since they last agreed",
      },
    ]);
    assert.ok(![...lines, ...json].some((line) => line.includes("canary")));
  });
});
