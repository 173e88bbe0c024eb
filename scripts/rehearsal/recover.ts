import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { BadInput } from "@groundwork/lib/errors";
import {
  type ExportedState,
  type PendingOperation,
  type StateResource,
  isManaged,
  readState,
  resourcesOf,
} from "./deployment.ts";
import { FileBackend } from "./file-backend.ts";
import { isProcessAlive } from "./lock.ts";
import { urnTag } from "./lookup/tag.ts";

/**
 * How a pending create is settled: the cloud is asked by tag, or by name where a thing cannot be tagged. During a
 * replacement the old thing carries the same tag: `known` are the ids that the state already holds under this URN.
 */
export type LookUp = (resource: StateResource, known: readonly string[]) => Promise<LookUpResult>;

export type LookUpResult =
  | { readonly found: string }
  | { readonly found: undefined }
  /** This cloud cannot be asked from here: the operation stays pending and is reported. */
  | { readonly unknown: string };

export interface RecoverOptions {
  readonly project: string;
  readonly stack: string;
  /** Runs a Pulumi command on the stack; rejects when it fails. */
  readonly pulumi: (args: readonly string[]) => Promise<void>;
  readonly lookUp: LookUp;
  /** A file that the exported and the settled state may be written to; the caller removes it. */
  readonly scratch: string;
  /** Pulumi's backend, e.g. `file:///...`; only a file backend shows who holds its lock. */
  readonly backend?: string;
  /** Clear the lock though its owner runs on another machine and cannot be seen from here. Default: false. */
  readonly force?: boolean;
  readonly progress: (line: string) => void;
}

export interface Recovery {
  readonly lockCleared: boolean;
  /** Pending creates that took effect: now in the state. */
  readonly adopted: readonly { readonly urn: string; readonly id: string }[];
  /** Pending creates that never took effect. */
  readonly dropped: readonly string[];
  /** Pending updates and deletes, settled by reading the resource. */
  readonly refreshed: readonly string[];
  /** Pending creates of which nobody here can tell. */
  readonly unsettled: readonly { readonly urn: string; readonly reason: string }[];
}

/**
 * Makes a stack usable after its engine died: clears the dead owner's lock and settles what was under way, so that the
 * next update neither creates a thing twice nor forgets one.
 */
export async function recover(options: RecoverOptions): Promise<Recovery> {
  const lockCleared = await clearDeadLock(options);
  await options.pulumi(["stack", "export", "--stack", options.stack, "--file", options.scratch]);
  const state = readState(options.scratch);
  const pending = state.deployment.pending_operations ?? [];
  if (pending.length === 0) return { lockCleared, adopted: [], dropped: [], refreshed: [], unsettled: [] };

  const settled = await settle(pending, resourcesOf(state), options.lookUp);
  writeFileSync(options.scratch, JSON.stringify(withSettled(state, settled)), { mode: 0o600 });
  await options.pulumi(["stack", "import", "--stack", options.stack, "--file", options.scratch]);
  const stale = [...new Set([...settled.adopted.map(({ resource }) => resource.urn), ...settled.refreshed])];
  const targets = stale.filter((urn) => isInState(state, settled, urn));
  if (targets.length > 0) {
    const named = targets.flatMap((urn) => ["--target", urn]);
    await options.pulumi(["refresh", "--stack", options.stack, "--yes", "--skip-preview", ...named]);
  }
  const mistaken = settled.adopted.length > 0 ? await disown(options, settled) : new Set<string>();
  const recovery = {
    lockCleared,
    adopted: settled.adopted
      .map(({ resource, id }) => ({ urn: resource.urn, id }))
      .filter(({ urn }) => !mistaken.has(urn)),
    dropped: [...settled.dropped, ...mistaken],
    refreshed: settled.refreshed,
    unsettled: settled.unsettled.map(({ operation, reason }) => ({ urn: operation.resource.urn, reason })),
  };
  for (const line of describe(recovery)) options.progress(line);
  return recovery;
}

export function describe(recovery: Recovery): string[] {
  const lines: string[] = [];
  const tell = (items: readonly unknown[], what: string): void => {
    if (items.length > 0) lines.push(`${items.length} ${what}`);
  };
  if (recovery.lockCleared) lines.push("the lock of an engine that no longer runs was cleared");
  tell(recovery.adopted, "pending create(s) had taken effect and are in the state now");
  tell(recovery.dropped, "pending create(s) had not taken effect and were dropped");
  tell(recovery.refreshed, "pending update(s), delete(s) or read(s) were settled by reading the resource");
  for (const { urn, reason } of recovery.unsettled) lines.push(`${urn} stays pending: ${reason}`);
  return lines;
}

interface Settled {
  readonly adopted: readonly { readonly resource: StateResource; readonly id: string }[];
  readonly dropped: readonly string[];
  readonly refreshed: readonly string[];
  readonly unsettled: readonly { readonly operation: PendingOperation; readonly reason: string }[];
}

