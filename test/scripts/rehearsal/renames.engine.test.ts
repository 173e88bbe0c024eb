import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { Session } from "../../../scripts/rehearsal/session.ts";
import { fixture } from "../../helpers/fixtures.ts";
import { lost } from "../../helpers/lost.ts";

describe("a resource that keeps data and is renamed", () => {
  let project: string;

  async function run(command: "up" | "preview", config: Readonly<Record<string, string>>) {
    const session = await Session.open({ project, stack: "test", progress: () => undefined });
    try {
      session.configure(config);
      const result = await session.operate(command, command, false);
      const message = result.diagnostics.map((diagnostic) => diagnostic.message).join("\n") + result.stderr;
      return { exitCode: result.exitCode, message, lost: lost(result.steps) };
    } finally {
      await session.close();
    }
  }

  before(async () => {
    project = fixture("small");
    assert.equal((await run("up", {})).exitCode, 0);
  });

  it("is refused without an alias: what it was would be deleted, and still has the name", async () => {
    const { exitCode, message } = await run("preview", { volume: "documents", formerly: "" });
    assert.notEqual(exitCode, 0);
    assert.match(message, /a volume with that name exists already[^]*small-data/);
  });

  it("stays with one", async () => {
    const renamed = { volume: "documents", formerly: "data" };
    for (const command of ["preview", "up"] as const)
      assert.deepEqual(await run(command, renamed), { exitCode: 0, message: "", lost: [] });
    const after = await run("preview", { ...renamed, formerly: "" });
    assert.deepEqual([after.exitCode, after.lost], [0, []], "it has the new name now");
  });
});
