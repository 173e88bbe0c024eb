import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { descendants, killTree, sendSignal } from "../engine/processes.ts";
import { isProcessAlive, processStart } from "../lock.ts";

/**
 * Runs a command that ends with us however we end: the pipe that it waits on closes with this process, even when that is
 * killed. Its number is written down for the case that the waiting shell is killed, too.
 */
const GUARD = `
exec 3<&0
"$@" </dev/null 3<&- &
child=$!
echo "$child" > "$GROUNDWORK_PID_FILE"
{ read -r _ <&3; kill -0 $$ && kill -9 "$child"; } >/dev/null 2>&1 &
wait "$child"
`;

const POLL_MS = 20;

/** In the folder of a control plane. */
export const PROCESSES = "processes";

/** The programs of one control plane, with their logs and process numbers in one folder. */
export class Processes {
  readonly #folder: string;
  readonly #running = new Map<string, ChildProcess>();
  readonly #leftovers: readonly number[];

  /** Ends what an earlier owner of this folder left running. */
  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    this.#leftovers = this.#endLeftovers();
  }

  /** Returns when nothing that an earlier owner left behind runs or writes any more. */
  async leftoversGone(): Promise<void> {
    while (this.#leftovers.some(isProcessAlive)) await sleep(POLL_MS);
  }

  start(name: string, command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): void {
    const log = openSync(this.logOf(name), "a", 0o600);
    const child = spawn("/bin/sh", ["-c", GUARD, "sh", command, ...args], {
      cwd: this.#folder,
      env: { ...env, PATH: process.env["PATH"] ?? "", HOME: this.#folder, GROUNDWORK_PID_FILE: this.#pidFile(name) },
      stdio: ["pipe", log, log],
      // a group of its own: Ctrl-C in the terminal is for the rehearsal to handle
      detached: true,
    });
    closeSync(log);
    child.once("exit", () => child.stdin?.destroy());
    child.once("error", () => this.#running.delete(name));
    child.stdin?.on("error", () => undefined);
    // they live as long as their owner; they must not keep it alive
    child.unref();
    (child.stdin as unknown as { unref?: () => void }).unref?.();
    this.#running.set(name, child);
  }

  /** The first program that has ended by itself. */
  ended(): string | undefined {
    return [...this.#running].find(([, child]) => child.exitCode !== null || child.signalCode !== null)?.[0];
  }

  logOf(name: string): string {
    return join(this.#folder, `${name}.log`);
  }

  /** What the program said last. */
  lastLine(name: string): string {
    if (!existsSync(this.logOf(name))) return "";
    return readFileSync(this.logOf(name), "utf8").trim().split("\n").at(-1) ?? "";
  }

  /** Resident memory of all programs in bytes; 0 where there is no /proc. */
  memory(): number {
    return [...this.#running.values()]
      .flatMap(({ pid }) => (pid === undefined ? [] : descendants(pid)))
      .reduce((sum, pid) => sum + residentBytes(pid), 0);
  }

  /** At once, as a power cut does it; etcd's files are whole at any time. */
  async kill(): Promise<void> {
    const children = [...this.#running.values()];
    const pids = children.flatMap(({ pid }) => (pid === undefined ? [] : [pid, ...descendants(pid)]));
    this.#running.clear();
    for (const { pid } of children) if (pid !== undefined) killTree(pid);
    while (pids.some(isProcessAlive)) await sleep(POLL_MS);
    for (const name of this.#pidFiles()) rmSync(join(this.#folder, name), { force: true });
  }

  #pidFile(name: string): string {
    return join(this.#folder, `${name}.pid`);
  }

  #pidFiles(): string[] {
    if (!existsSync(this.#folder)) return [];
    return readdirSync(this.#folder).filter((name) => name.endsWith(".pid"));
  }

  #endLeftovers(): number[] {
    const ended: number[] = [];
    for (const name of this.#pidFiles()) {
      const pid = Number(readFileSync(join(this.#folder, name), "utf8"));
      if (pid > 1 && isOurs(pid, this.#folder)) {
        sendSignal(pid, "SIGKILL");
        ended.push(pid);
      }
      rmSync(join(this.#folder, name), { force: true });
    }
    return ended;
  }
}

/** Ends and forgets the control planes, one a folder in this one, that an earlier session left behind. */
export async function forgetLeftovers(folder: string): Promise<void> {
  if (!existsSync(folder)) return;
  const planes = readdirSync(folder).map((name) => new Processes(join(folder, name, PROCESSES)));
  await Promise.all(planes.map((processes) => processes.leftoversGone()));
  rmSync(folder, { recursive: true, force: true });
}

/** Process numbers come round again: one of ours has a path of this folder in its command line. */
function isOurs(pid: number, folder: string): boolean {
  if (!isProcessAlive(pid)) return false;
  // no /proc: told by the number alone, which is at most as old as the folder
  if (processStart(pid) === undefined) return true;
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
  } catch {
    return false;
  }
}

function residentBytes(pid: number): number {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Number(kib ?? 0) * 1024;
  } catch {
    return 0;
  }
}
