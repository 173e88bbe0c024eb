import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { mongodbWork } from "../../../components/backup/mongodb.ts";
import { postgresWork } from "../../../components/backup/postgres.ts";
import { rabbitmqWork } from "../../../components/backup/rabbitmq.ts";
import { redisWork } from "../../../components/backup/redis.ts";
import type { TierWork } from "../../../components/backup/script.ts";
import type { BackupSpec } from "../../../components/backup/spec.ts";
import { backupPlan } from "../../../components/backup/spec.ts";
import { freePort } from "../../helpers/server.ts";
import { BackupUnderTest } from "./run.ts";

/** A tier that is a file: `$SOURCE` is dumped, `$SOURCE.restored` is what comes back. */
const work: TierWork = {
  shell: "sh",
  prelude: "",
  dump: 'cp "$SOURCE" "$1/dump"',
  restore: 'cp "$1/dump" "${2:-$SOURCE}"',
  restoreTest: 'cmp "$1/dump" "$SOURCE"',
};

function backup(spec: BackupSpec = {}, port = 0): BackupUnderTest & { source: string } {
  const made = new BackupUnderTest("postgres", work, {}, spec, port);
  const source = `${made.folder}/source`;
  writeFileSync(source, "one");
  Object.assign(made.environment, { SOURCE: source });
  return Object.assign(made, { source });
}

const metric = (made: BackupUnderTest, name: string) =>
  Number(
    new RegExp(`^${name}{system="s",tier="postgres"} (\\d+)$`, "m").exec(
      readFileSync(made.path("state", "metrics"), "utf8"),
    )?.[1],
  );

