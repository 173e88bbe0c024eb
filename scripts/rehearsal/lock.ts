import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BadInput } from "@groundwork/lib/errors";

/** Who rehearses a stack. Process numbers come round again, so the time at which the process started is part of it. */
interface Owner {
  readonly pid: number;
  readonly started: string;
  readonly since: string;
}

/**
 * Takes the stack for this process; a lock whose owner is dead is taken over.
 * @throws BadInput naming the holder when another process rehearses the stack now
 */
export function takeLock(path: string, stack: string): () => void {
  const me: Owner = { pid: process.pid, started: processStart(process.pid) ?? "", since: new Date().toISOString() };
  const draft = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      // a link appears whole or not at all, so that nobody reads a lock that is still being written
      writeFileSync(draft, JSON.stringify(me));
      linkSync(draft, path);
      return once(() => rmSync(path, { force: true }));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      const holder = readOwner(path);
      if (holder !== undefined && isAlive(holder)) {
        throw new BadInput(
          `stack ${stack} is being rehearsed by process ${holder.pid} since ${holder.since}: wait for it to end, or stop it with \`kill -INT ${holder.pid}\``,
        );
      }
      rmSync(path, { force: true });
    } finally {
      rmSync(draft, { force: true });
    }
  }
  throw new BadInput(`stack ${stack} is being taken by several rehearsals at once (${path}): run one of them`);
}

const WAIT_MS = 500;

/** Waits until nobody has it, and takes it. `onWait` is called once, when somebody has it. */
export async function takeLockInTurn(path: string, name: string, onWait: () => void): Promise<() => void> {
  for (let told = false; ; told = true) {
    try {
      return takeLock(path, name);
    } catch (error) {
      if (!(error instanceof BadInput)) throw error;
      if (!told) onWait();
      await sleep(WAIT_MS);
    }
  }
}

/** Released a second time, it would be somebody else's lock by then. */
function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}

/** One that has ended counts as dead, though its parent (in a container often a process that never asks) has not noticed. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return !["Z", "X"].includes(statusOf(pid)[0] ?? "");
}

function isAlive(owner: Owner): boolean {
  if (!isProcessAlive(owner.pid)) return false;
  const started = processStart(owner.pid);
  return started === undefined || owner.started === "" || started === owner.started;
}

function readOwner(path: string): Owner | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Owner;
  } catch {
    return undefined; // torn by a kill in the middle of writing: its owner is dead
  }
}

/** Clock ticks since boot at which the process started; undefined where there is no /proc. */
export function processStart(pid: number): string | undefined {
  return statusOf(pid)[19];
}

/** The fields of proc(5)'s stat from the third one, the state, on; none where there is no /proc or no such process. */
function statusOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
