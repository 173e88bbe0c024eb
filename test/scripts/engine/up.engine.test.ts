import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";
import { engineEnvironment } from "../../../scripts/rehearsal/engine/index.ts";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { TinyProject } from "./tiny.ts";

describe("groundwork up", () => {
  let tiny: TinyProject;
  before(async () => {
    tiny = await TinyProject.make();
  });
  after(() => tiny.remove());
  beforeEach(() => tiny.configure({ size: 1 }));

  const up = (args: string[] = [], env: NodeJS.ProcessEnv = {}) =>
    execa(
      process.execPath,
      [join(groundworkRoot, "scripts/groundwork.ts"), "up", "-s", "dev", "--yes", "--project", tiny.root, ...args],
      {
        env: { ...engineEnvironment(tiny.engine, tiny.env), ...env },
        extendEnv: false,
        reject: false,
        stdin: "ignore",
      },
    );
  const resources = async (): Promise<number> => {
    const exported = JSON.parse(await tiny.pulumi("stack", "export", "--stack", "dev")) as {
      deployment: { resources?: unknown[] };
    };
    return exported.deployment.resources?.length ?? 0;
  };

  it("changes nothing when a mandatory policy is violated", async () => {
    const { exitCode, stdout } = await up([], { TINY_FORBID: "1" });
    assert.equal(exitCode, 1);
    assert.match(stdout, /mandatory no-child, child:/);
    assert.match(stdout, /nothing was changed/);
    assert.equal(await resources(), 0);
  });

  it("prints the program's refusal alone, with exit code 2", async () => {
    tiny.configure({ size: 1, mode: "refuse" });
    const { exitCode, stdout, stderr } = await up(["--json"]);
    assert.equal(exitCode, 2);
    assert.equal(stderr, "tiny:mode is refuse: write fine instead");
    assert.equal(stdout, "");
  });

  it("names the existing stacks when there is none of that name", async () => {
    const { exitCode, stderr } = await up(["--json", "-s", "nope"]);
    assert.equal(exitCode, 2);
    assert.match(stderr, /^--stack nope does not exist in this backend \(there are dev\)/);
  });

  it("shows an error of the program, with exit code 1", async () => {
    tiny.configure({ size: 1, mode: "throw" });
    const { exitCode, stdout } = await up();
    assert.equal(exitCode, 1);
    assert.match(stdout, /boom/);
  });

  it("updates, then finds nothing to change", async () => {
    const first = await up(["--json"]);
    assert.equal(first.exitCode, 0, first.stderr);
    const document = JSON.parse(first.stdout) as {
      result: string;
      update: { changes: { create: number } };
      policy: { packs: { name: string }[] };
    };
    assert.equal(document.result, "updated");
    assert.equal(document.update.changes.create, 3);
    assert.deepEqual(
      document.policy.packs.map(({ name }) => name),
      ["tiny-pack"],
    );
    assert.equal(first.stderr, "");
    assert.equal(await resources(), 3);

    const second = await up();
    assert.equal(second.exitCode, 0);
    assert.match(second.stdout, /dev: nothing to change/);
  });
});
