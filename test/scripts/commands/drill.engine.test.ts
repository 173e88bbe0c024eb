import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DrillReport } from "@groundwork/lib/drill-report";
import { parseDocument } from "yaml";
import { killTree } from "../../../scripts/rehearsal/engine/processes.ts";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { copyProject } from "../../../scripts/rehearsal/workspace.ts";
import { assertRefused, foldersIn, groundwork, temporaryHome } from "../../helpers/command-line.ts";
import { temporaryFolder } from "../../helpers/folder.ts";

const PAGE = readFileSync(join(groundworkRoot, "docs/region-loss.md"), "utf8");

describe("groundwork drill", () => {
  const project = temporaryFolder();
  let home: string;

  before(async () => {
    await copyProject(groundworkRoot, project);
    const file = join(project, "Pulumi.prod.yaml");
    const document = parseDocument(readFileSync(file, "utf8"));
    // one system shows it all, and is there in a fifth of the time
    document.setIn(["config", "groundwork:systems"], document.createNode(["finai-nexus"]));
    writeFileSync(file, document.toString());
    home = await temporaryHome();
  });

  it("says in its help what it does, and refuses stacks and regions that it cannot lose", async function () {
    this.timeout(120_000);
    const help = await groundwork(["drill", "--help"], { home });
    assert.equal(help.exitCode, 0);
    assert.match(help.stdout, /groundwork drill -s prod --region us-east-1 --json/);
    assertRefused(
      await groundwork(["drill", "-s", "dev", "--project", project], { home }),
      "dev has no regions",
      "prod",
    );
    const wrong = await groundwork(["drill", "-s", "prod", "--region", "eu-west-1", "--project", project], { home });
    assertRefused(wrong, "--region eu-west-1 is not a region of prod", "us-west-2, us-east-1");
    assertRefused(await groundwork(["drill", "-s", "nowhere", "--project", project], { home }), "nowhere");
    const runbook = ["runbook", "promote", "-s", "prod", "--region", "us-east-1", "--project", project, "--rehearsed"];
    assertRefused(await groundwork(runbook, { home }), "has not been rehearsed here");
  });

  it("goes on where a killed drill left the stack, loses the region, lets the other take over, and leaves nothing", async function () {
    this.timeout(900_000);
    const command = ["drill", "-s", "prod", "--project", project];
    // one that is to be kept writes down each step
    const told = await killedAfter("taken over:", groundwork([...command, "--keep"], { home }));
    assert.match(told, /Make us-east-1 the writer of the global database groundwork-prod-finai-nexus\. \(done\)/);

    const result = await groundwork([...command, "--json"], { home });
    assert.equal(result.exitCode, 0, `${result.stderr}\n${result.stdout}`);
    const report = JSON.parse(result.stdout) as DrillReport;
    assert.deepEqual([report.region, report.takesOver, report.stopped], ["us-west-2", "us-east-1", undefined]);
    assert.deepEqual(report.orphans, []);
    const changes = Object.fromEntries(report.steps.map(({ name, what }) => [name, what]));
    assert.equal(changes["taken over, again"], "up: nothing changed");
    assert.equal(changes["caught up, again"], "up: nothing changed");
    assert.match(changes["torn down"] ?? "", /^destroy: \d+ delete$/);

    const [way] = report.traffic;
    assert.ok(way !== undefined && way.proxied);
    assert.deepEqual([way.from, way.to], ["us-west-2", "us-east-1"]);
    // 3 tries of 5 s, and at most the minute between two checks before them
    assert.deepEqual(way.seconds, { least: 15, most: 75 });
    assert.ok(report.health.unhealthy.some(({ type, says }) => /LoadBalancerPool$/.test(type) && says === "Critical"));
    const space = report.replicas.find(({ namespace }) => namespace === "finai-nexus");
    assert.equal(space?.fits, true, space?.why);
    const backend = space.workloads.find(({ name }) => name === "backend");
    assert.deepEqual(backend, { name: "backend", lost: 5, least: 3, most: 20, fits: true });
    const [system] = report.systems;
    assert.equal(system?.rtoReads, 75);
    assert.ok(system.rtoWrites > system.rtoReads);
    assert.ok(system.lost.some(({ what, seconds }) => what.startsWith("writes to the database") && seconds === 1));
    assert.equal(system.rpo, Math.max(...system.lost.map(({ seconds }) => seconds)));
    for (const { source } of [...system.reads, ...system.writes, ...system.lost]) assert.notEqual(source, "");
    const config = report.promotion.flatMap(({ how }) => ("config" in how ? Object.entries(how.config) : []));
    assert.ok(config.some(([key, value]) => key === "unreachable.us-west-2" && value === "skip"));
    assert.ok(!existsSync(foldersIn(home, project, "prod").backend), "nothing is left behind");
  });

  it("leaves the steps behind, which `groundwork runbook` prints", async function () {
    this.timeout(60_000);
    const promote = ["runbook", "promote", "-s", "prod", "--project", project, "--rehearsed", "--region"];
    const printed = await groundwork([...promote, "us-east-1"], { home });
    assert.equal(printed.exitCode, 0, printed.stderr);
    assert.match(printed.stdout, /^# us-east-1 takes over in prod$/m);
    assert.match(printed.stdout, /^aws rds failover-global-cluster --region us-east-1 /m);
    assert.match(printed.stdout, /# under groundwork:regions, where name is us-east-1\nrole: primary/);
    assert.match(printed.stdout, /groundwork:unreachable:\n {2}us-west-2: skip/);
    assert.equal(spaced(runbookOf(PAGE)), spaced(printed.stdout), "docs/region-loss.md has the steps as they are");
    assertRefused(await groundwork([...promote, "us-west-2"], { home }), "cannot take over", "us-east-1");
    assert.ok(existsSync(join(foldersIn(home, project, "prod").stack, "deployment.json")));
  });
});

/** The page has the runbook without its title, below a heading of its own. */
function runbookOf(page: string): string {
  const [, body = ""] = page.split(/<!-- \/?runbook -->/);
  return `# us-east-1 takes over in prod\n${body.replaceAll(/^### /gm, "## ")}`;
}

function spaced(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

/** Ends a command and all that it started, as a power cut does, once it has told something; what it told until then. */
async function killedAfter(sign: string, running: ReturnType<typeof groundwork>): Promise<string> {
  let told = "";
  const isTold = new Promise<void>((resolve) => {
    running.stderr.on("data", (chunk: Buffer) => {
      told += chunk.toString();
      if (told.includes(sign)) resolve();
    });
  });
  await Promise.race([isTold, running]);
  if (running.pid !== undefined) killTree(running.pid);
  await running;
  return told;
}
