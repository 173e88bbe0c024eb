import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { buffer } from "node:stream/consumers";
import { childEnvironment } from "../child-environment.ts";
import { InvalidMapping } from "../reader.ts";

/** Missing objects are not fetched: that would send something. https://git-scm.com/docs/git#_environment_variables */
const ENVIRONMENT = { GIT_NO_LAZY_FETCH: "1", GIT_OPTIONAL_LOCKS: "0", GIT_TERMINAL_PROMPT: "0" };
/** A repository's own settings must not start a program of its choice. */
const SETTINGS = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "log.showSignature=false"];

/** Starts git in a folder. */
export function startGit(folder: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  // also nothing that a hook or a caller has set, which would name another repository
  const env = childEnvironment(ENVIRONMENT);
  const git = spawn("git", ["-C", folder, ...SETTINGS, ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
  // it may end before it has read everything: its exit code tells
  git.stdin.on("error", () => undefined);
  git.stderr.resume();
  return git;
}

/** What it writes, once it has ended well. */
export async function git(folder: string, args: readonly string[]): Promise<Buffer> {
  const child = startGit(folder, args);
  child.stdin.end();
  const ended = ending(child, args);
  const [written] = await Promise.all([buffer(child.stdout), ended]);
  return written;
}

/** Git could not do it; what it said stays with it, since it may quote a file. */
export class GitFailed extends Error {
  override readonly name = "GitFailed";
}

/** Fulfilled when it has ended well. */
export async function ending(child: ChildProcessWithoutNullStreams, args: readonly string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once("error", () => reject(new InvalidMapping("git cannot be started: install it, or put it on the PATH")));
  child.once("close", (code, signal) => {
    if (code === 0) resolve();
    else reject(new GitFailed(`git ${args[0]} ended with ${code ?? signal}`));
  });
  await promise;
}

/** Reads lines and counted bytes from one stream in turn. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Without its end; `undefined` when there is nothing more. */
  async until(end: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for (;;) {
      const at = this.#rest.indexOf(end);
      if (at !== -1) {
        parts.push(this.#rest.subarray(0, at));
        this.#rest = this.#rest.subarray(at + 1);
        return Buffer.concat(parts);
      }
      parts.push(this.#rest);
      const next = await this.#chunks.next();
      if (next.done === true) return undefined;
      this.#rest = next.value;
    }
  }

  async take(length: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = length; missing > 0;) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true) throw new GitFailed("git cat-file ended too early");
        this.#rest = next.value;
      }
      const part = this.#rest.subarray(0, missing);
      parts.push(part);
      missing -= part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return Buffer.concat(parts);
  }
}
