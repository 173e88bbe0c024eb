import assert from "node:assert/strict";
import { cpSync, existsSync, rmSync } from "node:fs";
import { type StateResource, isManaged, resourcesOf } from "../../scripts/rehearsal/deployment.ts";
import { type Fault, parseFault } from "../../scripts/rehearsal/clouds/simulator.ts";
import type { OperationResult } from "../../scripts/rehearsal/engine/index.ts";
import { type Folders, foldersFor } from "../../scripts/rehearsal/home.ts";
import { Session, type SessionOptions } from "../../scripts/rehearsal/session.ts";
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

/** How long the first hanging call is waited for before the engine is interrupted, as a person would with Ctrl-C. */
const PATIENCE_MS = 700;

/** An image is what it is whoever pulled or built it: a lost one is made again, and is the same. */
const REMADE = /^(docker:index\/remoteImage:RemoteImage|docker-build:index:Image) /;

/** More runs than this mean that the same operations fail again and again. */
const MOST_RUNS = 25;

const KEPT = ["backend", "inventory", "keys"] as const satisfies readonly (keyof Folders)[];

/** What an operation does when nothing breaks it. */
export interface Unbroken {
  /** Everything that it changes in the clouds: `create <URN>` and the like. */
  readonly steps: readonly string[];
  /** The managed resources that there are afterwards. */
  readonly urns: readonly string[];
  readonly state: readonly StateResource[];
}

/** Runs the operation unbroken, and keeps where it ends for later scenes. */
export async function unbroken(scene: Scene, keepIn?: string): Promise<Unbroken> {
  const steps: string[] = [];
  const session = await open(scene, [], { onOperation: ({ kind, urn }) => steps.push(`${kind} ${urn}`) });
  try {
    const result = await session.operate(scene.command, "unbroken", false);
    assert.equal(result.exitCode, 0, problems(result));
    const state = resourcesOf(await session.export("end.json"));
    return { steps, urns: managed(state), state };
  } finally {
    await session.close();
    if (keepIn !== undefined) keep(scene, keepIn);
  }
}

/**
 * Breaks the Nth operation, recovers, runs it again, and asserts that it ends where the unbroken one ended: the same
 * resources, each exactly once in the cloud and in the state.
 */
export async function assertConverges(scene: Scene, effect: string, number: number, { urns }: Unbroken): Promise<void> {
  const fault = `${effect}@#${number}`;
  const broken = await open(scene, [parseFault(fault)]);
  try {
    const result = await broken.operate(scene.command, "broken", false);
    assert.notEqual(result.exitCode, 0, `${fault} broke nothing`);
  } finally {
    await broken.close();
  }
  const session = await goOn(scene, []);
  try {
    await session.recover();
    const again = await session.operate(scene.command, "again", false);
    assert.equal(again.exitCode, 0, `${fault}: ${problems(again)}`);
    await assertEnd(session, urns, fault);
  } finally {
    await session.close();
  }
}

/**
 * Breaks every operation the first time that it is tried, recovering and running again until none is left to break, and
 * asserts the same end. Whatever the engine does at the same time breaks together.
 */
export async function assertConvergesThrough(scene: Scene, effect: string, { steps, urns }: Unbroken): Promise<void> {
  restore(scene);
  const left = new Set(steps);
  for (let run = 1; run <= MOST_RUNS; run++) {
    const interrupt = new AbortController();
    const session = await goOn(
      scene,
      [...left].map((step) => parseFault(`${effect}@${step}`)),
      {
        signal: interrupt.signal,
        onOperation: ({ kind, urn }) => {
          if (left.delete(`${kind} ${urn}`) && effect.startsWith("hang"))
            setTimeout(() => interrupt.abort(), PATIENCE_MS);
        },
      },
    );
    try {
      await session.recover();
      const before = left.size;
      const result = await session.operate(scene.command, "through", false);
      if (left.size < before) assert.notEqual(result.exitCode, 0, `${effect} broke nothing`);
      else assert.equal(result.exitCode, 0, `${effect}: ${problems(result)}`);
      if (result.exitCode === 0) return await assertEnd(session, urns, effect);
    } finally {
      await session.close();
    }
  }
  assert.fail(`${effect}: no end after ${MOST_RUNS} runs`);
}

/**
 * Breaks a first `up` at points spread evenly over it, recovering and going on after each, and asserts after each
 * recovery that the cloud and the state agree, and the same end. One thing at a time, so that the points are exact.
 */
export async function assertConvergesThroughPoints(
  scene: Scene,
  effects: readonly string[],
  points: number,
  { steps, urns }: Unbroken,
): Promise<void> {
  restore(scene);
  let done = 0;
  for (let point = 1; point <= points; point++) {
    const effect = effects[point % effects.length] ?? "";
    const number = Math.max(1, Math.round((point * steps.length) / (points + 1)) - done);
    const interrupt = new AbortController();
    const session = await goOn(scene, [parseFault(`${effect}@#${number}`)], {
      signal: interrupt.signal,
      parallel: 1,
      onOperation: (operation) => {
        if (operation.number === number && effect.startsWith("hang")) setTimeout(() => interrupt.abort(), PATIENCE_MS);
      },
    });
    const where = `${effect} at point ${point}`;
    try {
      const result = await session.operate(scene.command, "point", false);
      assert.notEqual(result.exitCode, 0, `${where} broke nothing`);
      await session.recover();
      const state = resourcesOf(await session.export("end.json"));
      done = state.filter(isManaged).length;
      const [cloud, own] = [existing(session), known(state)].map((things) => things.filter((one) => !REMADE.test(one)));
      assert.deepEqual(cloud, own, `${where}: the cloud and the state differ`);
    } finally {
      await session.close();
    }
  }
  const session = await goOn(scene, []);
  try {
    const result = await session.operate(scene.command, "last", false);
    assert.equal(result.exitCode, 0, problems(result));
    await assertEnd(session, urns, effects.join(", "));
  } finally {
    await session.close();
  }
}

async function assertEnd(session: Session, expected: readonly string[], fault: string): Promise<void> {
  const state = resourcesOf(await session.export("end.json"));
  assert.deepEqual(managed(state), expected, `${fault}: other resources than without the fault`);
  assert.deepEqual(session.simulator.inventory.orphans(state), [], `${fault}: orphans`);
  assert.deepEqual(existing(session), known(state), `${fault}: the cloud and the state differ`);
}

type Watching = Partial<Pick<SessionOptions, "signal" | "onOperation" | "parallel">>;

function open(scene: Scene, faults: readonly Fault[], watching: Watching = {}): Promise<Session> {
  restore(scene);
  return goOn(scene, faults, watching);
}

async function goOn(
  { project, stack, config = {} }: Scene,
  faults: readonly Fault[],
  watching: Watching = {},
): Promise<Session> {
  const session = await Session.open({ project, stack, faults, ...watching, progress: () => undefined });
  session.configure(config);
  return session;
}

function restore({ project, stack, from }: Scene): void {
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
  const names = things.map(({ type, id }) => `${type} ${id ?? ""}`);
  // An engine has an image once, however many resources ask for it. A region has a log group of a name another has too.
  return names.filter((name, index) => !REMADE.test(name) || names.indexOf(name) === index).sort();
}

function problems({ diagnostics, stderr }: OperationResult): string {
  return [...diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message), stderr].join(
    "\n",
  );
}
