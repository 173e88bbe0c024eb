import assert from "node:assert/strict";
import type { OperationResult } from "../../scripts/rehearsal/engine/index.ts";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { Session } from "../../scripts/rehearsal/session.ts";
import { copyProject } from "../../scripts/rehearsal/workspace.ts";
import { matches } from "../../policies/framework/stack.ts";
import { pack } from "../../policies/pack.ts";
import { temporaryFolder } from "../helpers/folder.ts";
import { NOT_LOOKED_AT } from "./not-looked-at.ts";

const STACKS = ["dev", "swarm", "prod"];

/** What the whole program is going to be, asked of the real engine: no list of types or exemptions can go stale behind it. */
describe("the pack over our own environments", () => {
  const project = temporaryFolder();
  const types = new Set<string>();

  before(async () => {
    await copyProject(groundworkRoot, project);
  });

  async function preview(stack: string): Promise<OperationResult> {
    const session = await Session.open({ project, stack, checkpoints: false, progress: () => undefined });
    try {
      return await session.operate("preview", "preview", true);
    } finally {
      await session.close();
    }
  }

  for (const stack of STACKS) {
    it(`finds no mandatory violation in ${stack}`, async function () {
      this.timeout(300_000);
      const { exitCode, violations, steps, stderr, badInput } = await preview(stack);
      const mandatory = violations.filter(({ level }) => level === "mandatory");
      assert.deepEqual(
        mandatory.map(({ policy, urn, message }) => `${policy} ${urn.split("::").at(-1) ?? ""}: ${message}`),
        [],
      );
      assert.equal(exitCode, 0, badInput ?? stderr);
      for (const { type, new: made } of steps) if (made?.custom === true) types.add(type);
    });
  }

  it("looks at every type of resource that they create, or the list says why not", () => {
    assert.ok(types.size > 100, "the previews above come first");
    // those on names, tags and regions look at everything and know nothing of it
    const lookedAt = pack.filter(({ family }) => family !== "hygiene").flatMap(({ types: looked }) => looked);
    const seen = [...types].sort();
    const missed = seen.filter((type) => !matches(type, lookedAt) && !Object.hasOwn(NOT_LOOKED_AT, type));
    assert.deepEqual(
      missed,
      [],
      "write a policy, or the reason why none is needed into test/policies/not-looked-at.ts",
    );
    const stale = Object.keys(NOT_LOOKED_AT).filter((type) => matches(type, lookedAt) || !types.has(type));
    assert.deepEqual(stale, [], "a policy looks at it now, or no stack creates it: take it from the list");
  });
});
