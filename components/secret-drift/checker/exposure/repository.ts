import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readFile, readlink } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { InvalidMapping } from "../reader.ts";
import { ByteReader, GitFailed, ending, git, startGit } from "./git.ts";

/** One commit and what it has brought. */
export interface Commit {
  readonly id: string;
  /** The author's, in ISO 8601. */
  readonly date: string;
  readonly message: string;
  /** Versions of files that none of its parents has. */
  readonly blobs: readonly { readonly oid: string; readonly path: string }[];
}

/** Some bytes that can be read, once or more often. */
export interface Content {
  readonly oid: string;
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** Larger ones are read piece by piece. */
const HELD = 32 * 1024 * 1024;
const LINE_END = 10;
const ZERO = 0;
const NONE = /^0+$/;

/** A git repository as somebody has it: its files, and everything that its references lead to. Nothing in it is changed. */
export class Repository {
  readonly folder: string;
  /** Whether it lacks commits that its origin has. */
  readonly isShallow: boolean;
  readonly #isBare: boolean;
  readonly #hash: string;

  private constructor(folder: string, isBare: boolean, isShallow: boolean, hash: string) {
    this.folder = folder;
    this.isShallow = isShallow;
    this.#isBare = isBare;
    this.#hash = hash;
  }

  /** @throws InvalidMapping where there is none */
  static async open(folder: string): Promise<Repository> {
    try {
      const asked = ["--is-bare-repository", "--is-shallow-repository", "--show-object-format", "--absolute-git-dir"];
      const answer = (await git(folder, ["rev-parse", ...asked])).toString().split("\n");
      const [isBare = "", isShallow, hash = "sha1", gitFolder = folder] = answer;
      const bare = isBare === "true";
      const top = bare
        ? gitFolder
        : (await git(folder, ["rev-parse", "--show-toplevel"])).toString().replace(/\n$/, "");
      return new Repository(top, bare, isShallow === "true", hash);
    } catch (error) {
      if (!(error instanceof GitFailed)) throw error;
      throw new InvalidMapping(
        `${folder} is no git repository that you may read: name one with --repository, or files`,
      );
    }
  }

  /** Every commit of every reference, parents first. */
  async *commits(): AsyncGenerator<Commit> {
    // -c: of a merge, what differs from all its parents. https://git-scm.com/docs/git-log#_diff_formatting
    const shape = ["--all", "--reverse", "--topo-order", "--raw", "--no-abbrev", "-c", "--root", "--no-renames", "-z"];
    const args = ["log", ...shape, "--format=%x01%H%x02%aI%x02%B"];
    const child = startGit(this.folder, args);
    child.stdin.end();
    const ended = ending(child, args);
    ended.catch(() => undefined);
    try {
      yield* commitsIn(new ByteReader(child.stdout as AsyncIterable<Buffer>));
      await ended;
    } finally {
      child.kill();
    }
  }

