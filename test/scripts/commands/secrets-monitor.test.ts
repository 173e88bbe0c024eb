import assert from "node:assert/strict";
import { once } from "node:events";
import { join } from "node:path";
import { execa } from "execa";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { assertRefused } from "../../helpers/command-line.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { leaksOf } from "../../helpers/leaks.ts";

const CANARY = 'canary "with" <all> sorts/of+characters & é';

interface Line {
  readonly open: number;
  readonly opened: number;
  readonly failure?: string;
}

describe("groundwork secrets monitor", () => {
  const folder = temporaryFolder();
  const home = join(folder, "home");
  const said: Record<string, string> = {};
  const options = { cwd: folder, env: { GROUNDWORK_HOME: home, HISTORY: "h.db", MAPPING: "secrets.yaml" } };

  const program = (script: string, args: readonly string[], input = "") => {
    const child = execa(process.execPath, [join(groundworkRoot, script), ...args], {
      ...options,
      input,
      reject: false,
    });
    void child.then(({ stdout, stderr }) => (said[`${Object.keys(said).length} ${args.join(" ")}`] = stdout + stderr));
    return child;
  };
  const secrets = (args: readonly string[], input = "") =>
    program("scripts/groundwork.ts", ["secrets", ...args], input);
  const checker = (...args: string[]) => program("components/secret-drift/checker/main.ts", args);
  /** Until its first round has ended. */
  const first = async (child: ReturnType<typeof checker>) => {
    assert.ok(child.stdout);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    return JSON.parse(line.toString()) as Line;
  };

  before(async () => {
    await secrets(["init"]);
    await secrets(["set", "database.password"], CANARY);
  });

  it("tells each round in a line, and ends with what the last one found", async () => {
    const { stdout, exitCode } = await secrets(["monitor", "--rounds", "2", "--every", "0.1"]);
    assert.equal(exitCode, 1);
    const [one = "", two = ""] = stdout.split("\n");
    assert.match(one, /1 of 1 secret not in step; new: missing database-password \(copy /);
    assert.match(two, /1 of 1 secret not in step \(\d/);
    const asOption = await secrets(["--monitor", "--rounds", "1", "--json"]);
    assert.equal((JSON.parse(asOption.stdout) as Line).open, 1);
    const history = await secrets(["history"]);
    assert.match(history.stdout, /day +rounds +new +gone +open +copy p50 \/ p95, ms/);
    assert.match(history.stdout, /\d{4}-\d\d-\d\d +3 +1 +0 +1 /);
  });

  it("says whether it works", async () => {
    const idle = await secrets(["--health-check"]);
    assert.equal(idle.exitCode, 1);
    assert.match(idle.stdout, /^local answers .*\ncopy answers .*\nno monitor works with this history now/);
    assertRefused(await secrets(["--health-check", "check"]), "--health-check", "check");
  });

  it("works from the checker's own program, alone with its history, until it is told to end or killed", async () => {
    const running = checker("monitor");
    assert.equal((await first(running)).opened, 1);
    assertRefused(await checker("monitor"), "another monitor", "h.db", String(running.pid));
    const health = await checker("health-check");
    assert.equal(health.exitCode, 0, health.stdout);
    assert.equal((await checker("health-check", "--monitor-only")).exitCode, 0);
    running.kill("SIGKILL");
    await running;
    assert.equal((await checker("health-check")).exitCode, 0, "its last round is young, and its lease lasts");
    const next = checker("monitor", "--port", "0");
    assert.equal((await first(next)).opened, 0);
    next.kill("SIGTERM");
    const ended = await next;
    assert.deepEqual([ended.exitCode, ended.signal], [0, undefined]);
    assert.match(ended.stderr, /page, API and metrics are at http:/);
    assert.equal((await checker("health-check", "--monitor-only")).exitCode, 1);
  });

  it("refuses what it cannot use", async () => {
    assertRefused(await secrets(["monitor", "--every", "5m"]), "--every", "5m", "0.1 to 1440");
    assertRefused(await secrets(["monitor", "--rounds", "0"]), "--rounds", "0");
    assertRefused(await secrets(["nothing"]), "nothing", "monitor");
    assertRefused(await checker("monitor", "--port", "70000"), "--port", "70000");
    assertRefused(await checker("watch"), "watch", "monitor");
    assertRefused(await checker("check", "--mapping", "none.yaml"), "none.yaml");
  });

  it("shows no value, nor leaves one on the disk", () => {
    assert.deepEqual(leaksOf([{ name: "canary", value: CANARY }], { folders: [folder], texts: said }), []);
  });
});
