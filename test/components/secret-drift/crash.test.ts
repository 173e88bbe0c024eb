import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { EXIT_CRASHED, describeCrash } from "../../../components/secret-drift/checker/crash.ts";
import { temporaryFolder } from "../../helpers/folder.ts";
import { leaksOf } from "../../helpers/leaks.ts";

const CRASH = join(import.meta.dirname, "../../../components/secret-drift/checker/crash.ts");
const HIDDEN = [
  { name: "the value", value: 'canary/of "a value"+é' },
  { name: "the token", value: "canary-of-a-token" },
];
const [VALUE, TOKEN] = HIDDEN.map(({ value }) => value);

describe("a checker that crashes", function () {
  this.timeout(60_000);
  const throwing: Readonly<Record<string, string>> = {
    "with a value in the message": "throw new Error(`bad ${value}`)",
    "with a value in a property": "throw Object.assign(new TypeError('bad'), { body: value, code: value })",
    "with a value in its cause": "throw new Error('bad', { cause: new Error(value) })",
    "with a value as its name": "throw Object.assign(new Error('bad'), { name: value, message: value })",
    "with many errors": "throw new AggregateError([new Error(value)], value)",
    "with a value and nothing else": "throw value",
    "with a parser's error": "JSON.parse(`{${value}`)",
    "with lines that look like a stack": "throw new Error(`bad\\n    at /a/${value}:1:1`)",
    "in a promise that nobody awaits": "Promise.reject(new Error(value))",
    "in a promise with a value": "Promise.reject({ value })",
  };
  for (const [title, code] of Object.entries(throwing)) {
    it(`${title}, tells where and not what`, async () => {
      const folder = temporaryFolder();
      const script = `
        import { hideCrashes } from ${JSON.stringify(CRASH)};
        hideCrashes();
        const value = Buffer.from(${JSON.stringify(Buffer.from(VALUE ?? "").toString("hex"))}, "hex").toString();
        globalThis.kept = { value };
        setImmediate(() => { ${code.replaceAll("value", "globalThis.kept.value").replace("{ globalThis.kept.value }", "{ a: globalThis.kept.value }")} });
        setTimeout(() => undefined, 10_000);
      `;
      const flags = ["--report-uncaught-exception", "--report-on-fatalerror", `--report-directory=${folder}`];
      const { exitCode, stdout, stderr } = await execa(
        process.execPath,
        [...flags, "--input-type=module", "--eval", script],
        { reject: false, env: { STORE_TOKEN: TOKEN ?? "" } },
      );
      assert.equal(exitCode, EXIT_CRASHED, stderr);
      assert.match(
        stderr,
        /^the checker stopped on an error that it does not know \([\w ]+\), whose text is not shown/,
      );
      const [report] = readdirSync(folder);
      assert.ok(report, "Node was told to write a report");
      const { header } = JSON.parse(readFileSync(join(folder, report), "utf8")) as { header: { trigger: string } };
      assert.ok(header.trigger);
      // the hex of the value is in the command line here, which is the test's own
      const text = readFileSync(join(folder, report), "utf8").replaceAll(Buffer.from(VALUE ?? "").toString("hex"), "");
      assert.deepEqual(leaksOf(HIDDEN, { folders: [], texts: { stdout, stderr, report: text } }), []);
    });
  }

  it("tells the class, the code and the frames", () => {
    const told = describeCrash(Object.assign(new RangeError("canary"), { code: "ERR_OUT_OF_RANGE" }));
    assert.match(told, /\(RangeError ERR_OUT_OF_RANGE\)/);
    assert.match(told, /\n {4}at .*crash\.test\.ts:\d+:\d+/);
    assert.ok(!told.includes("canary"));
    assert.throws(
      () => readFileSync("/nowhere/at/all"),
      (error) => /\(Error ENOENT "\/nowhere\/at\/all"\)/.test(describeCrash(error)),
    );
    const changed = new Error("first");
    changed.message = "canary";
    assert.ok(!describeCrash(changed).includes("first"));
  });
});
