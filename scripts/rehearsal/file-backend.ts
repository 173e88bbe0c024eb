import { copyFileSync, existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The lock that Pulumi's file backend writes beside a stack: who updates it. */
export interface BackendLock {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  readonly timestamp: string;
}

/** Pulumi's own files of one stack in a `file://` backend. */
export class FileBackend {
  readonly #checkpoint: string;
  readonly #locks: string;

  /** @returns undefined for every other kind of backend, whose files cannot be seen from here */
  static of(url: string | undefined, project: string, stack: string): FileBackend | undefined {
    if (url === undefined || !url.startsWith("file://")) return undefined;
    const root = join(fileURLToPath(url), ".pulumi");
    return new FileBackend(
      join(root, "stacks", project, `${stack}.json`),
      join(root, "locks/organization", project, stack),
    );
  }

  private constructor(checkpoint: string, locks: string) {
    this.#checkpoint = checkpoint;
    this.#locks = locks;
  }

  /** Where Pulumi writes the stack's state. */
  get checkpoint(): string {
    return this.#checkpoint;
  }

  get hasStack(): boolean {
    return existsSync(this.#checkpoint);
  }

  /**
   * Puts right what a kill in the middle of a write left. The checkpoint itself is replaced whole, but the attributes
   * that lie beside it, and beside a lock, are written in place: without them Pulumi reads the file all the same, with
   * half of them it reads nothing ("failed to load checkpoint: EOF").
   */
  repair(): void {
    for (const file of [this.#checkpoint, ...this.#lockFiles()]) {
      if (existsSync(`${file}.attrs`) && !isJson(`${file}.attrs`)) rmSync(`${file}.attrs`);
    }
    for (const file of this.#lockFiles()) if (!isJson(file)) rmSync(file);
    const backup = `${this.#checkpoint}.bak`;
    if (this.hasStack && !isJson(this.#checkpoint) && existsSync(backup)) copyFileSync(backup, this.#checkpoint);
  }

  locks(): BackendLock[] {
    return this.#lockFiles().map((file) => JSON.parse(readFileSync(file, "utf8")) as BackendLock);
  }

  #lockFiles(): string[] {
    if (!existsSync(this.#locks)) return [];
    return readdirSync(this.#locks)
      .filter((name) => name.endsWith(".json"))
      .map((name) => join(this.#locks, name));
  }
}

function isJson(path: string): boolean {
  try {
    JSON.parse(readFileSync(path, "utf8"));
    return true;
  } catch {
    return false;
  }
}
