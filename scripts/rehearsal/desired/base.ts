import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { FileBackend } from "../file-backend.ts";
import { type Folders, foldersIn } from "../home.ts";
import { Session } from "../session.ts";
import type { Cache } from "./cache.ts";
import { digestOf } from "./content.ts";
import { type Desired, type Policy, desiredOf, policyOf, refuseFailure } from "./plan.ts";
import { readResult, writeResult } from "./result.ts";
import type { Side, StackOptions } from "./sides.ts";
import { sketchesOfState } from "./sketch.ts";

/** A stack as it would be deployed, kept so that changes can be tried on it. */
export interface Base {
  /** A digest of everything that it depends on. */
  readonly key: string;
  readonly desired: Desired;
  readonly folders: Folders;
}

const RESULT = "desired.json";

/** What another session needs to go on from here. */
const KEPT = ["backend", "inventory", "keys"] as const satisfies readonly (keyof Folders)[];

/**
 * One side of a comparison as it is deployed: from nothing, by the real engine, into simulated clouds.
 * @throws BadInput when it cannot be deployed, naming the side
 */
export async function deployed(cache: Cache, side: Side, options: StackOptions): Promise<Base> {
  const { stack } = options;
  const key = digestOf(["base", side.content, stack, side.set]);
  const folder = await cache.folder("base", key, options, async (draft) => {
    options.progress(`deploying ${side.label} in simulated clouds, once`);
    await deploy(side, options, draft);
  });
  return { key, desired: readResult<Desired>(join(folder, RESULT)), folders: foldersIn(folder) };
}

/** Puts a deployed stack and its clouds where another session finds them. */
export function copyBase({ folders }: Base, to: Folders): void {
  for (const part of KEPT) cpSync(folders[part], to[part], { recursive: true });
}

async function deploy(side: Side, options: StackOptions, draft: string): Promise<void> {
  const { stack, signal } = options;
  const folders = foldersIn(draft);
  const session = await Session.open({ ...options, ...side.files, folders, checkpoints: false });
  try {
    session.configure(side.set);
    const what = `the base (${side.label}) of stack ${stack} cannot be deployed`;
    const guarded = await session.operate("up", "up", true);
    refuseFailure(session, guarded, what, signal);
    const policy = guarded.exitCode === 0 ? policyOf(guarded) : await deployUnguarded(session, what, signal);
    const sketches = sketchesOfState(await session.export("state.json"));
    writeResult(join(draft, RESULT), await desiredOf(session, stack, sketches, policy));
    lighten(folders, session.project.name, stack);
  } finally {
    await session.close();
    for (const path of [folders.copy, join(draft, "state.json")]) rmSync(path, { recursive: true, force: true });
  }
}

/**
 * What breaks a mandatory policy is compared all the same: the violation is one of the findings. The pack stops an update
 * at the first resource, so that what it has to say of all of them takes a preview.
 */
async function deployUnguarded(session: Session, what: string, signal?: AbortSignal): Promise<Policy> {
  refuseFailure(session, await session.operate("up", "up-unguarded", false), what, signal);
  const result = await session.operate("preview", "preview", true);
  refuseFailure(session, result, what, signal);
  return policyOf(result);
}

/**
 * The state without what no preview needs: copies of it and where in the program each resource was written, which is more
 * than half of it. Nothing is protected any more: a preview must not stop where it would delete or replace a protected
 * resource, and the comparison knows from the desired state what is.
 */
function lighten(folders: Folders, project: string, stack: string): void {
  const backend = FileBackend.of(pathToFileURL(folders.backend).href, project, stack);
  if (backend === undefined) return;
  for (const copies of ["history", "backups"]) {
    rmSync(join(folders.backend, ".pulumi", copies), { recursive: true, force: true });
  }
  rmSync(`${backend.checkpoint}.bak`, { force: true });
  const state = JSON.parse(readFileSync(backend.checkpoint, "utf8"), (key, value: unknown) =>
    key === "sourcePosition" || key === "stackTrace" ? undefined : value,
  ) as Checkpoint;
  for (const resource of state.checkpoint.latest?.resources ?? []) resource.protect = false;
  writeFileSync(backend.checkpoint, JSON.stringify(state), { mode: 0o600 });
}

/** https://github.com/pulumi/pulumi/blob/v3.200.0/sdk/go/common/apitype/core.go, VersionedCheckpoint and CheckpointV3 */
interface Checkpoint {
  readonly checkpoint: { readonly latest?: { readonly resources?: readonly { protect?: boolean }[] } };
}