describe("the backup script", () => {
  it("is read without complaint by the shell of its tier, whatever the tier", () => {
    const scratch = { host: "s-redis-backup", port: 6399 };
    const nodes = ["a:6379", "b:6379"];
    const works: TierWork[] = [
      postgresWork(),
      redisWork({ nodes: ["a:6379"], mode: "single", programs: "valkey", scratch }),
      redisWork({ nodes, mode: "cluster", programs: "valkey", scratch }),
      rabbitmqWork("tracks"),
      mongodbWork(),
    ];
    for (const each of works) {
      const made = new BackupUnderTest("redis", each, {});
      const { status, stderr } = spawnSync(made.shell, ["-n", made.script], { encoding: "utf8" });
      assert.deepEqual([status, stderr], [0, ""]);
      const server = spawnSync("perl", ["-wc", `${made.folder}/metrics.pl`], { encoding: "utf8" });
      assert.match(server.stderr, /syntax OK/);
    }
  });

  it("makes a backup, tests it, says so to Prometheus, and is healthy", () => {
    const made = backup();
    assert.notEqual(made.run("check").status, 0);
    const { status, output } = made.run("once");
    assert.equal(status, 0, output);
    assert.match(output, /^backup of postgres: \d{8}T\d{6}Z, \d+ bytes\n$/);
    assert.equal(made.run("check").status, 0);
    const now = Date.now() / 1000;
    assert.ok(Math.abs(metric(made, "backup_last_success_timestamp_seconds") - now) < 60);
    assert.ok(Math.abs(metric(made, "backup_restore_test_last_success_timestamp_seconds") - now) < 60);
    assert.ok(metric(made, "backup_last_size_bytes") > 3);
    assert.equal(metric(made, "backup_failures_total"), 0);
    assert.equal(statSync(made.path("backups", made.names()[0] ?? "", "dump")).mode & 0o077, 0);
  });

  it("counts a dump that fails, one that is empty, and one that does not come back, and none of them is a success", () => {
    const made = backup({ restoreTestEvery: 1 });
    rmSync(made.source);
    assert.notEqual(made.run("once").status, 0);
    writeFileSync(made.source, "");
    assert.notEqual(made.run("once").status, 0);
    assert.deepEqual(made.names(), []);
    const broken = backup({ restoreTestEvery: 1 });
    broken.environment["PATH"] = `${broken.folder}:${broken.environment["PATH"] ?? ""}`;
    writeFileSync(`${broken.folder}/cmp`, "#!/bin/sh\nexit 1\n", { mode: 0o755 });
    assert.notEqual(broken.run("once").status, 0);
    assert.equal(metric(made, "backup_failures_total"), 2);
    assert.equal(metric(broken, "backup_failures_total"), 1);
    for (const each of [made, broken]) {
      assert.equal(metric(each, "backup_last_success_timestamp_seconds"), 0);
      assert.notEqual(each.run("check").status, 0);
    }
  });

  it("is unhealthy when the last good backup is older than two intervals", () => {
    const made = backup({ everyHours: 1 });
    made.run("once");
    const age = (seconds: number) => {
      writeFileSync(made.path("state", "last_success"), String(Math.floor(Date.now() / 1000) - seconds));
      return made.run("check").status;
    };
    assert.equal(age(2 * 3600 + 3000), 0);
    assert.notEqual(age(3 * 3600 + 60), 0);
  });

  it("keeps the newest however old, and all of the last days however many", () => {
    const made = backup({ keepCount: 2, keepDays: 3 });
    const start = Date.now();
    const day = (daysAgo: number) =>
      `${new Date(start - daysAgo * 864e5).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
    const old = (days: readonly number[]) => {
      for (const each of days) mkdirSync(made.path("backups", day(each)), { recursive: true });
    };
    old([10, 20]);
    made.run("once");
    assert.deepEqual(made.names().slice(1), [day(10)]);
    old([1, 2, 2.5]);
    made.run("once");
    // the two new ones fall into one second, or do not
    assert.deepEqual(made.names().slice(-3), [day(1), day(2), day(2.5)]);
  });

  it("restores what it is told to, and nothing that was changed on its disk", () => {
    const made = backup();
    made.run("once");
    writeFileSync(made.source, "two");
    assert.match(
      made.run("restore", "20200101T000000Z").output,
      /there is no backup 20200101T000000Z; there are: \d{8}T\d{6}Z/,
    );
    assert.equal(made.run("restore", "latest", `${made.folder}/elsewhere`).status, 0);
    assert.equal(readFileSync(`${made.folder}/elsewhere`, "utf8"), "one");
    assert.equal(made.run("restore", "latest").status, 0);
    assert.equal(readFileSync(made.source, "utf8"), "one");
    writeFileSync(made.path("backups", made.names()[0] ?? "", "dump"), "forged");
    assert.notEqual(made.run("restore", "latest").status, 0);
    assert.equal(readFileSync(made.source, "utf8"), "one");
    assert.equal(made.run("frobnicate").status, 2);
  });

  it("runs: makes the first backup at once, serves its metrics, and ends when it is told to", async () => {
    const port = await freePort();
    const made = backup({}, port);
    const child = spawn(made.shell, [made.script], { env: made.environment, stdio: "ignore", detached: true });
    try {
      for (;;) {
        const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
          (answer) => answer.text(),
          () => "",
        );
        if (/^backup_last_success_timestamp_seconds{system="s",tier="postgres"} [1-9]/m.test(text)) break;
        await sleep(100);
      }
      assert.equal(made.names().length, 1);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      assert.equal(await ended, 0);
    } finally {
      // the metrics server, which ends with the container
      process.kill(-Number(child.pid), "SIGKILL");
    }
  });
});

describe("the backup plan", () => {
  it("has a day between backups unless told otherwise, and bears one that is missed", () => {
    assert.deepEqual(backupPlan({}), {
      intervalSeconds: 86_400,
      keepCount: 7,
      keepDays: 7,
      restoreTestEvery: 7,
      maxAgeSeconds: 176_400,
    });
  });

  it("refuses what cannot be", () => {
    assert.throws(() => backupPlan({ everyHours: 0 }), /everyHours is 0; write hours above 0/);
    assert.throws(() => backupPlan({ keepCount: 0 }), /keepCount is 0; write a whole number of 1 or more/);
    assert.throws(() => backupPlan({ keepDays: 1.5 }), /keepDays is 1.5/);
  });
});
