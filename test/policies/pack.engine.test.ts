import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
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
import { packageTo } from "../../policies/package.ts";

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

  async function operate(command: OperationCommand, scenario: string, config?: object | string, pack = PACK) {
    const file = join(folder, "project/policy-config.json");
    if (config === undefined) rmSync(file, { force: true });
    else writeFileSync(file, typeof config === "string" ? config : JSON.stringify(config));
    const result = await runOperation({
      engine,
      cwd: join(folder, "project"),
      env: environment(scenario),
      command,
      stack: "dev",
      pack,
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
    assert.equal(
      wrong.badInput,
      "policy-config.json does not fit the policy pack groundwork: container-limits-within-bounds: maxCpu: Invalid type. Expected: number, given: string; correct that value",
    );
    const strange = await operate("preview", "", { "container-limits-within-bounds": { maxCpus: 2 } });
    assert.match(
      strange.violations[0]?.message ?? "",
      /^The policy config sets container-limits-within-bounds\.maxCpus, which does not exist; its keys are /,
    );
    assert.equal(strange.violations.length, 1);
    assert.equal(strange.badInput, `policy-config.json: ${strange.violations[0]?.message ?? ""}`);
  });

  it("names a policy in the config that the pack does not have", async () => {
    const config = { "container-has-limit": { enforcementLevel: "advisory" }, all: "mandatory" };
    assert.equal(
      (await operate("preview", "no limits", config)).badInput,
      'policy-config.json configures the policy container-has-limit, which pack groundwork does not have: did you mean "container-has-limits"',
    );
    const settings = { "container-has-limit": { cpuLimits: false } };
    assert.match(
      (await operate("preview", "no limits", settings)).badInput ?? "",
      /^policy-config\.json configures the policy container-has-limit, which pack \S+ does not have: did you mean "container-has-limits"$/,
    );
    const disabled = { "container-has-limits": "disabled" };
    const { badInput, violations } = await operate("preview", "no limits", disabled);
    assert.deepEqual([badInput, violations], [undefined, []]);
  });

  const unreadable: readonly (readonly [string, string, RegExp])[] = [
    ["no JSON", "{ all: 1 }", /^policy-config\.json is not valid JSON: .*; correct the file$/],
    ["a list", "[]", /^policy-config\.json is no JSON object: write \{ "<policy>"/],
    [
      "a number for a policy",
      '{ "all": 3 }',
      /has all as 3: write one of advisory, mandatory, remediate, disabled, or an object/,
    ],
    [
      "an unknown level",
      '{ "a": { "enforcementLevel": "max" } }',
      /has a\.enforcementLevel as "max": write one of advisory/,
    ],
  ];
  for (const [what, text, message] of unreadable) {
    it(`refuses a config that is ${what} before anything is run`, async () => {
      await assert.rejects(
        operate("up", "", text),
        (error: Error) => error.name === "BadInput" && message.test(error.message),
      );
    });
  }

  it("lets an excepted resource pass until its day, and a day later no more", async () => {
    const excepting = (expires: string) => ({
      "container-has-limits": { exceptions: [{ resource: "bad", reason: "Goes in May", expires }] },
    });
    const excepted = await operate("preview", "no limits", excepting("2999-12-31"));
    assert.equal(excepted.exitCode, 0);
    assert.deepEqual(
      excepted.violations.map(({ level, name, message }) => [level, name, message.slice(0, 36)]),
      [["advisory", "bad", "Excepted until 2999-12-31: Goes in M"]],
    );
    const expired = await operate("preview", "no limits", excepting("2001-01-01"));
    assert.notEqual(expired.exitCode, 0);
    assert.deepEqual(
      expired.violations.map(({ level, message }) => [level, message.slice(0, 50)]),
      [
        ["mandatory", "The exception from container-has-limits for bad ex"],
        ["mandatory", "Container bad has no memory limit; set memory (for"],
      ],
    );
  });

  it("is a package that runs with nothing beside it but the Pulumi SDKs", async () => {
    const source = join(folder, "packaged");
    packageTo(source);
    assert.throws(() => packageTo(source), /is not empty: name a folder that is/);
    const { stdout } = await execa("npm", ["pack", "--json", "--offline"], { cwd: source });
    const [{ filename = "", files = [] } = {}] = JSON.parse(stdout) as {
      filename?: string;
      files?: { path: string }[];
    }[];
    assert.ok(!files.some(({ path }) => /\.m?ts$/.test(path)), "there is TypeScript in it");
    const installed = join(folder, "elsewhere/node_modules/@groundwork/policies");
    mkdirSync(installed, { recursive: true });
    await execa("tar", ["-xzf", join(source, filename), "--strip-components=1", "-C", installed]);
    symlinkSync(join(groundworkRoot, "node_modules/@pulumi"), join(folder, "elsewhere/node_modules/@pulumi"));
    const { violations } = await operate("preview", "no limits", undefined, installed);
    assert.deepEqual(
      violations.map(({ policy, name }) => [policy, name]),
      [["container-has-limits", "bad"]],
    );
  });

  describe("with a policy that has a remediation", () => {
    const policy = "container-is-not-privileged";
    const at = (level: string, more: object = {}) => ({ [policy]: { enforcementLevel: level, ...more } });
    let pack: string;

    before(() => {
      pack = join(folder, "test/fixtures/pack");
      cpSync(join(groundworkRoot, "test/fixtures/remediating-pack"), pack, { recursive: true });
      // the fixture names the framework by its place in this repository
      symlinkSync(PACK, join(folder, "policies"));
    });

    it("does not remediate by itself", async () => {
      const { exitCode, violations } = await operate("preview", "privileged", undefined, pack);
      assert.notEqual(exitCode, 0);
      assert.deepEqual(violations.map(({ level, name }) => `${level} ${name}`).sort(), [
        "mandatory broken",
        "mandatory later-broken",
      ]);
    });

    it("gives the provider the remediated inputs, secrets still secret and unknown values still unknown", async () => {
      const planned = await operate("preview", "privileged", at("remediate"), pack);
      assert.equal(planned.exitCode, 0, planned.stderr);
      assert.deepEqual(planned.violations, []);
      const inputs = (name: string) =>
        planned.steps.find((step) => step.urn.endsWith(`::${name}`))?.new?.inputs as Record<string, unknown>;
      assert.equal(inputs("broken")["privileged"], false);
      assert.match(JSON.stringify(inputs("broken")["labels"]), /"token".*"\[secret\]"/);
      assert.doesNotMatch(JSON.stringify(planned.steps), /canary-in-plain-text/);

      const { exitCode, stderr } = await operate("up", "privileged", at("remediate"), pack);
      assert.equal(exitCode, 0, stderr);
      const made = simulator.inventory.all().filter(({ urn }) => /broken$/.test(urn));
      assert.deepEqual(
        made.map(({ properties }) => properties["privileged"]),
        [false, false],
      );
      const network = simulator.inventory.all().find(({ urn }) => urn.endsWith("::beside"));
      const later = made.find(({ urn }) => urn.endsWith("later-broken"));
      assert.deepEqual(later?.properties["labels"], [{ label: "network", value: network?.id }]);
      const state = readFileSync(join(folder, "backend/.pulumi/stacks/limits/dev.json"), "utf8");
      assert.ok(!state.includes("canary-in-plain-text"), "a secret is in the state in plain text");
    });

    it("remediates in the stacks that want it only", async () => {
      const config = at("remediate", { stacks: { "de*": { enforcementLevel: "advisory" } } });
      const { violations } = await operate("preview", "privileged", config, pack);
      assert.deepEqual([...new Set(violations.map(({ level }) => level))], ["advisory"]);
    });
  });
});
