import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";
import { groundworkRoot } from "../../../scripts/rehearsal/home.ts";

const command = join(groundworkRoot, "scripts", "groundwork.ts");
const groundwork = (...args: string[]) =>
  execa(process.execPath, [command, ...args], { reject: false, stdin: "ignore", cwd: groundworkRoot });

describe("the groundwork command line", () => {
  const refused: [string, string[], RegExp][] = [
    ["an unknown command", ["nonsense"], /unknown command 'nonsense'/],
    ["a mistyped command", ["reherse"], /Did you mean rehearse\?/],
    ["an unknown flag", ["up", "-s", "dev", "--forse"], /unknown option '--forse'/],
    ["a missing flag", ["up"], /'-s, --stack <name>' not specified/],
    ["an argument too many", ["up", "-s", "dev", "extra"], /too many arguments/],
    ["a folder without a project", ["up", "-s", "dev", "--yes", "--project", "lib"], /lib holds no Pulumi\.yaml/],
    ["a question with nobody to answer it", ["up", "-s", "dev"], /no terminal to ask on: add --yes/],
  ];
  for (const [what, args, message] of refused) {
    it(`refuses ${what} in one sentence with exit code 2`, async () => {
      const { exitCode, stderr, stdout } = await groundwork(...args);
      assert.equal(exitCode, 2);
      assert.match(stderr, message);
      assert.equal(stderr.split("\n").length, 1);
      assert.equal(stdout, "");
    });
  }

  it("shows its help on standard output, with examples, for itself and each command", async () => {
    for (const args of [["--help"], ["up", "--help"], ["rehearse", "--help"], ["recover", "--help"]]) {
      const { exitCode, stdout } = await groundwork(...args);
      assert.equal(exitCode, 0);
      assert.match(stdout, /Examples:\n {2}\$ groundwork /);
      assert.match(stdout, /Exit codes:/);
    }
  });

  it("shows its help and refuses when no command is named", async () => {
    const { exitCode, stderr } = await groundwork();
    assert.equal(exitCode, 2);
    assert.match(stderr, /Usage: groundwork/);
  });

  it("takes a closed pipe as no error", async () => {
    const { exitCode, stderr } = await execa("sh", ["-c", `"${process.execPath}" "${command}" --help | true`], {
      reject: false,
    });
    assert.equal(exitCode, 0);
    assert.equal(stderr, "");
  });
});
