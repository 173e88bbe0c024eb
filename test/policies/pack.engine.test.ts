import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { startSimulator } from "../../scripts/rehearsal/clouds/simulator.ts";
import type { Simulator } from "../../scripts/rehearsal/clouds/simulator.ts";
import { table as docker } from "../../scripts/rehearsal/clouds/tables/docker.ts";
import { table as kubernetes } from "../../scripts/rehearsal/clouds/tables/kubernetes.ts";
import { engineEnvironment, findEngine, runOperation } from "../../scripts/rehearsal/engine/index.ts";
import type { Engine, OperationCommand } from "../../scripts/rehearsal/engine/index.ts";
import { ensureHome, groundworkRoot } from "../../scripts/rehearsal/home.ts";

const PACK = join(groundworkRoot, "policies");

describe("policy pack in the engine", () => {
  let folder: string;
  let engine: Engine;
  let simulator: Simulator;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "policies-"));
    cpSync(join(groundworkRoot, "test/fixtures/limits"), join(folder, "project"), { recursive: true });
    symlinkSync(join(groundworkRoot, "node_modules"), join(folder, "node_modules"));
    for (const name of ["home", "backend"]) mkdirSync(join(folder, name));
    const cacheDir = join(ensureHome(), "cache");
    engine = await findEngine({ cacheDir, sdkRoot: groundworkRoot, progress: () => undefined });
    simulator = await startSimulator({
      inventory: join(folder, "inventory.jsonl"),
      sealingKey: randomBytes(32),
      sdkRoot: groundworkRoot,
      cache: join(cacheDir, "schemas"),
      tables: [docker, kubernetes],
    });
    await execa(engine.pulumi, ["stack", "init", "dev"], { cwd: join(folder, "project"), env: environment("") });
  });

  after(async () => {
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function environment(scenario: string): Record<string, string> {
    return engineEnvironment(engine, {
      ...process.env,
      SCENARIO: scenario,
      PULUMI_DEBUG_PROVIDERS: simulator.debugProviders,
      PULUMI_BACKEND_URL: `file://${join(folder, "backend")}`,
      PULUMI_HOME: join(folder, "home"),
      PULUMI_CONFIG_PASSPHRASE: "policies",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    });
  }

  async function operate(command: OperationCommand, scenario: string, config?: object) {
    const args = ["--policy-pack", PACK];
    if (config) {
      const file = join(folder, "config.json");
      writeFileSync(file, JSON.stringify(config));
      args.push("--policy-pack-config", file);
    }
    const result = await runOperation({
      engine,
      cwd: join(folder, "project"),
      env: environment(scenario),
      command,
      stack: "dev",
      args,
      eventLog: join(folder, "events.json"),
    });
    const violations = result.violations.map(({ level, policy, urn, message }) => ({
      level,
      policy,
      name: urn.split("::").at(-1),
      message: message.trim(),
    }));
    return { ...result, violations };
  }

  it("stops an update at a mandatory violation, before the resource is made", async () => {
    const { exitCode, violations } = await operate("up", "no limits");
    assert.notEqual(exitCode, 0);
    assert.deepEqual(violations, [
      {
        level: "mandatory",
        policy: "container-has-limits",
        name: "bad",
        message: "Container bad has no memory limit; set memory (for example 512, in MiB).",
      },
    ]);
    assert.ok(!simulator.inventory.all().some(({ properties }) => properties["name"] === "bad"));
  });

  it("lets an advisory violation pass, also for one stack only", async () => {
    const forDev = { "container-has-limits": { stacks: { "de*": { enforcementLevel: "advisory" } } } };
    const { exitCode, violations } = await operate("up", "no limits", forDev);
    assert.deepEqual(
      violations.map(({ level, name }) => [level, name]),
      [["advisory", "bad"]],
    );
    assert.equal(exitCode, 0);
    const everywhere = await operate("preview", "no limits", { all: "advisory" });
    assert.deepEqual(
      everywhere.violations.map(({ level }) => level),
      ["advisory"],
    );
    assert.equal(everywhere.exitCode, 0);
  });

  it("is undecided in preview about what is not known, and loses nothing else", async () => {
    const { violations } = await operate("preview", "unknown");
    const said = violations.map(({ level, policy, name, message }) => `${level} ${policy} ${name}: ${message}`).sort();
    assert.equal(
      said.filter((line) => line.startsWith("mandatory")).join("\n"),
      "mandatory container-has-limits worse: Container worse has no memory limit; set memory (for example 512, in MiB).",
    );
    for (const name of ["later", "worse"]) {
      assert.ok(
        said.some((line) =>
          line.startsWith(`advisory container-has-limits ${name}: Undecided until up: cpus is not known in preview`),
        ),
        said.join("\n"),
      );
    }
  });

  it("sees the namespaces of a cluster that does not exist yet", async () => {
    const { violations } = await operate("preview", "planned cluster");
    const found = violations.map(({ level, policy, name, message }) => [level, policy, name, message.split(";")[0]]);
    assert.deepEqual(found, [
      ["mandatory", "namespace-has-quota", "shop", "Namespace shop has no LimitRange"],
      ["mandatory", "namespace-has-quota", "shop", "Namespace shop has no ResourceQuota"],
    ]);
  });

  it("refuses a config of the wrong type, and names a key that does not exist", async () => {
    const wrong = await operate("preview", "", { "container-limits-within-bounds": { maxCpu: "many" } });
    assert.notEqual(wrong.exitCode, 0);
    const { violations } = await operate("preview", "", { "container-limits-within-bounds": { maxCpus: 2 } });
    assert.match(
      violations[0]?.message ?? "",
      /^The policy config sets container-limits-within-bounds\.maxCpus, which does not exist; its keys are /,
    );
    assert.equal(violations.length, 1);
  });
});
