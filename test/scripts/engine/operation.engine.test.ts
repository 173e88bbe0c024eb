import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "../../../scripts/rehearsal/engine/index.ts";
import { descendants, killTree } from "../../../scripts/rehearsal/engine/index.ts";
import { isProcessAlive } from "../../../scripts/rehearsal/lock.ts";
import { TinyProject, until } from "./tiny.ts";

describe("an operation of the real engine", () => {
  let tiny: TinyProject;
  before(async () => {
    tiny = await TinyProject.make();
  });
  after(() => tiny.remove());
  beforeEach(() => tiny.configure({ size: 1 }));

  const logSize = (): number => statSync(join(tiny.root, "events.jsonl"), { throwIfNoEntry: false })?.size ?? 0;
  const names = (urns: readonly { urn: string }[]): string[] => urns.map(({ urn }) => urn.split("::").at(-1) ?? "");

  it("is read from creation to deletion", async () => {
    const seen: EngineEvent[] = [];
    const up = await tiny.run("up", { onEvent: (event) => seen.push(event) });
    assert.equal(up.exitCode, 0);
    assert.deepEqual(up.changes, { create: 3, update: 0, replace: 0, delete: 0, same: 0 });
    assert.deepEqual(names(up.steps), ["tiny-dev", "parent", "child"]);
    assert.ok(up.steps.every(({ op, outcome, logical }) => op === "create" && outcome === "done" && logical));
    assert.equal(up.steps[1]?.new?.outputs["size"], 2);
    assert.ok(up.ended);
    assert.ok(seen.some(({ resOutputsEvent }) => resOutputsEvent !== undefined));
    assert.ok(up.diagnostics.some(({ severity, message }) => severity === "warning" && message === "careful"));

    const again = await tiny.run("up");
    assert.deepEqual(again.changes, { create: 0, update: 0, replace: 0, delete: 0, same: 3 });

    tiny.configure({ size: 4 });
    const preview = await tiny.run("preview");
    assert.deepEqual(preview.changes, { create: 0, update: 1, replace: 0, delete: 0, same: 2 });

    const destroyed = await tiny.run("destroy");
    assert.deepEqual(destroyed.changes, { create: 0, update: 0, replace: 0, delete: 3, same: 0 });
    assert.equal(destroyed.exitCode, 0);
  });

  it("tells what the policy pack found, and that a mandatory policy stopped it", async () => {
    const args = ["--policy-pack", join(tiny.root, "policies")];
    const fine = await tiny.run("preview", { args });
    assert.equal(fine.exitCode, 0);
    assert.deepEqual(names(fine.violations).sort(), ["child", "parent"]);
    assert.ok(
      fine.violations.every(
        ({ level, policy, pack }) => level === "advisory" && policy === "told" && pack === "tiny-pack",
      ),
    );
    const path = join(tiny.root, "policies");
    assert.deepEqual(fine.packs, [
      { name: "tiny-pack", version: "0.1.0", path, policies: ["no-child", "told"], lookedAtAll: true },
    ]);

    const stopped = await tiny.run("preview", { args, env: { ...tiny.env, TINY_FORBID: "1" } });
    assert.notEqual(stopped.exitCode, 0);
    assert.equal(stopped.badInput, undefined);
    const mandatory = stopped.violations.filter(({ level }) => level === "mandatory");
    assert.deepEqual(names(mandatory), ["child"]);
    assert.match(mandatory[0]?.message ?? "", /it is a child/);
  });

  it("recognises the program's own refusal", async () => {
    tiny.configure({ size: 1, mode: "refuse" });
    const result = await tiny.run("preview");
    assert.notEqual(result.exitCode, 0);
    assert.equal(result.badInput, "tiny:mode is refuse: write fine instead");
  });

  const refusals: [string, () => void, RegExp][] = [
    ["a missing value", () => tiny.configure({}), /no value for the configuration key size.*Pulumi\.dev\.yaml/],
    ["a wrong type", () => tiny.configure({ size: "lots" }), /key size in Pulumi\.dev\.yaml must be of type 'integer'/],
    ["broken YAML", () => tiny.write("Pulumi.dev.yaml", "config: {tiny:size: 1"), /not valid YAML/],
  ];
  for (const [what, spoil, sentence] of refusals) {
    it(`recognises Pulumi's refusal of ${what}`, async () => {
      spoil();
      const { badInput = "" } = await tiny.run("preview");
      assert.match(badInput, sentence);
      assert.doesNotMatch(badInput, /\n/);
    });
  }

  it("recognises a stack that does not exist and a wrong passphrase", async () => {
    assert.match((await tiny.run("preview", { stack: "nope" })).badInput ?? "", /no stack nope/);
    const salted =
      "encryptionsalt: v1:U3TXguRIWHE=:v1:y7oh15MfPm7X//BL:+X8EKvErQUi7KxsHH8nzD2Ra2CK7bQ==\nconfig: {tiny:size: 1}\n";
    tiny.write("Pulumi.dev.yaml", salted);
    assert.match((await tiny.run("preview")).badInput ?? "", /PULUMI_CONFIG_PASSPHRASE/);
  });

  it("does not take an error of the program for bad input", async () => {
    tiny.configure({ size: 1, mode: "throw" });
    const result = await tiny.run("preview");
    assert.notEqual(result.exitCode, 0);
    assert.equal(result.badInput, undefined);
    assert.ok(result.diagnostics.some(({ severity, message }) => severity === "error" && message.includes("boom")));
  });

  it("keeps secrets out of what it tells, and leaves no event log, which has them in debug messages", async () => {
    const canary = "canary-7f3a";
    await tiny.pulumi("config", "set", "--secret", "token", canary, "--stack", "dev");
    let size = 0;
    const result = await tiny.run("preview", { onEvent: () => (size = Math.max(size, logSize())) });
    assert.equal(result.exitCode, 0, result.stderr);
    assert.doesNotMatch(JSON.stringify(result), new RegExp(canary));
    assert.equal(size, 0, "it has no name any more when the first event is read");
    assert.equal(logSize(), 0);
  });

  /** Starts a program that never ends, with the policy pack, and waits until it has registered its resources. */
  async function startHanging(more: Parameters<TinyProject["run"]>[1] = {}) {
    tiny.configure({ size: 1, mode: "hang" });
    let pid = 0;
    let registered = false;
    const ended = tiny.run("preview", {
      args: ["--policy-pack", join(tiny.root, "policies")],
      onSpawn: (spawned) => (pid = spawned),
      onEvent: ({ resOutputsEvent }) => (registered ||= resOutputsEvent?.metadata.urn.endsWith("::child") ?? false),
      ...more,
    });
    await until(() => registered);
    return { ended, pid, children: descendants(pid) };
  }

  it("is interrupted by the caller, and leaves no process behind", async () => {
    const abort = new AbortController();
    const { ended, children } = await startHanging({ signal: abort.signal });
    assert.ok(children.length >= 3, "language host, program and policy pack run");
    abort.abort();
    const result = await ended;
    assert.equal(result.interrupted, "aborted");
    assert.notEqual(result.exitCode, 0);
    await until(() => !children.some(isProcessAlive));
  });

  it("is interrupted when it takes too long", async () => {
    tiny.configure({ size: 1, mode: "hang" });
    const result = await tiny.run("preview", { timeoutMs: 3_000 });
    assert.equal(result.interrupted, "timed out");
  });

  it("leaves no process behind when the engine alone is killed", async () => {
    const { ended, pid, children } = await startHanging();
    process.kill(pid, "SIGKILL");
    const result = await ended;
    assert.equal(result.signal, "SIGKILL");
    assert.equal(result.ended, false);
    await until(() => !children.some(isProcessAlive));
  });

  it("is killed with all that belongs to it", async () => {
    const { ended, pid, children } = await startHanging();
    killTree(pid);
    assert.equal((await ended).signal, "SIGKILL");
    await until(() => !children.some(isProcessAlive));
  });

  it("says so when there is no such CLI", async () => {
    const engine = { ...tiny.engine, pulumi: join(tiny.root, "no-pulumi") };
    await assert.rejects(tiny.run("preview", { engine }), /no-pulumi could not be started/);
  });
});
