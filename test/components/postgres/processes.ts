import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

export interface Owner {
  readonly uid?: number;
  readonly gid?: number;
}

/** A process with everything that it has printed. */
export class Program {
  readonly child: ChildProcess;
  output = "";

  constructor(command: string, args: readonly string[], owner: Owner) {
    const env = { PATH: process.env["PATH"] ?? "", LANG: "C.UTF-8" };
    this.child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env, ...owner });
    const keep = (chunk: Buffer) => (this.output += chunk.toString());
    this.child.stdout?.on("data", keep);
    this.child.stderr?.on("data", keep);
    this.child.once("error", (error) => (this.output += String(error)));
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`it did not start: ${this.output}`);
    return this.child.pid;
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    if (this.ended || this.child.pid === undefined) return;
    const exit = once(this.child, "exit");
    this.child.kill(signal);
    await exit;
  }
}

/** Below the ports that the kernel gives to connections, one of which could take a port before its server does. */
const PORTS = { from: 15_000, count: 17_000 };

/** Ports that were free a moment ago, all of them different. */
export async function freePorts(count: number): Promise<() => number> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = PORTS.from + Math.floor(Math.random() * PORTS.count);
    if (await isFree(port)) ports.add(port);
  }
  const left = [...ports];
  return () => {
    const port = left.pop();
    if (port === undefined) throw new Error(`more than ${count} ports were asked for`);
    return port;
  };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Asks until there is an answer other than undefined or false; what was asked for is named when there is none. */
export async function eventually<T>(
  what: () => string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  seconds = 180,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await Promise.resolve()
      .then(ask)
      .catch(() => undefined);
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s: ${what()}`);
    await pause(100);
  }
}

export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const answer = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once("connect", () => answer(true));
    socket.once("error", () => answer(false));
  });
}

/** A process and all that descend from it, the oldest first. */
export function family(pid: number): number[] {
  const parents = new Map(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), parentOf(name)] as const),
  );
  const found = [pid];
  for (const each of found)
    for (const [child, parent] of parents) if (parent === each && !found.includes(child)) found.push(child);
  return found;
}

function parentOf(pid: string): number {
  return Number(statusOf(pid)[1] ?? 0);
}

/** State and parent, which stand behind the name; nothing where there is no such process. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function statusOf(pid: number | string): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

/** One that has ended and whose parent has not asked for its exit code is not. */
export function isAlive(pid: number): boolean {
  const [state = "Z"] = statusOf(pid);
  return state !== "Z";
}

export function signal(pid: number, name: NodeJS.Signals): void {
  if (isAlive(pid)) process.kill(pid, name);
}
