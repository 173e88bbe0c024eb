import assert from "node:assert/strict";
import { cpSync, existsSync, rmSync } from "node:fs";
import { type StateResource, isManaged, resourcesOf } from "../../scripts/rehearsal/deployment.ts";
import type { Fault } from "../../scripts/rehearsal/clouds/simulator.ts";
import { parseFault } from "../../scripts/rehearsal/clouds/simulator.ts";
import type { OperationResult } from "../../scripts/rehearsal/engine/index.ts";
import { type Folders, foldersFor } from "../../scripts/rehearsal/home.ts";
import { Session } from "../../scripts/rehearsal/session.ts";
import type { ConfigChange } from "../../scripts/rehearsal/settings.ts";

/** An operation that is broken at one of its points, from a state that was reached before. */
export interface Scene {
  readonly project: string;
  readonly stack: string;
  readonly command: "up" | "destroy";
  readonly config?: ConfigChange;
  /** Where a finished earlier operation was kept; nothing: from an empty cloud. */
  readonly from?: string;
}

/** How long a hanging call is waited for before the engine is interrupted, as a person would with Ctrl-C. */
const PATIENCE_MS = 5_000;

const KEPT = ["backend", "inventory", "keys"] as const satisfies readonly (keyof Folders)[];

/** Runs the operation unbroken, keeps where it ends for later scenes, and tells how many operations the clouds saw. */
export async function unbroken(
  scene: Scene,
  keepIn?: string,
): Promise<{ operations: number; urns: readonly string[] }> {
  const session = await open(scene, []);
  try {
    const result = await session.operate(scene.command, "unbroken", false);
    assert.equal(result.exitCode, 0, problems(result));
    const urns = managed(resourcesOf(await session.export("end.json")));
    return { operations: session.simulator.operations, urns };
  } finally {
    await session.close();
    if (keepIn !== undefined) keep(scene, keepIn);
  }
}

/**
 * Breaks the operation once, recovers, runs it again, and asserts that it ends where the unbroken one ended: the same
 * resources, each exactly once in the cloud and in the state.
 */
export async function assertConverges(scene: Scene, fault: string, expected: readonly string[]): Promise<void> {
  const broken = await open(scene, [parseFault(fault)], PATIENCE_MS);
  try {
    const result = await broken.operate(scene.command, "broken", false);
    assert.notEqual(result.exitCode, 0, `${fault} broke nothing`);
  } finally {
    await broken.close();
  }
  const session = await open({ ...scene, from: undefined }, [], undefined, true);
  try {
    await session.recover();
    const again = await session.operate(scene.command, "again", false);
    assert.equal(again.exitCode, 0, `${fault}: ${problems(again)}`);
    const state = resourcesOf(await session.export("end.json"));
    assert.deepEqual(managed(state), expected, `${fault}: other resources than without the fault`);
    assert.deepEqual(session.simulator.inventory.orphans(state), [], `${fault}: orphans`);
    assert.deepEqual(existing(session), known(state), `${fault}: the cloud and the state differ`);
  } finally {
    await session.close();
  }
}

async function open(
  scene: Scene & { from?: string | undefined },
  faults: readonly Fault[],
  timeoutMs?: number,
  goOn = false,
): Promise<Session> {
  if (!goOn) restore(scene);
  const session = await Session.open({
    project: scene.project,
    stack: scene.stack,
    faults,
    ...(timeoutMs === undefined ? {} : { operationTimeoutMs: timeoutMs }),
    progress: () => undefined,
  });
  session.configure(scene.config ?? {});
  return session;
}

function restore({ project, stack, from }: Scene & { from?: string | undefined }): void {
  const folders = foldersFor(project, stack);
  for (const part of KEPT) {
    rmSync(folders[part], { recursive: true, force: true });
    if (from !== undefined) cpSync(`${from}/${part}`, folders[part], { recursive: true });
  }
}

function keep({ project, stack }: Scene, folder: string): void {
  const folders = foldersFor(project, stack);
  for (const part of KEPT) {
    if (existsSync(folders[part])) cpSync(folders[part], `${folder}/${part}`, { recursive: true });
  }
}

function managed(state: readonly StateResource[]): string[] {
  return state
    .filter(isManaged)
    .map(({ urn }) => urn)
    .sort();
}

/** What the clouds hold that a program made, as the state would name it. */
function existing(session: Session): string[] {
  const things = session.simulator.inventory.all();
  const made = things.filter(({ broughtBy, retained }) => broughtBy === undefined && retained === undefined);
  return made.map(({ token, id }) => `${token} ${id}`).sort();
}

function known(state: readonly StateResource[]): string[] {
  const things = state.filter((resource) => isManaged(resource) && !/^(random|tls):/.test(resource.type));
  return things.map(({ type, id }) => `${type} ${id ?? ""}`).sort();
}

function problems({ diagnostics, stderr }: OperationResult): string {
  return [...diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message), stderr].join(
    "\n",
  );
}
