import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { assertRefused } from "../../helpers/command-line.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { leaksOf } from "../../helpers/leaks.ts";

const CANARY = 'canary "with" <all> sorts/of+characters & é';
// put together here, so that this file has none
const TOKEN = ["ghp", "x7Kq2Lm9Zt4Bv8Nc1Rw5Sd3Fg6Hj0Py7Uk2Q"].join("_");

describe("groundwork secrets scan", function () {
  this.timeout(300_000);
  const folder = temporaryFolder();
  const home = join(folder, "home");
  const said: Record<string, string> = {};
  const repository = join(folder, "shop");

  async function secrets(args: readonly string[], { input = "", cwd = folder } = {}) {
    const result = await execa(process.execPath, [join(groundworkRoot, "scripts/groundwork.ts"), "secrets", ...args], {
      ...{ cwd, env: { GROUNDWORK_HOME: home }, reject: false, input },
    });
    said[`${args.join(" ")} ${Object.keys(said).length}`] = result.stdout + result.stderr;
    return result;
  }
  const git = (...args: readonly string[]) =>
    execFileSync("git", ["-C", repository, "-c", "user.name=a", "-c", "user.email=a@example.com", ...args]);
  const mapping = join(folder, "secrets.yaml");

  before(async () => {
    execFileSync("git", ["init", "-q", repository]);
    writeFileSync(join(repository, "config.env"), `DB=${encodeURIComponent(CANARY)}\n`);
    git("add", "--all");
    git("commit", "-q", "-m", "first");
    writeFileSync(join(repository, "config.env"), "DB=${DB}\n");
    writeFileSync(join(repository, "deploy.sh"), `\nTOKEN=${TOKEN}\n`);
    git("add", "--all");
    git("commit", "-q", "-m", "second");
    await secrets(["init"]);
    await secrets(["set", "database.password"], { input: CANARY });
  });

  it("tells what is where, in which encoding and since when, and remembers it", async () => {
    const { stdout, exitCode } = await secrets(["scan", "--repository", repository]);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^2 secrets found in 3 files and versions of files, 2 commits\.\n/);
    assert.match(stdout, /config\.env:1 \(earlier version\) +the value of database-password +url +[0-9a-f]{10} 20/);
    assert.match(stdout, /deploy\.sh:2 +github\/GITHUB_TOKEN +plain +[0-9a-f]{10} 20/);
    const again = await secrets(["scan", "--repository", repository, "--json"]);
    const { counts, exposures, searched } = JSON.parse(again.stdout) as {
      counts: { remembered: number };
      exposures: { secret?: string }[];
      searched: { count: number };
    };
    assert.deepEqual([counts.remembered, exposures.length, searched.count], [3, 2, 1]);
  });

  it("looks at the present repository where nothing is named, by rules alone where there is no mapping", async () => {
    const { stdout, exitCode } = await secrets(["scan", "--tree-only"], { cwd: repository });
    assert.equal(exitCode, 1);
    assert.match(stdout, /^1 secret found in 2 files\.[^]*There is no secrets\.yaml, so only rules were looked for\./);
    assertRefused(await secrets(["scan", "--mapping", "none.yaml"], { cwd: repository }), "none.yaml", "--mapping");
  });

  it("takes states, containers, logs and manifests, also from standard input", async () => {
    const inspected = JSON.stringify([{ Name: "/db", Config: { Env: [`PGPASSWORD=${CANARY}`] } }]);
    const container = await secrets(["scan", "--mapping", mapping, "--container", "-"], { input: inspected });
    assert.match(container.stdout, /standard input +the value of database-password +plain[^]*db[^]*PGPASSWORD/);
    writeFileSync(join(folder, "state.json"), JSON.stringify({ deployment: { resources: [] } }));
    writeFileSync(join(folder, "app.log"), "nothing\n");
    const clean = await secrets(["scan", "--state", "state.json", "--log", "app.log", "app.log"]);
    assert.deepEqual([clean.stdout, clean.exitCode], ["No secret found in 3 files.", 0]);
    writeFileSync(join(folder, "secret.yaml"), `kind: Secret\nmetadata: { name: a }\nstringData:\n  key: ${TOKEN}\n`);
    const manifests = await secrets(["scan", "--manifests", "secret.yaml", "--sarif"]);
    const { runs } = JSON.parse(manifests.stdout) as { runs: { results: { ruleId: string; locations: object[] }[] }[] };
    assert.deepEqual(runs[0]?.results.map(({ ruleId }) => ruleId).sort(), [
      "github/GITHUB_TOKEN",
      "groundwork/KubernetesSecret",
    ]);
    assert.match(JSON.stringify(runs[0]?.results[0]?.locations), /"uri":"secret\.yaml"\},"region":\{"startLine":4\}/);
  });

  it("leaves exceptions of the mapping and of the repository alone, and says when they have ended", async () => {
    const past = '{ path: deploy.sh, rule: github, reason: an example, until: "2020-01-01" }';
    writeFileSync(join(folder, "excepting.yaml"), `${readFileSync(mapping, "utf8")}exposure: { ignore: [${past}] }\n`);
    const args = ["scan", "--mapping", "excepting.yaml", "--repository", repository];
    const ended = await secrets(args);
    assert.match(ended.stdout, /The exception for github in deploy\.sh ended on 2020-01-01\./);
    writeFileSync(
      join(repository, ".exposure.yaml"),
      "ignore:\n  - { path: deploy.sh, rule: github, reason: an example }\n  - { path: config.env, rule: managed-value, reason: rotated }\n",
    );
    const excepted = await secrets(args);
    assert.match(excepted.stdout, /^No secret found in .* 2 findings left out by exceptions\./);
    assert.equal(excepted.exitCode, 0);
    appendFileSync(join(repository, ".exposure.yaml"), "  - { path: gone, rule: github, reason: an example }\n");
    assert.match((await secrets(args)).stdout, /\nThe exception for github in gone is of no use: take it out\./);
    const partly = await secrets(["scan", "--log", "../app.log"], { cwd: repository });
    assert.equal(
      partly.stdout,
      "No secret found in 1 file.\n\nThere is no secrets.yaml, so only rules were looked for.",
    );
    appendFileSync(join(repository, ".exposure.yaml"), "  - { path: x }\n");
    assertRefused(await secrets(args), ".exposure.yaml", "ignore[3].rule");
  });

  it("goes by rules alone, and has an exit code of its own, where the source cannot be asked", async () => {
    const text = readFileSync(mapping, "utf8").replace("secrets.age", "elsewhere.age");
    writeFileSync(join(folder, "elsewhere.yaml"), text);
    const { stdout, exitCode } = await secrets(["scan", "--mapping", "elsewhere.yaml", "--log", "secret.yaml"]);
    assert.equal(exitCode, 3);
    assert.match(stdout, /^1 secret found[^]*No managed value was looked for, since the source could not be asked: /);
  });

  it("refuses what it cannot use", async () => {
    assertRefused(await secrets(["scan", "/nowhere/at/all"]), "/nowhere/at/all", "ENOENT");
    assertRefused(await secrets(["scan", "--repository", home]), "no git repository");
    assertRefused(await secrets(["scan", "--json", "--sarif"]), "--json", "--sarif");
    assertRefused(await secrets(["scan", "app.log", "--tree-only"]), "--tree-only", "--repository");
    assertRefused(await secrets(["scan", "--state", "app.log"]), "app.log", "not valid JSON");
    assertRefused(await secrets(["scan", "--log", "-", "--state", "-"]), "standard input");
  });

  it("shows no value, nor leaves one on the disk", () => {
    const hidden = [CANARY, TOKEN].map((value) => ({ name: value, value }));
    assert.deepEqual(leaksOf(hidden, { folders: [home], texts: said }), []);
  });
});
