import assert from "node:assert/strict";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Drift } from "../../../../components/secret-drift/checker/finding.ts";
import { History, RETENTION_DAYS, type RoundRecord } from "../../../../components/secret-drift/checker/history.ts";
import { temporaryFolder } from "../../../helpers/folder.ts";

const DAY = 24 * 60 * 60_000;
const HOUR = 60 * 60_000;
const START = Date.UTC(2026, 0, 1);

const drift = (name: string): Drift => ({
  ...{ kind: "missing", secret: name, evidence: "the store has no such name" },
  place: { store: "aws", scope: "west", name },
});
const round = (
  history: History,
  at: number,
  names: readonly string[],
  also: Partial<RoundRecord> = {},
): RoundRecord => ({
  before: history.memory(),
  ...{ at, milliseconds: 5, drifts: names.map(drift), agreed: new Map(), source: new Map(), calls: [] },
  ...{ undecided: new Set<string>(), mapped: { secrets: new Set<string>(), places: new Set<string>() } },
  ...also,
});
const call = (at: number, milliseconds: number, outcome = "ok") =>
  ({ at, store: "aws", milliseconds, outcome }) as const;

describe("the history", () => {
  it("tells what each round opened and resolved, and how many there were day by day", () => {
    const history = new History(":memory:");
    const names = (findings: readonly { readonly secret: string }[]) => findings.map(({ secret }) => secret);
    const record = (at: number, found: readonly string[]) => {
      const { opened, resolved } = history.record(round(history, at, found));
      return [names(opened), names(resolved)];
    };
    assert.deepEqual(record(START + 1, ["a", "b"]), [["a", "b"], []]);
    assert.deepEqual(record(START + 2, ["b", "c"]), [["c"], ["a"]]);
    assert.deepEqual(record(START + DAY, ["b", "c", "c"]), [[], []]);
    assert.deepEqual(record(START + 2 * DAY, ["a"]), [["a"], ["b", "c"]]);
    // a clock that was set back resolves as well
    assert.deepEqual(record(START + DAY + 5, []), [[], ["a"]]);
    const days = history.trends.findings(START, START + 2 * DAY);
    assert.deepEqual(
      days.map(({ opened, resolved, open }) => [opened, resolved, open]),
      [
        [3, 1, 2],
        [0, 1, 1],
        [1, 2, 0],
      ],
    );
    history.close();
  });

  it("keeps how long stores took as counts, exact to 5 %, by the hour once they are old", () => {
    const history = new History(":memory:");
    const calls = Array.from({ length: 100 }, (_, index) => call(START + index * 60_000, 10 * (index + 1)));
    history.record(round(history, START + 100 * 60_000, [], { calls: [...calls, call(START, 10_000, "unavailable")] }));
    const near = (found: number | undefined, exact: number) =>
      assert.ok(found !== undefined && found >= exact && found <= exact * 1.05 + 1, `${found} for ${exact}`);
    const [all] = history.latency(START);
    assert.deepEqual([all?.store, all?.calls, all?.failed], ["aws", 101, 1]);
    near(all?.p50, 510);
    near(all?.p95, 960);
    const [late] = history.latency(START + HOUR);
    assert.equal(late?.calls, 40);
    history.record(round(history, START + 5 * HOUR, []));
    const hours = history.trends.latency(START, HOUR);
    assert.deepEqual(
      hours.map(({ at, calls: each }) => [(at - START) / HOUR, each]),
      [
        [0, 61],
        [1, 40],
      ],
    );
    assert.deepEqual(history.latency(START), [all]);
    history.close();
  });

  it("forgets what is older than 30 days, but not what lasts", () => {
    const path = join(temporaryFolder(), "history.db");
    const history = new History(path);
    history.record(round(history, START, ["lasts", "passes"], { calls: [call(START, 5)] }));
    const agreed = new Map([["place", { fingerprint: "f" as never }]]);
    const mapped = { secrets: new Set<string>(), places: new Set(["place"]) };
    history.record(round(history, START + 1, ["lasts"], { agreed, mapped }));
    const end = START + RETENTION_DAYS * DAY;
    history.record(round(history, end, ["lasts"], { mapped }));
    assert.equal(history.findings(0).length, 2);
    history.record(round(history, end + 2, ["lasts"]));
    assert.deepEqual(
      history.findings(0).map(({ secret }) => secret),
      ["lasts"],
    );
    assert.deepEqual(history.latency(0), []);
    // a place that the mapping no longer has is remembered as long: it may come back
    assert.equal(history.memory().agreements.size, 1);
    history.record(round(history, end + RETENTION_DAYS * DAY, ["lasts"]));
    assert.equal(history.memory().agreements.size, 1);
    history.record(round(history, end + RETENTION_DAYS * DAY + 3, ["lasts"]));
    assert.equal(history.memory().agreements.size, 0);
    history.close();
  });

  it("does not grow with time", () => {
    const path = join(temporaryFolder(), "history.db");
    const history = new History(path);
    const sizes: number[] = [];
    // a round an hour, in each of which another finding comes and the one before goes
    for (let hour = 0; hour < 100 * 24; hour += 1) {
      const at = START + hour * HOUR;
      history.record(round(history, at, [`secret-${hour}`], { calls: [call(at, (hour % 90) + 10)] }));
      if (hour % (10 * 24) === 0) sizes.push(statSync(path).size);
    }
    history.close();
    const [early, late] = [sizes[5] ?? 0, sizes.at(-1) ?? 0];
    assert.ok(late <= early * 1.1, sizes.join(", "));
  });

  it("takes over a file of an earlier version, with what both had agreed on", () => {
    const path = join(temporaryFolder(), "history.db");
    const old = new DatabaseSync(path);
    old.exec(`
      CREATE TABLE agreement (place TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, previous TEXT, updated_at INTEGER, version TEXT) STRICT;
      CREATE TABLE since (secret TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
      CREATE TABLE finding (id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, secret TEXT NOT NULL, store TEXT NOT NULL,
        scope TEXT NOT NULL, name TEXT NOT NULL, evidence TEXT NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, resolved_at INTEGER) STRICT;
      CREATE TABLE round (at INTEGER NOT NULL, milliseconds INTEGER NOT NULL, drifts INTEGER NOT NULL) STRICT;
      CREATE TABLE call (at INTEGER NOT NULL, store TEXT NOT NULL, operation TEXT NOT NULL, milliseconds INTEGER NOT NULL, outcome TEXT NOT NULL) STRICT;
      INSERT INTO agreement VALUES ('place', 'f', NULL, 7, NULL);
      PRAGMA user_version = 1`);
    old.close();
    const history = new History(path);
    assert.deepEqual(history.memory().agreements.get("place"), { fingerprint: "f", updatedAt: 7 });
    history.record(round(history, START, ["a"]));
    history.close();
    new History(path).close();
  });

  it("says in one sentence why a file cannot be used", () => {
    const folder = temporaryFolder({ "text.db": "no database at all ".repeat(100) });
    const refuses = (name: string, message: RegExp) =>
      assert.throws(() => new History(join(folder, name)), { name: "InvalidMapping", message });
    refuses("text.db", /^the history .*text\.db is no history: name another file with --history/);
    const make = (name: string, sql: string) => {
      const database = new DatabaseSync(join(folder, name));
      database.exec(sql);
      return database;
    };
    make("new.db", "PRAGMA user_version = 99").close();
    refuses("new.db", /new\.db is a history of version 99, and this checker knows \d: use the newer checker/);
    make("other.db", "CREATE TABLE songs (name TEXT)").close();
    refuses("other.db", /other\.db is the database of another program/);
    refuses("none/here.db", /here\.db cannot be opened/);
    new History(join(folder, "damaged.db")).close();
    writeFileSync(join(folder, "damaged.db"), Buffer.concat([Buffer.from("SQLite format 3\0"), Buffer.alloc(5000, 7)]));
    refuses("damaged.db", /damaged\.db is (?:damaged|no history)/);
    const busy = make("busy.db", "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    refuses("busy.db", /busy\.db is locked by another process for more than 5 s: end that one$/);
    busy.close();
  });
});
