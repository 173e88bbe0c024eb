import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";
import { assertRefused } from "../../helpers/command-line.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { leaksOf } from "../../helpers/leaks.ts";

const CANARY = 'canary "with" <all> sorts/of+characters & é';

describe("groundwork secrets", function () {
  this.timeout(60_000);
  const folder = temporaryFolder();
  const home = join(folder, "home");
  const said: Record<string, string> = {};

  async function secrets(args: readonly string[], input: string | Uint8Array = "") {
    const result = await execa(process.execPath, [join(groundworkRoot, "scripts/groundwork.ts"), "secrets", ...args], {
      ...{ cwd: folder, env: { GROUNDWORK_HOME: home }, reject: false, input },
    });
    said[`${args.join(" ")} ${Object.keys(said).length}`] = result.stdout + result.stderr;
    return result;
  }

  it("makes what it needs, once", async () => {
    const { stdout, exitCode } = await secrets(["init"]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /secrets\.yaml.*secrets\.age.*copy\.age.*the key of the fingerprints in local\./);
    assert.equal((await secrets(["init"])).stdout, "Everything was there already.");
  });

  it("tells what is missing, and what would mend it", async () => {
    assert.equal((await secrets(["check"])).exitCode, 1);
    assert.equal((await secrets(["set", "database.password"], `${CANARY}\n`)).exitCode, 0);
    const check = await secrets(["check"]);
    assert.equal(check.exitCode, 1);
    assert.match(check.stdout, /^1 of 1 secret not in step\.\n[^]*missing +database-password +copy/);
    const { proposals } = JSON.parse((await secrets(["heal", "--json"])).stdout) as { proposals: { id: string }[] };
    const [proposal] = proposals;
    assert.ok(proposal);
    const waits = await secrets(["heal", "--apply"]);
    assert.equal(waits.exitCode, 1);
    assert.match(waits.stdout, /waits: medium risk: it needs an approval/);
    assert.equal((await secrets(["approve", proposal.id])).exitCode, 0);
    const healed = await secrets(["heal", "--apply"]);
    assert.match(healed.stdout, /done: 1 place written and verified/);
    assert.equal(healed.exitCode, 0);
  });

  it("is in step then, and remembers that it was not", async () => {
    const { stdout, exitCode } = await secrets(["check"]);
    assert.deepEqual([stdout, exitCode], ["1 secret in step.", 0]);
    assert.match((await secrets(["history"])).stdout, /missing +database-password/);
  });

  it("refuses what it cannot use", async () => {
    assertRefused(await secrets(["check", "--mapping", "none.yaml"]), "none.yaml", "--mapping");
    assertRefused(
      await secrets(["init", "--mapping", "none/secrets.yaml"]),
      "none/secrets.yaml",
      "ENOENT",
      "--mapping",
    );
    assertRefused(await secrets(["set", "nothing"], CANARY), "nothing", "database.password");
    assertRefused(await secrets(["set", "database.password"], "short"), "5 characters", "12");
    const bytes = Buffer.from([...Buffer.from("canary-long-enough"), 0xff, 0xfe]);
    assertRefused(await secrets(["set", "database.password"], bytes), "UTF-8", "base64");
    assertRefused(await secrets(["approve", "0000"]), "0000");
    writeFileSync(
      join(folder, "odd.yaml"),
      "source: { store: a, scope: b }\nstores: { a: { kind: vault } }\nsecrets: {}\n",
    );
    assertRefused(await secrets(["check", "--mapping", "odd.yaml"]), "odd.yaml", "stores.a.kind", "vault");
  });

  it("does not call healed what it has left", async () => {
    const mapping = readFileSync(join(folder, "secrets.yaml"), "utf8");
    const own = mapping.replaceAll("copy.age", "left.age").replace("risk: medium", "risk: low");
    const heal = (text: string, history: string) => {
      writeFileSync(join(folder, "left.yaml"), text);
      return secrets(["heal", "--apply", "--mapping", "left.yaml", "--history", history]);
    };
    writeFileSync(join(folder, "left.yaml"), own);
    assert.equal((await secrets(["init", "--mapping", "left.yaml", "--history", "left.db"])).exitCode, 0);
    assert.equal((await heal(own.replace("DATABASE_PASSWORD", "OLD"), "left.db")).exitCode, 0);
    // nothing is ever deleted, so the old name stays
    const scope = /scope: (\S*left\.age)/.exec(own)?.[1] ?? "";
    const managed = own.includes("\nmanaged:") ? own : `${own}managed: [{ store: copy, scope: "${scope}" }]\n`;
    const healed = await heal(managed, "other-left.db");
    assert.match(
      healed.stdout,
      /done: 1 place written and verified[^]*1 drift left: groundwork secrets check lists it\.$/,
    );
    assert.equal(healed.exitCode, 1);
  });

  it("has an exit code of its own for a store that cannot be asked", async () => {
    const mapping = readFileSync(join(folder, "secrets.yaml"), "utf8").replaceAll("copy.age", "elsewhere.age");
    writeFileSync(join(folder, "elsewhere.yaml"), mapping);
    const { exitCode, stdout } = await secrets(["check", "--mapping", "elsewhere.yaml", "--history", "other.db"]);
    assert.equal(exitCode, 3);
    assert.match(stdout, /^0 of 1 secret in step, 1 unknown, 1 scope could not be asked\./);
    assert.match(stdout, /could not be asked: copy .*elsewhere\.age does not exist/);
  });

  it("shows no value, nor leaves one on the disk", () => {
    assert.deepEqual(leaksOf([{ name: "canary", value: CANARY }], { folders: [folder], texts: said }), []);
  });
});
