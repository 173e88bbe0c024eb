import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { BadInput } from "@groundwork/lib/errors";
import { ensureHome } from "../home.ts";
import { isProcessAlive, takeLock } from "../lock.ts";

/** How many results of each kind are kept, the last used ones; a base of a large stack takes some 30 MB. */
const KEPT: Readonly<Record<Kind, number>> = { base: 8, head: 64, state: 16, tree: 8 };

/** A result that somebody may be reading right now stays. */
const IN_USE_MS = 10 * 60_000;
const WAIT_MS = 250;

/**
 * `base`: a deployed stack with its clouds; `head`: what a change makes of one; `state`: what a stack is going to be;
 * `tree`: the files of a commit.
 */
type Kind = "base" | "head" | "state" | "tree";

export interface MakeOptions {
  readonly progress: (line: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Results by what they were made of. One appears whole or not at all; several processes may ask for the same one at the
 * same time: one makes it, the others wait.
 */
export class Cache {
  readonly #root: string;

  constructor(home: string = ensureHome()) {
    this.#root = join(home, "desired");
    this.#sweep();
  }

  /** The folder of a result, made by `make` in a folder that it gets where it is not there yet. */
  async folder(
    kind: Kind,
    key: string,
    { progress, signal }: MakeOptions,
    make: (draft: string) => Promise<void>,
  ): Promise<string> {
    const name = `${kind}-${key}`;
    const path = join(this.#root, "results", name);
    if (isUsed(path)) return path;
    const release = await this.#inTurn(name, progress, signal);
    try {
      if (isUsed(path)) return path;
      const draft = join(this.#root, "drafts", `${process.pid}-${name}`);
      rmSync(draft, { recursive: true, force: true });
      mkdirSync(draft, { recursive: true, mode: 0o700 });
      try {
        await make(draft);
        mkdirSync(join(this.#root, "results"), { recursive: true });
        renameSync(draft, path);
      } finally {
        rmSync(draft, { recursive: true, force: true });
      }
      this.#prune(kind, path);
      return path;
    } finally {
      release();
    }
  }

  async #inTurn(name: string, progress: MakeOptions["progress"], signal?: AbortSignal): Promise<() => void> {
    for (let told = false; ; told = true) {
      try {
        return takeLock(join(this.#root, "locks", `${name}.json`), name);
      } catch (error) {
        if (!(error instanceof BadInput)) throw error;
        if (!told) progress("another process is working on the same: waiting for it");
        await sleep(WAIT_MS, undefined, signal === undefined ? {} : { signal });
      }
    }
  }

  /** What a killed process began is of no use to anybody. */
  #sweep(): void {
    const drafts = join(this.#root, "drafts");
    if (!existsSync(drafts)) return;
    for (const name of readdirSync(drafts)) {
      if (!isProcessAlive(Number(name.split("-")[0]))) rmSync(join(drafts, name), { recursive: true, force: true });
    }
  }

  #prune(kind: Kind, kept: string): void {
    const results = join(this.#root, "results");
    const old = readdirSync(results)
      .filter((name) => name.startsWith(`${kind}-`))
      .map((name) => join(results, name))
      .map((path) => ({ path, used: statSync(path).mtimeMs }))
      .sort((a, b) => b.used - a.used)
      .slice(KEPT[kind]);
    for (const { path, used } of old) {
      if (path !== kept && Date.now() - used > IN_USE_MS) rmSync(path, { recursive: true, force: true });
    }
  }
}

/** Whether it is there; if so, it counts as used now. */
function isUsed(path: string): boolean {
  try {
    const now = new Date();
    utimesSync(path, now, now);
    return true;
  } catch {
    return false;
  }
}
