import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DiffReport } from "@groundwork/lib/diff-report";
import { PRICES } from "@groundwork/lib/pricing/table";
import { execa } from "execa";
import { beforeEach, describe, it } from "mocha";
import { ensureHome, groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { assertRefused, groundwork, temporaryHome } from "../../helpers/command-line.ts";
import { fixture } from "../../helpers/fixtures.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { leaksOf } from "../../helpers/leaks.ts";

describe("the two sides of groundwork diff", function () {
  this.timeout(240_000);
  let project: string;
  let home: string;

  /** A repository with the project in a folder of it, as it was committed. */
  beforeEach(async () => {
    const repository = temporaryFolder();
    project = join(repository, "infrastructure");
    cpSync(join(groundworkRoot, "test/fixtures/small"), project, { recursive: true });
    symlinkSync(join(groundworkRoot, "node_modules"), join(project, "node_modules"));
    writeFileSync(join(repository, ".gitignore"), "node_modules\n");
    await execa("git", ["init", "--quiet", "--initial-branch", "main"], { cwd: repository });
    await commit();
    home = await temporaryHome();
  });

  async function git(...args: string[]): Promise<string> {
    return (await execa("git", args, { cwd: project })).stdout;
  }

  async function commit(): Promise<void> {
    await git("add", "--all");
    const person = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    await git(...person, "commit", "--quiet", "--message", "work");
  }

  function run(...args: string[]) {
    return groundwork(["diff", "--project", project, ...args], { home });
  }

  async function diff(...args: string[]): Promise<DiffReport> {
    const { exitCode, stdout, stderr } = await run("-s", "test", "--json", ...args);
    assert.equal(exitCode, 0, stderr);
    return JSON.parse(stdout) as DiffReport;
  }

  const changes = ({ resources }: DiffReport): string[] =>
    resources.changes.map(({ change, name }) => `${change} ${name}`);

  it("are the default branch and the working tree, with what git does not know yet", async () => {
    assert.equal((await diff()).changed, false);
    edit("Pulumi.test.yaml", "containers: 2", "containers: 3");
    const report = await diff();
    assert.deepEqual(changes(report), ["create app-3"]);
    assert.equal(report.base.label, "main");
    assert.equal(report.base.commit, await git("rev-parse", "HEAD"));
    assert.deepEqual(report.head, { label: "working tree" });
    assert.match(await git("status", "--porcelain"), /^ ?M \S*Pulumi\.test\.yaml$/);
  });

  it("are two commits, or one configuration and another", async () => {
    edit("Pulumi.test.yaml", "containers: 2", "containers: 1");
    await commit();
    assert.deepEqual(changes(await diff("--base", "HEAD~1", "--head", "HEAD")), ["delete app-2"]);
    const report = await diff("--set", "containers=2");
    assert.deepEqual(changes(report), ["create app-2"]);
    assert.deepEqual(report.head.set, { containers: "2" });
  });

  it("have the data that goes in the first line", async () => {
    edit("index.ts", 'name: "small-data"', 'name: "other-data"');
    const { stdout } = await run("-s", "test");
    assert.match(stdout.split("\n").slice(0, 3).join("\n"), /data at risk/i);
    const [first] = (await diff()).resources.changes;
    assert.deepEqual([first?.change, first?.stateful, first?.name], ["replace", true, "data"]);
  });

  it("may be empty, or huge", async () => {
    const empty = await diff("--set", "containers=0");
    assert.deepEqual(changes(empty).sort(), ["delete app-1", "delete app-2"]);
    const huge = await diff("--set", "containers=400");
    const comment = await run("-s", "test", "--markdown", "--set", "containers=400");
    assert.equal(huge.resources.counts.create, 398);
    assert.equal(comment.exitCode, 0, comment.stderr);
    // the longest comment that GitHub takes has 65,536
    assert.ok(comment.stdout.length < 60_000, String(comment.stdout.length));
    assert.match(comment.stdout, /398 to create|\+398/);
  });

  describe("that lock other packages", () => {
    /** A package beside the program, and a lock that knows it; the SDK is what is installed here, for want of a registry. */
    function lock(...names: readonly string[]): void {
      const here = join(groundworkRoot, "node_modules");
      const postinstall = `node -e "for (const name of ['@pulumi', '@groundwork']) require('fs').symlinkSync('${here}/' + name, 'node_modules/' + name)"`;
      const dependencies = Object.fromEntries(names.map((name) => [name, `file:${name}`]));
      const own = JSON.parse(readFileSync(join(project, "package.json"), "utf8")) as object;
      writeFileSync(join(project, "package.json"), JSON.stringify({ ...own, scripts: { postinstall }, dependencies }));
      const links: Record<string, object> = { "": { name: "small", hasInstallScript: true, dependencies } };
      for (const name of names) {
        links[name] = { version: "1.0.0" };
        links[`node_modules/${name}`] = { resolved: name, link: true };
      }
      const text = { name: "small", lockfileVersion: 3, requires: true, packages: links };
      writeFileSync(join(project, "package-lock.json"), JSON.stringify(text));
    }

    const greeting = (): void => {
      mkdirSync(join(project, "greeting"));
      const about = { name: "greeting", version: "1.0.0", type: "module", main: "index.js" };
      writeFileSync(join(project, "greeting/package.json"), JSON.stringify(about));
      writeFileSync(join(project, "greeting/index.js"), "export const greeting = 'hello';\n");
    };

    it("are deployed with their own", async () => {
      greeting();
      lock("greeting");
      edit("index.ts", "import { BadInput", 'import "greeting";\nimport { BadInput');
      await commit();
      edit("index.ts", 'import "greeting";\n', "");
      lock();
      edit("Pulumi.test.yaml", "containers: 2", "containers: 3");
      const told = await run("-s", "test");
      assert.equal(told.exitCode, 0, told.stderr);
      assert.match(
        told.stderr,
        /main locks other packages than those installed here: installing them \(npm ci\), once/,
      );
      assert.deepEqual(changes(await diff()), ["create app-3"]);
    });

    it("never touch what a link leads to that somebody has committed", async () => {
      const elsewhere = temporaryFolder({ "package/index.js": "" });
      const own = join(project, "node_modules");
      rmSync(own);
      symlinkSync(elsewhere, own);
      greeting();
      lock("greeting");
      await git("add", "--force", "node_modules");
      await commit();
      rmSync(own);
      symlinkSync(join(groundworkRoot, "node_modules"), own);
      lock();
      await diff();
      assert.ok(existsSync(join(elsewhere, "package/index.js")));
    });

    it("are refused where those cannot be installed", async () => {
      greeting();
      lock("greeting");
      edit("package.json", '"greeting":"file:greeting"', '"greeting":"file:greeting","other":"file:other"');
      await commit();
      lock();
      const told = await run("-s", "test");
      assert.deepEqual([told.exitCode, told.stdout], [2, ""], told.stderr);
      assert.match(
        told.stderr.split("\n").at(-1) ?? "",
        /^the packages that main \(\w{10}\) locks cannot be installed \(.*in sync.*\): make `npm ci` work for that commit, or name another one$/,
      );
    });
  });

  it("may have a stack that the other one does not have", async () => {
    writeFileSync(join(project, "Pulumi.other.yaml"), "config:\n  small:containers: 1\n");
    rmSync(join(project, "Pulumi.test.yaml"));
    const { exitCode, stdout, stderr } = await run("--json");
    assert.equal(exitCode, 0, stderr);
    const [other, test] = JSON.parse(stdout) as DiffReport[];
    assert.ok(other !== undefined && test !== undefined);
    assert.deepEqual([other.stack, other.resources.counts.create, other.resources.counts.same], ["other", 4, 0]);
    assert.match(other.notes.join("\n"), /is new/);
    assert.deepEqual([test.stack, test.resources.counts.delete, test.resources.counts.same], ["test", 5, 0]);
  });

  it("are read from the cache the second time", async () => {
    const first = await run("-s", "test", "--set", "containers=3");
    assert.match(first.stderr, /deploying the working tree/);
    const second = await run("-s", "test", "--set", "containers=3");
    assert.equal(second.stderr, "");
    assert.equal(withoutSeconds(second.stdout), withoutSeconds(first.stdout));
  });

  it("are made by one when two ask at the same time", async () => {
    const both = await Promise.all([
      run("-s", "test", "--set", "containers=3"),
      run("-s", "test", "--set", "containers=3"),
    ]);
    for (const { exitCode, stderr } of both) assert.equal(exitCode, 0, stderr);
    assert.equal(new Set(both.map(({ stdout }) => withoutSeconds(stdout))).size, 1);
    assert.equal(both.filter(({ stderr }) => stderr.includes("deploying the working tree")).length, 1);
  });

  it("leave nothing half when they are killed", async () => {
    const killed = run("-s", "test", "--set", "containers=3");
    while (!existsSync(join(home, "desired/drafts"))) await new Promise((resolve) => setTimeout(resolve, 50));
    killed.kill("SIGKILL");
    await killed;
    assert.deepEqual(changes(await diff("--set", "containers=3")), ["create app-3"]);
    assert.deepEqual(readdirSync(join(home, "desired/drafts")), []);
  });

  it("end at once when they are interrupted, with nothing left", async () => {
    const interrupted = run("-s", "test", "--set", "containers=3");
    while (!existsSync(join(home, "desired/drafts"))) await new Promise((resolve) => setTimeout(resolve, 50));
    interrupted.kill("SIGINT");
    const { exitCode, stderr } = await interrupted;
    assert.equal(exitCode, 1, stderr);
    assert.match(stderr, /interrupted: nothing was changed$/);
    assert.deepEqual(readdirSync(join(home, "desired/drafts")), []);
  });

  describe("are refused in one sentence", () => {
    it("when a ref is unknown", async () => {
      assertRefused(await run("--base", "mai"), "--base mai", 'did you mean "main"');
      assertRefused(await run("--head", "nothing-like-it"), "--head nothing-like-it");
    });

    it("when the head would leave out what is not committed", async () => {
      edit("Pulumi.test.yaml", "containers: 2", "containers: 3");
      assertRefused(
        await run("--base", "main", "--head", "HEAD"),
        "--head HEAD",
        "Pulumi.test.yaml",
        "leave --head out",
      );
    });

    it("when the base cannot be deployed", async () => {
      edit("index.ts", "const limits", 'throw new Error("no such thing");\n  const limits');
      await commit();
      edit("index.ts", 'throw new Error("no such thing");', "");
      const { exitCode, stdout, stderr } = await run("--base", "HEAD");
      assert.deepEqual([exitCode, stdout], [2, ""], stderr);
      assert.match(
        stderr.split("\n").at(-1) ?? "",
        /^the base \(HEAD\) of stack test cannot be deployed: .*no such thing/,
      );
    });

    it("when the head is refused by its own program", async () => {
      const { exitCode, stderr } = await run("--set", "containers=-1");
      assert.equal(exitCode, 2);
      assert.match(stderr.split("\n").at(-1) ?? "", /small:containers is -1: write 0 or more$/);
    });

    it("when a key, a stack or the repository is not there", async () => {
      assertRefused(await run("--set", "container=3"), "--set container", 'did you mean "containers"');
      assertRefused(await run("--set", "containers"), "--set containers", "key=value");
      assertRefused(await run("-s", "tes", "--set", "containers=3"), "--stack tes", 'did you mean "test"');
      const elsewhere = fixture("small");
      assertRefused(await groundwork(["diff", "--project", elsewhere], { home }), "in no git repository");
    });

    it("when both formats would be printed, or the prices are too old", async () => {
      assertRefused(await run("--json", "--markdown"), "--json and --markdown");
      const prices = join(temporaryFolder(), "prices.json");
      const table = JSON.parse(readFileSync(fileURLToPath(PRICES), "utf8")) as object;
      writeFileSync(prices, JSON.stringify({ ...table, date: "2020-01-01" }));
      assertRefused(await run("--prices", prices), "2020-01-01", "--allow-old-prices");
    });
  });

  function edit(file: string, from: string, to: string): void {
    const path = join(project, file);
    const old = readFileSync(path, "utf8");
    assert.ok(old.includes(from), `${file} has no ${from}`);
    writeFileSync(path, old.replace(from, to));
  }
});

describe("secrets in groundwork diff", () => {
  it("are in no report and no cached file", async function () {
    this.timeout(240_000);
    const canary = randomBytes(16).toString("hex");
    const home = temporaryFolder();
    mkdirSync(join(home, "cache"));
    // all but the engine itself is looked through
    symlinkSync(join(ensureHome(), "cache/engine"), join(home, "cache/engine"));
    const project = fixture("secrets");
    const args = ["diff", "--project", project, "--set", "malformed=none", "--json"];
    const { exitCode, stdout, stderr } = await groundwork(args, { home, env: { CANARY: canary } });
    assert.equal(exitCode, 0, stderr);
    const told = await groundwork([...args.slice(0, 3), "--set", "token=another"], { home });
    assertRefused(told, "--set token is a secret");
    assert.ok(readdirSync(join(home, "desired/results")).length >= 2);
    assert.deepEqual(
      leaksOf([{ name: "the canary", value: canary }], { folders: [home], texts: { stdout, stderr } }),
      [],
    );
  });
});

function withoutSeconds(text: string): string {
  return text.replace(/[\d.]+ s$/m, "");
}
