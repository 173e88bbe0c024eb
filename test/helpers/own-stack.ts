import assert from "node:assert/strict";
import { URN_LABEL, URN_TAG, urnTagValue } from "@groundwork/lib/identity";
import { isAnnotated, isLabelled, isTagged } from "@groundwork/lib/taggable";
import { before, it } from "mocha";
import { type Scene, type Unbroken, assertConvergesThroughPoints, unbroken } from "./broken-runs.ts";
import { groundworkRoot } from "../../scripts/rehearsal/home.ts";
import type { ConfigChange } from "../../scripts/rehearsal/settings.ts";
import { copyProject } from "../../scripts/rehearsal/workspace.ts";
import { temporaryFolder } from "./folder.ts";

const POINTS = 10;
const CALLS_FAIL = ["fail:before", "fail:after", "throttle", "hang:before", "hang:after"];

/** Our own stack, as it is or with these changes, whose first `up` is broken at ten points spread over it. */
export function breakOwnStack(stack: string, config: ConfigChange = {}): void {
  const project = temporaryFolder();
  const scene: Scene = { project, stack, command: "up", config };
  let whole: Unbroken;

  before(async function () {
    this.timeout(300_000);
    await copyProject(groundworkRoot, project);
    whole = await unbroken(scene);
  });

  it("carries in every resource that can be tagged its URN", () => {
    const tagged = whole.state.filter(({ type }) => isTagged(type) || isLabelled(type) || isAnnotated(type));
    assert.ok(tagged.length > 0);
    for (const { urn, inputs } of tagged) assert.equal(tagOf(inputs), urnTagValue(urn), urn);
  });

  for (const effects of [["power:before"], ["power:after"], CALLS_FAIL]) {
    it(`converges from ${effects.join(", ")}`, async function () {
      this.timeout(900_000);
      await assertConvergesThroughPoints(scene, effects, POINTS, whole);
    });
  }
}

interface Tagged {
  readonly tags?: Readonly<Record<string, unknown>>;
  readonly labels?: readonly { readonly label: string; readonly value: unknown }[];
  readonly metadata?: { readonly annotations?: Readonly<Record<string, unknown>> };
}

function tagOf(inputs: object | undefined): unknown {
  const { tags, labels, metadata } = (inputs ?? {}) as Tagged;
  return (
    tags?.[URN_TAG] ?? labels?.find(({ label }) => label === URN_LABEL)?.value ?? metadata?.annotations?.[URN_LABEL]
  );
}
