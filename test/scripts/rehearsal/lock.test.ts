import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execaSync } from "execa";
import { describe, it } from "mocha";
import { isProcessAlive, takeLock } from "../../../scripts/rehearsal/lock.ts";
import { assertBadInput } from "../../helpers/bad-input.ts";
import { temporaryFolder } from "../../helpers/folder.ts";

describe("the lock of a rehearsed stack", () => {
  const path = join(temporaryFolder(), "lock.json");

  it("names its holder to the second who wants it, and can be taken again once released", async () => {
    const release = takeLock(path, "dev");
    await assertBadInput(() => takeLock(path, "dev"), "dev", `process ${process.pid}`, "wait");
    release();
    assert.equal(existsSync(path), false);
    takeLock(path, "dev")();
  });

  it("is taken over from an owner that no longer runs", () => {
    const { stdout } = execaSync("sh", ["-c", "echo $$"]);
    writeFileSync(path, JSON.stringify({ pid: Number(stdout), started: "1", since: "2026-01-01T00:00:00Z" }));
    takeLock(path, "dev")();
  });

  // elsewhere the first process asks for every orphan's exit code, and there is no /proc to read
  const onLinux = process.platform === "linux" ? it : () => undefined;
  onLinux("is taken over from an owner that has ended, though nobody has asked for its exit code", async () => {
    // the shell becomes a sleep, which never asks what became of the shell's child; the child ends only then
    const child = `while [ "$(cat /proc/$P/comm)" != sleep ]; do :; done`;
    const script = `P=$$; (${child}) & echo $!; exec sleep 60`;
    const parent = spawn("sh", ["-c", script], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      const [line] = (await once(parent.stdout, "data")) as [Buffer];
      const pid = Number(line.toString());
      while (isProcessAlive(pid)) await sleep(10);
      assert.ok(process.kill(pid, 0), "it still has its number");
      writeFileSync(path, JSON.stringify({ pid, started: "", since: "2026-01-01T00:00:00Z" }));
      takeLock(path, "dev")();
    } finally {
      parent.kill("SIGKILL");
    }
  });

  it("is taken over when another process came to have the owner's number", () => {
    writeFileSync(path, JSON.stringify({ pid: process.pid, started: "1", since: "2026-01-01T00:00:00Z" }));
    takeLock(path, "dev")();
  });

  it("is taken over when a kill tore it", () => {
    writeFileSync(path, '{"pid": 1');
    takeLock(path, "dev")();
  });
});
