import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "mocha";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { copyProject } from "../../../scripts/rehearsal/workspace.ts";
import {
  assertRefused,
  foldersIn,
  groundwork,
  reportOf,
  shareCache,
  temporaryHome,
} from "../../helpers/command-line.ts";
import { fixture } from "../../helpers/fixtures.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { smallDisk } from "../../helpers/small-disk.ts";
import { until } from "../engine/tiny.ts";

/** Asserts that the refused rehearsal left nothing that a later one would find. */
function assertNothingMade(home: string, project: string, stack: string): void {
  const { backend, inventory, keys, lock, temporary } = foldersIn(home, project, stack);
  for (const path of [backend, inventory, keys, lock, temporary]) assert.equal(existsSync(path), false, path);
}

describe("bad input to groundwork rehearse", () => {
  let home: string;
  before(async () => {
    home = await temporaryHome();
  });
  const rehearse = (project: string, stack: string, ...args: string[]) =>
    groundwork(["rehearse", "--project", project, "--stack", stack, "--json", ...args], { home });

  describe("that this repository's own program refuses", () => {
    const project = join(temporaryFolder(), "copy");
    const dev = readFileSync(join(groundworkRoot, "Pulumi.dev.yaml"), "utf8");
    const prod = readFileSync(join(groundworkRoot, "Pulumi.prod.yaml"), "utf8");
    const scraper = (override: string) => `${dev}  groundwork:workloads: { tracks: { scraper: { ${override} } } }\n`;

    /** What is wrong, the stack file that has it, and what the one sentence must name. */
    const refused: readonly (readonly [what: string, stack: string, text: string, ...named: string[]])[] = [
      ["an unknown config key", "key", `${dev}  groundwork:sizes: full\n`, "sizes", "size"],
      ["a wrong unit", "unit", scraper("memory: 512 MB"), "workloads.tracks.scraper.memory", "512 MB", "Mi"],
      ["a negative replica count", "replicas", scraper("replicas: -1"), "workloads.tracks.scraper.replicas", "-1"],
      ["an unknown system", "system", dev.replace("tracks, ", "trax, "), "trax", "tracks"],
      ["an unknown region", "region", prod.replace("us-east-1", "us-east-7"), "us-east-7", "us-east-1"],
      ["overlapping CIDRs", "cidr", prod.replace("10.1.0.0/16", "10.0.128.0/17"), "10.0.128.0/17", "10.0.0.0/16"],
    ];

    before(async () => {
      await copyProject(groundworkRoot, project);
      for (const [, stack, text] of refused) writeFileSync(join(project, `Pulumi.${stack}.yaml`), text);
    });

    for (const [what, stack, , ...named] of refused) {
      it(`refuses ${what}`, async () => {
        assertRefused(await rehearse(project, stack), ...named);
        assertNothingMade(home, project, stack);
      });
    }
  });

  describe("that needs no program to be refused", () => {
    let project: string;
    before(() => {
      project = fixture("small", {
        "Pulumi.broken.yaml": "config:\n  small:containers: [\n",
        "Pulumi.list.yaml": "- small:containers\n",
        "Pulumi.placeholder.yaml": "config:\n  small:containers: <how-many>\n",
        "Pulumi.type.yaml": "config:\n  small:containers: many\n",
      });
      mkdirSync(join(project, "Pulumi.folder.yaml"));
    });

    const stacks: readonly (readonly [what: string, stack: string, ...named: string[]])[] = [
      ["broken YAML", "broken", "Pulumi.broken.yaml", "line "],
      ["a stack file without keys", "list", "Pulumi.list.yaml", "config:"],
      ["a stack file that cannot be read", "folder", "Pulumi.folder.yaml", "EISDIR"],
      ["a stack that does not exist", "prd", "--stack prd", "broken, folder, list, placeholder, test, type"],
      ["a placeholder that nobody filled in", "placeholder", "small:containers", "<how-many>", "<domain>"],
      ["a value of the wrong type", "type", "containers", "integer"],
    ];
    for (const [what, stack, ...named] of stacks) {
      it(`refuses ${what}`, async () => {
        assertRefused(await rehearse(project, stack), ...named);
        assertNothingMade(home, project, stack);
      });
    }

    const flags: readonly (readonly [what: string, args: string[], ...named: string[]])[] = [
      ["a fault of no known kind", ["--fault", "explode@#1"], "explode@#1", "<fail|hang|throttle|power>"],
      ["a fault that strikes nothing", ["--fault", "fail@vpc"], "fail@vpc", "type token"],
      ["a change without a value", ["--change", "containers"], "--change containers", "key=value"],
      ["a change that is no YAML", ["--change", "containers=["], "--change containers", "not YAML"],
      ["a change of a key that is none", ["--change", "=3"], "--change =3", "key=value"],
      ["a timeout that is none", ["--timeout", "soon"], "--timeout soon", "15"],
      ["an unknown flag", ["--lively"], "--lively"],
      ["a project that is none", ["--project", "/nowhere"], "/nowhere", "Pulumi.yaml"],
    ];
    for (const [what, args, ...named] of flags) {
      it(`refuses ${what}`, async () => {
        assertRefused(await rehearse(project, "test", ...args), ...named);
        assertNothingMade(home, project, "test");
      });
    }

    it("refuses a change that the program refuses, and forgets what it had deployed until then", async () => {
      assertRefused(await rehearse(project, "test", "--change", "containers=-1"), "containers is -1", "0 or more");
      assertNothingMade(home, project, "test");
    });

    it("refuses a home that nothing can be written to", async () => {
      const file = join(temporaryFolder({ file: "" }), "file");
      const result = await groundwork(["rehearse", "--project", project, "-s", "test", "--json"], { home: file });
      assertRefused(result, file, "GROUNDWORK_HOME");
    });
  });
});

