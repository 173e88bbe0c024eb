import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RehearsalReport } from "@groundwork/lib/rehearsal-report";
import { execa } from "execa";
import { before, describe, it } from "mocha";
import { type ExportedState, readState, resourcesOf } from "../../../scripts/rehearsal/deployment.ts";
import { descendants, killTree } from "../../../scripts/rehearsal/engine/index.ts";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import type { Listed } from "../../../scripts/rehearsal/listing.ts";
import { isProcessAlive } from "../../../scripts/rehearsal/lock.ts";
import { copyProject } from "../../../scripts/rehearsal/workspace.ts";
import { foldersIn, groundwork, reportOf, temporaryHome } from "../../helpers/command-line.ts";
import { mandatoryOf } from "../../helpers/violations.ts";
import { fixture } from "../../helpers/fixtures.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { until } from "../engine/tiny.ts";

const changes = (report: RehearsalReport, name: string) =>
  report.operations.find((operation) => operation.name === name)?.changes;
const names = (report: RehearsalReport): string[] => report.operations.map(({ name }) => name);

describe("groundwork rehearse --stack dev --json", () => {
  const user = temporaryFolder();
  let home: string;
  let project: string;
  let report: RehearsalReport;
  let result: Awaited<ReturnType<typeof groundwork>>;
  let treeBefore: string;

  const git = async (...args: string[]): Promise<string> => (await execa("git", args, { cwd: project })).stdout;
  const tree = async (): Promise<string> =>
    `${await git("status", "--porcelain", "--ignored")}\n${await git("ls-files", "-s")}`;

  before(async () => {
    home = await temporaryHome();
    project = join(temporaryFolder(), "clone");
    await copyProject(groundworkRoot, project);
    await git("init", "--quiet");
    await git("add", "--all");
    treeBefore = await tree();
    const temporary = join(user, "tmp");
    mkdirSync(temporary);
    const env = { HOME: user, TMPDIR: temporary };
    result = await groundwork(["rehearse", "--stack", "dev", "--json"], { home, env, cwd: project });
    assert.equal(result.exitCode, 0, result.stderr || result.stdout);
    report = reportOf(result);
  });

  it("prints one document and nothing else", () => {
    assert.equal(result.stderr, "");
    const fields =
      "stack target simulated live engine seconds memoryMiB operations resources policy retained orphans quotas standIns mayReplace state";
    assert.deepEqual(Object.keys(report).sort(), fields.split(" ").sort());
  });

  it("tells what was rehearsed, on which engine and clouds", () => {
    const { stack, target, simulated, live, engine, standIns, quotas } = report;
    assert.deepEqual({ stack, target, live, standIns }, { stack: "dev", target: "docker", live: false, standIns: [] });
    assert.deepEqual(simulated, ["docker", "docker-build", "random"]);
    assert.match(engine.version, /^\d+\.\d+\.\d+/);
    assert.ok(["PATH", "cache"].includes(engine.source), engine.source);
    assert.deepEqual(
      quotas.filter(({ used }) => used > 0),
      [],
    );
  });

  it("runs the operations in order, and the second up changes nothing", () => {
    assert.deepEqual(names(report), ["preview", "up", "up-again", "change-preview", "change-up", "destroy"]);
    const up = changes(report, "up");
    const existing = report.resources.total;
    assert.deepEqual(changes(report, "preview"), up);
    assert.deepEqual(up, { create: existing, update: 0, replace: 0, delete: 0, same: 0 });
    assert.deepEqual(changes(report, "up-again"), { create: 0, update: 0, replace: 0, delete: 0, same: existing });
    assert.deepEqual(changes(report, "change-preview"), changes(report, "change-up"));
    assert.ok((changes(report, "change-up")?.create ?? 0) > 0, "the capacity change creates containers");
    assert.equal(changes(report, "destroy")?.delete, existing + (changes(report, "change-up")?.create ?? 0));
    const spent = report.operations.reduce((sum, { seconds }) => sum + seconds, 0);
    assert.ok(spent > 0 && spent <= report.seconds);
  });

  it("counts the resources by type", () => {
    const { total, byType } = report.resources;
    assert.equal(
      total,
      Object.values(byType).reduce((sum, count) => sum + count, 0),
    );
    assert.equal(byType["docker:index/network:Network"], 13);
    assert.equal(byType["pulumi:pulumi:Stack"], 1);
  });

  it("ran the policy pack", () => {
    assert.match(report.policy.pack ?? "", /^groundwork@\d/);
    assert.ok(report.policy.policies > 0);
    assert.deepEqual(mandatoryOf(report), []);
  });

  it("leaves no orphan, names what stays by design, and forgets the stack", () => {
    assert.deepEqual(report.orphans, []);
    assert.ok(report.retained.every(({ why }) => /keepLocally/.test(why)));
    const { backend, inventory, keys, lock, temporary } = foldersIn(home, project, "dev");
    for (const path of [backend, inventory, keys, lock, temporary]) assert.equal(existsSync(path), false, path);
  });

  it("leaves the exported deployment, whose secrets are encrypted", () => {
    const state: ExportedState = readState(report.state ?? "");
    assert.ok(report.state?.startsWith(home));
    const passwords = resourcesOf(state).filter(({ type }) => type.includes("randomPassword"));
    assert.equal(passwords.length, report.resources.byType["random:index/randomPassword:RandomPassword"]);
    for (const { outputs } of passwords) {
      assert.ok("ciphertext" in (outputs?.["result"] as object), "the generated password is encrypted");
    }
    assert.doesNotMatch(readFileSync(report.state ?? "", "utf8"), /"plaintext"/);
  });

  it("leaves the project's tree as it was, and writes nothing outside GROUNDWORK_HOME", async () => {
    assert.equal(await tree(), treeBefore);
    assert.deepEqual(readdirSync(user, { recursive: true }), ["tmp"]);
  });
});