  /** Paths of all files that are tracked, or that are not and should not be ignored. */
  async files(): Promise<string[]> {
    if (this.#isBare) return [];
    const listed = await git(this.folder, ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    return [...new Set(listed.toString().split("\0"))].filter((path) => path !== "");
  }

  /** A file of the work tree under the id that git would give it; `undefined` where there is none to read. */
  async file(path: string): Promise<Content | undefined> {
    const at = join(this.folder, path);
    try {
      const found = await lstat(at);
      if (found.isSymbolicLink()) return this.#content(Buffer.from(await readlink(at)));
      if (!found.isFile()) return undefined;
      if (found.size <= HELD) return this.#content(await readFile(at));
      const hash = createHash(this.#hash).update(`blob ${found.size}\0`);
      for await (const chunk of createReadStream(at)) hash.update(chunk as Buffer);
      return { oid: hash.digest("hex"), open: () => createReadStream(at) };
    } catch (error) {
      // it was there when git listed it
      if (["ENOENT", "EACCES", "ENOTDIR"].includes(String((error as NodeJS.ErrnoException).code))) return undefined;
      throw error;
    }
  }

  /** Versions of files by their ids; those that this copy of the repository lacks are left out. */
  async *contents(oids: readonly string[]): AsyncGenerator<Content> {
    const sizes = await this.#sizes(oids);
    const small = oids.filter((oid) => (sizes.get(oid) ?? Infinity) <= HELD);
    const args = ["cat-file", "--batch", "--buffer"];
    const child = startGit(this.folder, args);
    const ended = ending(child, args);
    ended.catch(() => undefined);
    Readable.from(small.map((oid) => `${oid}\n`)).pipe(child.stdin);
    try {
      const reader = new ByteReader(child.stdout as AsyncIterable<Buffer>);
      for (const oid of small) {
        await reader.until(LINE_END);
        const bytes = await reader.take(sizes.get(oid) ?? 0);
        await reader.take(1);
        yield { oid, open: () => only(bytes) };
      }
      await ended;
    } finally {
      child.kill();
    }
    for (const [oid, size] of sizes) if (size > HELD) yield { oid, open: () => this.#large(oid) };
  }

  async *#large(oid: string): AsyncGenerator<Uint8Array> {
    const child = startGit(this.folder, ["cat-file", "blob", oid]);
    child.stdin.end();
    try {
      yield* child.stdout as AsyncIterable<Uint8Array>;
    } finally {
      child.kill();
    }
  }

  async #sizes(oids: readonly string[]): Promise<Map<string, number>> {
    const args = ["cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", "--buffer"];
    const child = startGit(this.folder, args);
    const ended = ending(child, args);
    ended.catch(() => undefined);
    Readable.from(oids.map((oid) => `${oid}\n`)).pipe(child.stdin);
    const reader = new ByteReader(child.stdout as AsyncIterable<Buffer>);
    const sizes = new Map<string, number>();
    for (let line = await reader.until(LINE_END); line !== undefined; line = await reader.until(LINE_END)) {
      const [oid = "", type, size] = line.toString().split(" ");
      if (type === "blob") sizes.set(oid, Number(size));
    }
    await ended;
    return sizes;
  }

  #content(bytes: Buffer): Content {
    const oid = createHash(this.#hash).update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
    return { oid, open: () => only(bytes) };
  }
}

/** A stream of one piece. */
export function only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  return Readable.from([bytes], { objectMode: true });
}

/** What `git log --raw -z` writes: commits, and between them what has changed and where, each ended by a zero. */
async function* commitsIn(reader: ByteReader): AsyncGenerator<Commit> {
  let commit: (Commit & { blobs: { oid: string; path: string }[] }) | undefined;
  for (let token = await reader.until(ZERO); token !== undefined; token = await reader.until(ZERO)) {
    const text = token.toString().replace(/^\n/, "");
    if (text.startsWith(":")) {
      const oid = newOid(text);
      const path = (await reader.until(ZERO))?.toString() ?? "";
      if (oid !== undefined) commit?.blobs.push({ oid, path });
    } else if (text.startsWith("\u0001")) {
      if (commit !== undefined) yield commit;
      const [id = "", date = "", ...message] = text.slice(1).split("\u0002");
      commit = { id, date, message: message.join("\u0002"), blobs: [] };
    }
  }
  if (commit !== undefined) yield commit;
}

/** As many colons as parents; then their modes and the new one, their ids and the new one. https://git-scm.com/docs/git-diff-tree#_raw_output_format */
function newOid(change: string): string | undefined {
  const parents = /^:+/.exec(change)?.[0].length ?? 0;
  const parts = change.slice(parents).split(" ");
  const mode = parts[parents] ?? "";
  const oid = parts[2 * parents + 1] ?? "";
  // a submodule's commit is in another repository
  return mode === "160000" || NONE.test(oid) ? undefined : oid;
}