async function settle(
  pending: readonly PendingOperation[],
  resources: readonly StateResource[],
  lookUp: LookUp,
): Promise<Settled> {
  const adopted: { resource: StateResource; id: string }[] = [];
  const dropped: string[] = [];
  const refreshed: string[] = [];
  const unsettled: { operation: PendingOperation; reason: string }[] = [];
  for (const operation of pending) {
    const { type, resource } = operation;
    if (type !== "creating" || !isManaged(resource)) {
      (type === "creating" ? dropped : refreshed).push(resource.urn);
      continue;
    }
    const known = resources.flatMap(({ urn, id, pendingReplacement }) =>
      urn === resource.urn && id !== undefined && pendingReplacement !== true ? [id] : [],
    );
    const answer = await lookUp(resource, known);
    if ("unknown" in answer) unsettled.push({ operation, reason: answer.unknown });
    else if (answer.found === undefined) dropped.push(resource.urn);
    else adopted.push({ resource, id: answer.found });
  }
  return { adopted, dropped, refreshed, unsettled };
}

/** The state as if every create that took effect had also been written down. */
function withSettled(state: ExportedState, settled: Settled): ExportedState {
  const adopted = new Set(settled.adopted.map(({ resource }) => resource.urn));
  const kept = resourcesOf(state).flatMap((resource) => {
    if (!adopted.has(resource.urn) || resource.delete === true) return [resource];
    // what it replaces: gone already (delete before create), or to be deleted by the next update (create before delete)
    return resource.pendingReplacement === true ? [] : [{ ...resource, delete: true }];
  });
  const made = settled.adopted.map(({ resource, id }) => ({ ...resource, id, outputs: resource.inputs ?? {} }));
  return {
    ...state,
    deployment: {
      ...state.deployment,
      resources: inOrder([...kept, ...made]),
      pending_operations: settled.unsettled.map(({ operation }) => operation),
    },
  };
}

/**
 * The engine takes no state in which a resource comes before what it needs, and what replaces something is needed by
 * what is there. https://github.com/pulumi/pulumi/blob/v3.200.0/pkg/resource/deploy/snapshot.go (VerifyIntegrity)
 */
function inOrder(resources: readonly StateResource[]): StateResource[] {
  const byUrn = Map.groupBy(resources, ({ urn }) => urn);
  const ordered = new Set<StateResource>();
  const seen = new Set<StateResource>();
  const put = (resource: StateResource): void => {
    if (seen.has(resource)) return;
    seen.add(resource);
    const { parent, provider, dependencies = [] } = resource;
    // a provider is named as its URN and its id
    const needed = [parent, provider?.split("::").slice(0, -1).join("::"), ...dependencies];
    for (const urn of needed) if (urn !== undefined && urn !== resource.urn) byUrn.get(urn)?.forEach(put);
    ordered.add(resource);
  };
  resources.forEach(put);
  return [...ordered];
}

/**
 * What was adopted by its name alone may not exist, which the refresh has found, or be somebody else's of that name,
 * which its missing URN tag tells: neither is ours.
 */
async function disown(options: RecoverOptions, { adopted }: Settled): Promise<Set<string>> {
  await options.pulumi(["stack", "export", "--stack", options.stack, "--file", options.scratch]);
  const state = readState(options.scratch);
  const now = new Map(resourcesOf(state).map((resource) => [`${resource.urn} ${resource.id ?? ""}`, resource]));
  const gone = adopted.filter(({ resource, id }) => !now.has(`${resource.urn} ${id}`));
  const foreign = adopted.filter(({ resource, id }) => {
    const tag = urnTag(resource.inputs);
    const read = now.get(`${resource.urn} ${id}`);
    return tag !== undefined && read !== undefined && urnTag(read.outputs) !== tag;
  });
  if (foreign.length > 0) {
    const keys = new Set(foreign.map(({ resource, id }) => `${resource.urn} ${id}`));
    const resources = resourcesOf(state).filter((resource) => !keys.has(`${resource.urn} ${resource.id ?? ""}`));
    writeFileSync(options.scratch, JSON.stringify({ ...state, deployment: { ...state.deployment, resources } }));
    await options.pulumi(["stack", "import", "--stack", options.stack, "--file", options.scratch]);
  }
  return new Set([...gone, ...foreign].map(({ resource }) => resource.urn));
}

function isInState(state: ExportedState, settled: Settled, urn: string): boolean {
  return (
    settled.adopted.some(({ resource }) => resource.urn === urn) ||
    resourcesOf(state).some((resource) => resource.urn === urn && resource.pendingReplacement !== true)
  );
}

async function clearDeadLock(options: RecoverOptions): Promise<boolean> {
  const files = FileBackend.of(options.backend, options.project, options.stack);
  if (files === undefined) {
    // other backends keep their lock to themselves; cancelling says so when there is none
    if (options.force === true) await options.pulumi(["cancel", "--yes", "--stack", options.stack]);
    return options.force === true;
  }
  files.repair();
  const locks = files.locks();
  if (locks.length === 0) return false;
  for (const lock of locks) {
    const holder = `process ${lock.pid} of ${lock.username} on ${lock.hostname} since ${lock.timestamp}`;
    if (lock.hostname === hostname() && isProcessAlive(lock.pid)) {
      throw new BadInput(`stack ${options.stack} is being updated by ${holder}: wait for it, or stop it first`);
    }
    if (lock.hostname !== hostname() && options.force !== true) {
      throw new BadInput(
        `stack ${options.stack} is locked by ${holder}, which cannot be seen from ${hostname()}: run recover there, or add --force when you know that it is dead`,
      );
    }
  }
  await options.pulumi(["cancel", "--yes", "--stack", options.stack]);
  return true;
}