describe("what keeps a rehearsal from starting", () => {
  const args = (project: string): string[] => ["rehearse", "--project", project, "-s", "test", "--json"];

  it("is another rehearsal of the same stack: the second one names who holds it", async () => {
    const home = await temporaryHome();
    const project = fixture("small");
    const first = groundwork([...args(project), "--fault", "hang:after@*::data"], { home });
    const { inventory } = foldersIn(home, project, "test");
    await until(() => existsSync(inventory) && readFileSync(inventory, "utf8").includes("::data"));
    try {
      assertRefused(await groundwork(args(project), { home }), "stack test", `process ${first.pid}`, "wait");
      const list = ["inventory", "--project", project, "-s", "test", "--json"];
      assertRefused(await groundwork(list, { home }), "stack test", `process ${first.pid}`);
    } finally {
      first.kill("SIGINT");
      await first;
    }
  });

  it("is a full disk, from the start or in the middle: once there is space again, the next one ends well", async () => {
    using disk = smallDisk(4);
    const home = disk.folder;
    const project = fixture("small", { "rehearsal.yaml": "" });
    await shareCache(home);

    disk.fill();
    assertRefused(await groundwork(args(project), { home }), "disk", home, "free some space");
    disk.empty();
    assertNothingMade(home, project, "test");

    const kept = await groundwork([...args(project), "--keep"], { home });
    assert.equal(kept.exitCode, 0, kept.stderr);
    const second = groundwork(args(project), { home });
    // Pulumi's own lock: it is updating
    const locks = join(foldersIn(home, project, "test").backend, ".pulumi/locks/organization/small/test");
    await until(() => existsSync(locks) && readdirSync(locks).length > 0);
    disk.fill();
    assertRefused(await second, "disk", home, "free some space");
    disk.empty();

    const last = await groundwork(args(project), { home });
    assert.equal(last.exitCode, 0, last.stderr || last.stdout);
    assert.deepEqual(reportOf(last).orphans, []);
  });

  it("is a machine without a Pulumi CLI, without Go to build one, and without a way to download it", async () => {
    const home = temporaryFolder();
    const project = fixture("small");
    // a port that nothing listens on: every download is refused at once, whatever this machine can reach
    const refusing = "http://127.0.0.1:9";
    const env = {
      PATH: temporaryFolder(),
      NODE_USE_ENV_PROXY: "1",
      HTTPS_PROXY: refusing,
      https_proxy: refusing,
      NO_PROXY: "",
      no_proxy: "",
    };
    const result = await groundwork(args(project), { home, env });
    assertRefused(result, "no Pulumi CLI", "get.pulumi.com cannot be reached", "Go ", "not on PATH", "install");
    assertNothingMade(home, project, "test");
    assert.deepEqual(readdirSync(join(home, "cache/engine")), []);
  });
});
