import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomInt } from "node:crypto";
import { chownSync, existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

const FOLDERS = [...(process.env["PATH"] ?? "").split(":"), "/usr/sbin", "/usr/lib/postgresql/15/bin"];

/** The path of a server's program; says which Debian package has it when it is not there. */
export function program(name: string, debianPackage: string): string {
  const path = FOLDERS.map((folder) => join(folder, name)).find(existsSync);
  if (path === undefined) throw new Error(`${name} is not installed; run: apt-get install -y ${debianPackage}`);
  return path;
}

/** Servers that refuse to run as root run as this user of the machine; nothing where the tests themselves are not root. */
export function as(user: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

/** Gives a folder to that user. */
export function give(folder: string, { uid, gid }: { uid?: number; gid?: number }): void {
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
}

/** Below those that the system gives to connections, so that what is free stays free until the server has it. */
const FIRST_PORT = 10_000;
const PORTS = 20_000;

/** A port of the loopback interface that was free a moment ago. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST_PORT + randomInt(PORTS);
    if (await isFree(port)) return port;
  }
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** A server that runs; leaving the `await using` block stops it. */
export interface Running extends AsyncDisposable {
  readonly process: ChildProcess;
}

/** Starts a server and waits until its output matches. */
export async function started(
  command: string,
  args: readonly string[],
  ready: RegExp,
  {
    stop = "SIGKILL",
    ...options
  }: { uid?: number; gid?: number; cwd?: string; env?: NodeJS.ProcessEnv; stop?: NodeJS.Signals } = {},
): Promise<Running> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  let output = "";
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      if (ready.test(output)) resolve();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("error", reject);
    void ended.then((code) => reject(new Error(`${command} ended with ${code}: ${output}`)));
  });
  return {
    process: child,
    async [Symbol.asyncDispose]() {
      child.kill(stop);
      await ended;
    },
  };
}
