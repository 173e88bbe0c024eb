import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { assertRefused, groundwork } from "../../helpers/command-line.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { program } from "../../helpers/server.ts";

const VALUE = "canary-a-long-password";
const NAMESPACE = "groundwork-approval";

function keygen(...args: readonly string[]): void {
  execFileSync(program("ssh-keygen", "openssh-client"), args, { stdio: ["ignore", "ignore", "pipe"] });
}

describe("signed approvals on the command line", function () {
  this.timeout(180_000);
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);

  before(() => {
    keygen("-q", "-t", "ed25519", "-N", "", "-f", at("bob"));
    writeFileSync(at("signers"), `bob@example.com ${readFileSync(at("bob.pub"), "utf8")}`);
  });

  it("are written, signed and taken", async () => {
    const home = at("home");
    const run = (...args: readonly string[]) => groundwork(["secrets", ...args], { home, cwd: folder });
    const ok = async (...args: readonly string[]) => {
      const { exitCode, stdout, stderr } = await run(...args);
      assert.equal(exitCode, 0, stderr);
      return stdout;
    };
    await ok("init");
    const mapping = readFileSync(at("secrets.yaml"), "utf8").replace("risk: medium", "risk: high");
    writeFileSync(at("secrets.yaml"), `${mapping}approvals: inbox\n`);
    assertRefused(await run("check"), 'approvals as "inbox": write approvers too');
    writeFileSync(at("secrets.yaml"), `${mapping}approvers: signers\n`);
    const { stdout: set, exitCode } = await run("set", "database.password");
    assert.equal(exitCode, 2, `standard input is empty: ${set}`);
    execFileSync(
      process.execPath,
      [join(import.meta.dirname, "../../../scripts/groundwork.ts"), "secrets", "set", "database.password"],
      {
        ...{ cwd: folder, env: { ...process.env, GROUNDWORK_HOME: home }, input: VALUE },
      },
    );
    const { stdout: proposals } = await run("heal", "--json");
    const [{ id = "" } = {}] = (JSON.parse(proposals) as { proposals: { id: string }[] }).proposals;
    assertRefused(await run("approve", id), id, "high risk", "--write <file>");
    assertRefused(await run("approve"), `no proposal is named: write one of ${id}`);
    assertRefused(await run("approve", "nothing"), "nothing", `write one of ${id}`);
    assertRefused(await run("approve", id, "--hours", "2"), "--hours 2 belongs to --write");
    assertRefused(await run("approve", id, "--write", "db.approval", "--hours", "1000"), "--hours is 1000", "1 to 168");
    assertRefused(await run("approve", id, "--file", "db.approval"), `leave out ${id}`);
    assertRefused(await run("approve", "--file", "db.approval"), "db.approval cannot be read (ENOENT)");
    assert.match(await ok("approve", id, "--write", "db.approval"), /ssh-keygen -Y sign -n groundwork-approval/);
    assertRefused(await run("approve", id, "--write", "db.approval"), "db.approval exists already");
    keygen("-q", "-Y", "sign", "-n", NAMESPACE, "-f", at("bob"), at("db.approval"));
    assert.match(await ok("approve", "--file", "db.approval"), new RegExp(`^bob@example.com has approved ${id}:`));
    assertRefused(await run("approve", "--file", "db.approval"), "db.approval was used before");
    assert.match(await ok("heal", "--apply"), /done: 1 place written and verified/);
  });
});