describe("a rehearsal that is stopped", () => {
  const test = (project: string, ...args: string[]): string[] => [
    "rehearse",
    ...["--project", project, "--stack", "test", ...args],
  ];

  it("by a mandatory policy exits with 1 and tells the violation, in JSON and as text", async () => {
    const home = await temporaryHome();
    const unlimited = "config:\n  small:limits: false\n  small:containers: 1\n";
    const project = fixture("small", { "Pulumi.test.yaml": unlimited, "Pulumi.other.yaml": unlimited });
    const json = await groundwork(["rehearse", "--project", project, "--stack", "all", "--json"], { home });
    assert.equal(json.exitCode, 1);
    const reports = JSON.parse(json.stdout) as readonly RehearsalReport[];
    assert.deepEqual(
      reports.map(({ stack }) => stack),
      ["other", "test"],
    );
    for (const report of reports) {
      assert.deepEqual(names(report), ["preview"]);
      assert.equal(report.stopped?.operation, "preview");
      assert.match(report.stopped?.reason ?? "", /mandatory/);
      const violations = report.policy.violations.map(({ policy, level, urn, message }) => [
        ...[policy, level, urn?.split("::").at(-1)],
        /has no (CPU|memory) limit/.exec(message)?.[1],
      ]);
      assert.deepEqual(violations, [
        ["container-has-limits", "mandatory", "app-1", "CPU"],
        ["container-has-limits", "mandatory", "app-1", "memory"],
      ]);
    }

    const text = await groundwork(test(project), { home });
    assert.equal(text.exitCode, 1);
    assert.match(text.stdout, /mandatory {2}container-has-limits {2}.*app-1\n +.*has no memory limit/);
    assert.match(text.stdout, /Stopped at preview: /);
  });

  it("by a fault is picked up by the next one, kept on demand, listed, and torn down in the end", async () => {
    const home = await temporaryHome();
    const project = fixture("small", { "rehearsal.yaml": "" });
    const broken = await groundwork(test(project, "--json", "--fault", "power:after@*::app-1"), { home });
    assert.equal(broken.exitCode, 1, broken.stderr);
    assert.deepEqual(names(reportOf(broken)), ["preview", "up"]);
    assert.equal(reportOf(broken).stopped?.operation, "up");
    assert.match(reportOf(broken).stopped?.reason ?? "", /SIGKILL/);

    const kept = await groundwork(test(project, "--keep"), { home });
    assert.equal(kept.exitCode, 0, kept.stderr);
    assert.match(kept.stderr, /picking it up/);
    assert.match(kept.stderr, /\d pending create\(s\) had taken effect/);
    assert.match(kept.stdout, /Fine: everything is kept/);

    const inventory = ["inventory", "--project", project, "--stack", "test"];
    const listed = JSON.parse((await groundwork([...inventory, "--json"], { home })).stdout) as Listed[];
    assert.deepEqual(listed.map(({ type, urn }) => `${type} ${urn.split("::").at(-1)}`).sort(), [
      "docker:index/container:Container app-1",
      "docker:index/container:Container app-2",
      "docker:index/network:Network net",
      "docker:index/volume:Volume data",
    ]);
    const text = (await groundwork(inventory, { home })).stdout;
    assert.match(text, /^docker\/default\n/);
    for (const { id } of listed) assert.ok(text.split(/\s+/).includes(id), text);

    const last = await groundwork(test(project, "--json"), { home });
    assert.equal(last.exitCode, 0, last.stderr || last.stdout);
    assert.equal(changes(reportOf(last), "up")?.same, 6);
    assert.equal(changes(reportOf(last), "destroy")?.delete, 6);
    assert.deepEqual(reportOf(last).orphans, []);
    assert.match((await groundwork(inventory, { home })).stdout, /nothing exists/);
  });

  it("by Ctrl-C, or killed with all that it started, is picked up by the next one", async () => {
    const home = await temporaryHome();
    const project = fixture("small", { "rehearsal.yaml": "" });
    const { stack, lock, inventory } = foldersIn(home, project, "test");
    /** Starts a rehearsal and waits until its update has made this thing, whose cloud does not answer. */
    const hangAt = async (name: string) => {
      const rehearsal = groundwork(test(project, "--json", "--fault", `hang:after@*::${name}`), { home });
      await until(() => existsSync(inventory) && readFileSync(inventory, "utf8").includes(`::${name}"`));
      return { rehearsal };
    };

    const { rehearsal: interrupted } = await hangAt("net"); // which the containers wait for
    interrupted.kill("SIGINT");
    const ended = await interrupted;
    assert.equal(ended.exitCode, 1, ended.stderr);
    assert.deepEqual(reportOf(ended).stopped, { operation: "up", reason: "interrupted" });
    assert.deepEqual(reportOf(ended).orphans, []);
    assert.equal(existsSync(lock), false);
    assert.ok(resourcesOf(readState(join(stack, "end.json"))).length > 0, "the state is readable");

    const { rehearsal: killed } = await hangAt("app-2");
    const pid = killed.pid ?? assert.fail("it has no process number");
    const started = descendants(pid);
    killTree(pid);
    assert.equal((await killed).signal, "SIGKILL");
    await until(() => !started.some(isProcessAlive));
    assert.ok(existsSync(lock), "a killed rehearsal releases nothing");

    const last = await groundwork(test(project, "--json"), { home });
    assert.equal(last.exitCode, 0, last.stderr || last.stdout);
    assert.equal(changes(reportOf(last), "destroy")?.delete, 6);
    assert.deepEqual(reportOf(last).orphans, []);
  });

  it("by a kill in an update that writes its state at the end only, is forgotten by the next one", async () => {
    const home = await temporaryHome();
    const project = fixture("small", { "rehearsal.yaml": "" });
    const { unsaved, inventory } = foldersIn(home, project, "test");
    const kept = await groundwork(test(project, "--json", "--keep"), { home });
    assert.equal(kept.exitCode, 0, kept.stderr || kept.stdout);
    assert.ok(existsSync(inventory));
    assert.equal(existsSync(unsaved), false, "a kept rehearsal wrote its state at every step");

    writeFileSync(unsaved, ""); // what the kill leaves beside clouds that no state knows
    const last = await groundwork(test(project, "--json"), { home });
    assert.equal(last.exitCode, 0, last.stderr || last.stdout);
    assert.deepEqual(changes(reportOf(last), "up"), changes(reportOf(kept), "up"));
    assert.deepEqual(reportOf(last).orphans, []);
    for (const path of [unsaved, inventory]) assert.equal(existsSync(path), false, path);
  });
});
