import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { descendants, serveLanguageHost } from "../../../scripts/rehearsal/engine/index.ts";
import type { OperationResult } from "../../../scripts/rehearsal/engine/index.ts";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { isProcessAlive } from "../../../scripts/rehearsal/lock.ts";
import { TinyProject, until } from "./tiny.ts";

describe("the Node language host", () => {
  let tiny: TinyProject;
  before(async () => {
    tiny = await TinyProject.make();
  });
  after(() => tiny.remove());
  beforeEach(() => tiny.configure({ size: 1 }));

  const errors = ({ diagnostics }: OperationResult): string[] =>
    diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
  const commandOf = (pid: number): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8");
    } catch {
      return "";
    }
  };

  it("shows what a program prints, in order and without loss", async () => {
    tiny.configure({ size: 1, mode: "print" });
    const result = await tiny.run("preview");
    assert.equal(result.exitCode, 0);
    assert.ok(result.diagnostics.some(({ severity, message }) => severity === "info" && message === "said on stdout"));
  });

  it("fails the operation when the program ends by itself", async () => {
    tiny.configure({ size: 1, mode: "exit" });
    const result = await tiny.run("preview");
    assert.notEqual(result.exitCode, 0);
    assert.match(errors(result).join("\n"), /exit code 7/);
  });

  it("tells an error of the program once", async () => {
    tiny.configure({ size: 1, mode: "throw" });
    assert.equal(errors(await tiny.run("preview")).filter((message) => message.includes("boom")).length, 1);
  });

  it("tells the CLI about the program and what it depends on", async () => {
    tiny.write("package.json", {
      name: "tiny",
      type: "module",
      main: "stacks/index.ts",
      dependencies: { "@pulumi/pulumi": "*", "@pulumi/random": "*", yaml: "*" },
    });
    const about = await tiny.pulumi("about", "--json");
    const { runtime, dependencies } = JSON.parse(about) as {
      runtime: { version: string };
      dependencies: { name: string }[];
    };
    assert.equal(runtime.version, process.version);
    assert.deepEqual(dependencies.map(({ name }) => name).sort(), ["@pulumi/pulumi", "@pulumi/random", "yaml"]);
  });

  it("refuses what it cannot do with a word on what to do instead", async () => {
    await assert.rejects(tiny.pulumi("install"), /installDependencies: run `npm ci`/);
  });

  it("takes its program with it when it is killed", async () => {
    tiny.configure({ size: 1, mode: "hang" });
    let pid = 0;
    let registered = false;
    const ended = tiny.run("preview", {
      onSpawn: (spawned) => (pid = spawned),
      onEvent: ({ resOutputsEvent }) => (registered ||= resOutputsEvent?.metadata.urn.endsWith("::child") ?? false),
    });
    await until(() => registered);
    const host = descendants(pid).find((child) => commandOf(child).includes("language-host-command"));
    const program = descendants(pid).find((child) => commandOf(child).includes("cmd/run"));
    assert.ok(host !== undefined && program !== undefined);
    process.kill(host, "SIGKILL");
    await until(() => !isProcessAlive(program));
    assert.notEqual((await ended).exitCode, 0);
  });

  it("serves engines that attach to it, several at once, with an environment of their own", async () => {
    const other = await TinyProject.make(tiny.engine);
    const host = await serveLanguageHost(groundworkRoot, { env: { ...process.env, TINY_HOME: "attached" } });
    try {
      const attached = { PULUMI_DEBUG_LANGUAGES: `nodejs:${host.port}` };
      other.configure({ size: 5, mode: "throw" });
      const [up, failed] = await Promise.all([
        tiny.run("up", { env: { ...tiny.env, ...attached } }),
        other.run("up", { env: { ...other.env, ...attached } }),
      ]);
      assert.equal(up.exitCode, 0, up.stderr);
      assert.notEqual(failed.exitCode, 0);
      assert.match(errors(failed).join("\n"), /boom/);
      assert.deepEqual(JSON.parse(await tiny.pulumi("stack", "output", "--json", "--stack", "dev")), {
        home: "attached",
        size: 2,
      });
    } finally {
      await host.stop();
      other.remove();
    }
  });

  it("ends its programs when it stops", async () => {
    const host = await serveLanguageHost(groundworkRoot);
    tiny.configure({ size: 1, mode: "hang" });
    let registered = false;
    const ended = tiny.run("preview", {
      env: { ...tiny.env, PULUMI_DEBUG_LANGUAGES: `nodejs:${host.port}` },
      onEvent: ({ resOutputsEvent }) => (registered ||= resOutputsEvent?.metadata.urn.endsWith("::child") ?? false),
    });
    await until(() => registered);
    const program = descendants(process.pid).find((child) => commandOf(child).includes(join("cmd", "run")));
    assert.ok(program !== undefined);
    await host.stop();
    await until(() => !isProcessAlive(program));
    await ended;
  });
});
