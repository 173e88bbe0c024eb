import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * All processes below this one, parents before children. The engine puts each plug-in into a process group of its own
 * (cmdutil.RegisterProcessGroup in pulumi/sdk), so that killing the engine's group alone leaves them behind.
 */
export function descendants(pid: number): number[] {
  const children = childrenByParent();
  const found: number[] = [];
  const queue = [...(children.get(pid) ?? [])];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    found.push(next);
    queue.push(...(children.get(next) ?? []));
  }
  return found;
}

/** SIGKILL to this process and all below it, as a power cut does it. */
export function killTree(pid: number): void {
  // collected first: the children of a dead process belong to init and are found no more
  for (const victim of stopped(pid)) sendSignal(victim, "SIGKILL");
}

/** All of them stand still, so that none starts another one that would be missed. */
function stopped(pid: number): ReadonlySet<number> {
  const found = new Set<number>();
  for (let fresh = [pid]; fresh.length > 0; fresh = descendants(pid).filter((each) => !found.has(each))) {
    for (const each of fresh) {
      sendSignal(each, "SIGSTOP");
      found.add(each);
    }
  }
  return found;
}

/** Sends the signal; a process that is already gone is no error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const [pid, parent] of process.platform === "linux" ? fromProc() : fromPs()) {
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  return children;
}

function fromProc(): [number, number][] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): [number, number][] => {
      try {
        // proc(5): "pid (comm) state ppid ...", where comm may hold spaces and parentheses
        const stat = readFileSync(`/proc/${name}/stat`, "utf8");
        const parent = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1];
        return [[Number(name), Number(parent)]];
      } catch {
        return []; // ended while we were looking
      }
    });
}

function fromPs(): [number, number][] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  return lines.map((line): [number, number] => {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    return [pid ?? 0, parent ?? 0];
  });
}
