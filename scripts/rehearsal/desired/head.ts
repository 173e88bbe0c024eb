import { rmSync } from "node:fs";
import { join } from "node:path";
import type { DesiredResource } from "@groundwork/lib/desired-state";
import type { PlannedChange } from "@groundwork/lib/planned-change";
import { dockerPlan, hostProblems } from "../docker-host/index.ts";
import { foldersIn } from "../home.ts";
import { Session } from "../session.ts";
import { type Base, copyBase } from "./base.ts";
import type { Cache } from "./cache.ts";
import { changesOf } from "./changes.ts";
import { digestOf } from "./content.ts";
import { type Desired, desiredOf, plan } from "./plan.ts";
import { readResult, writeResult } from "./result.ts";
import type { Side, StackOptions } from "./sides.ts";

/** What a change makes of a deployed stack. */
export interface Head {
  readonly desired: Desired;
  readonly changes: readonly PlannedChange[];
  /** Why the update that was planned would not go through, where something is known to stand in its way. */
  readonly obstacles: readonly string[];
}

const RESULT = "head.json";
const GIB = 2 ** 30;

/**
 * The other side of a comparison, as the real engine previews it on top of the deployed one, so that replacements are
 * told by the same rules as in a real update.
 * @throws BadInput when it cannot be planned, naming the side
 */
export async function plannedOn(cache: Cache, base: Base, side: Side, options: StackOptions): Promise<Head> {
  const key = digestOf(["head", base.key, side.content, options.stack, side.set]);
  const folder = await cache.folder("head", key, options, (draft) => planHead(base, side, options, draft));
  return readResult<Head>(join(folder, RESULT));
}

/** A side whose stack is new: everything is made. */
export async function plannedFromNothing(cache: Cache, side: Side, options: StackOptions): Promise<Desired> {
  const key = digestOf(["state", side.content, options.stack, side.set]);
  const folder = await cache.folder("state", key, options, (draft) => planAlone(side, options, draft));
  return readResult<Desired>(join(folder, RESULT));
}

async function planHead(base: Base, side: Side, options: StackOptions, draft: string): Promise<void> {
  await inSession(side, options, draft, base, async (session, what) => {
    const { sketches, result, policy } = await plan(session, what, options.signal);
    const desired = await desiredOf(session, options.stack, sketches, policy);
    const [before, after] = [base.desired, desired].map(({ state }) => byUrn(state.resources));
    const changes = changesOf(result.steps, before ?? new Map(), after ?? new Map(), session.simulator.mayReplace);
    const { cpus, memoryGiB, gpu } = session.settings.host;
    const machine = { cores: cpus, memory: memoryGiB * GIB, hasGpu: gpu, networks: [], ports: [] };
    const obstacles = hostProblems(dockerPlan(result.steps), machine);
    return { desired, changes, obstacles } satisfies Head;
  });
}

async function planAlone(side: Side, options: StackOptions, draft: string): Promise<void> {
  await inSession(side, options, draft, undefined, async (session, what) => {
    const { sketches, policy } = await plan(session, what, options.signal);
    return desiredOf(session, options.stack, sketches, policy);
  });
}

/** Works in a session whose folder is gone afterwards, and keeps the result. */
async function inSession(
  side: Side,
  options: StackOptions,
  draft: string,
  base: Base | undefined,
  work: (session: Session, what: string) => Promise<unknown>,
): Promise<void> {
  const folders = foldersIn(join(draft, "work"));
  if (base !== undefined) copyBase(base, folders);
  const session = await Session.open({ ...options, ...side.files, folders, checkpoints: false });
  try {
    session.configure(side.set);
    writeResult(join(draft, RESULT), await work(session, `stack ${options.stack} of ${side.label} cannot be planned`));
  } finally {
    await session.close();
    rmSync(folders.stack, { recursive: true, force: true });
  }
}

function byUrn(resources: readonly DesiredResource[]): ReadonlyMap<string, DesiredResource> {
  return new Map(resources.map((resource) => [resource.urn, resource]));
}
