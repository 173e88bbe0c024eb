import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { InvalidMapping } from "../reader.ts";
import { BlobScanner, type Counts, type Memories } from "./blob-scanner.ts";
import { PLAIN_SECRET, manifestSecrets, scanContainers, scanState } from "./documents.ts";
import { type Exposure, type Where, exposuresOf } from "./finding.ts";
import { scanRepository } from "./repository-scan.ts";
import { only } from "./repository.ts";
import { type Finders, scanBytes } from "./text.ts";

/** What is looked at. A path `-` is standard input. */
export interface ScanTargets {
  /** A folder in a git repository. */
  readonly repository?: string;
  /** Whether also its earlier versions. Default: true. */
  readonly history?: boolean;
  /** Files, and folders with all that is in them. */
  readonly files?: readonly string[];
  /** Files or folders of Kubernetes manifests. */
  readonly manifests?: readonly string[];
  /** What `pulumi stack export` wrote. */
  readonly states?: readonly string[];
  /** What `docker inspect` wrote. */
  readonly containers?: readonly string[];
  readonly logs?: readonly string[];
}

/** Larger documents of JSON do not fit into one text. https://nodejs.org/api/buffer.html#bufferconstantsmax_string_length */
const MOST_DOCUMENT = 512 * 1024 * 1024;
/** So much of a manifest is read by its structure; as text all of it is. */
const MOST_MANIFEST = 32 * 1024 * 1024;
const MANIFEST = /\.(?:ya?ml|json)$/;

export interface LookerOptions {
  readonly finders: Finders;
  /** Default: the process's own. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** What it does at this moment. */
  readonly tell?: (subject: string, doing: string) => void;
  readonly memories?: Memories;
}

/** Looks at one thing after another. */
export class Looker {
  readonly notes: string[] = [];
  /** Targets that were looked at completely. */
  readonly whole: string[] = [];
  readonly #finders: Finders;
  readonly #scanner: BlobScanner;
  readonly #tell: (subject: string, doing: string) => void;
  #input: AsyncIterable<Uint8Array> | undefined;

  constructor({ finders, input = process.stdin, tell = () => undefined, memories }: LookerOptions) {
    this.#finders = finders;
    this.#scanner = new BlobScanner(finders, memories);
    this.#input = input;
    this.#tell = tell;
  }

  get counts(): Counts {
    return this.#scanner.counts;
  }

  async all({ repository, history = true, ...named }: ScanTargets): Promise<Exposure[]> {
    const exposures: Exposure[] = [];
    const look = async (paths: readonly string[] = [], work: (path: string) => Promise<readonly Exposure[]>) => {
      for (const path of paths) exposures.push(...(await work(path)));
    };
    // what is named is checked before what takes long
    await look(named.states, (path) => this.#document("state", path, scanState));
    await look(named.containers, (path) => this.#document("container", path, scanContainers));
    await look(named.manifests, (path) => this.#tree("manifest", path));
    await look(named.files, (path) => this.#tree("file", path));
    await look(named.logs, (path) => this.#file("log", path, `log ${nameOf(path)}`));
    await look(repository === undefined ? [] : [repository], (path) => this.#repository(path, history));
    return exposures;
  }

  async #repository(folder: string, history: boolean): Promise<readonly Exposure[]> {
    try {
      const scanned = await scanRepository(folder, history, this.#scanner, (doing) => this.#tell("repository", doing));
      if (history) this.whole.push(scanned.target);
      if (history && scanned.isShallow)
        this.notes.push(
          `${scanned.folder} is a shallow clone: earlier commits were not looked at (git fetch --unshallow)`,
        );
      return scanned.exposures;
    } finally {
      this.#scanner.flush();
    }
  }

  async #document(
    where: Where,
    path: string,
    scanIt: (text: string, name: string, finders: Finders) => Promise<Exposure[]>,
  ): Promise<readonly Exposure[]> {
    this.#tell(where, path);
    const bytes = await this.#held(path);
    if (bytes.length > MOST_DOCUMENT)
      throw new InvalidMapping(
        `${nameOf(path)} has ${bytes.length} bytes: give a document of at most ${MOST_DOCUMENT}`,
      );
    this.#scanner.counts.files += 1;
    this.#scanner.counts.bytes += bytes.length;
    const exposures = await scanIt(bytes.toString("utf8"), nameOf(path), this.#finders);
    this.whole.push(`${where} ${nameOf(path)}`);
    return exposures;
  }

  /** A file, or every file in a folder. */
  async #tree(where: "file" | "manifest", path: string): Promise<readonly Exposure[]> {
    const target = `${where} ${nameOf(path)}`;
    const isFolder = path !== "-" && (await readable(path, () => stat(path))).isDirectory();
    const files = isFolder ? await filesIn(path) : [path];
    const exposures: Exposure[] = [];
    for (const file of files) exposures.push(...(await this.#file(where, file, target)));
    return exposures;
  }

  async #file(where: "file" | "log" | "manifest", path: string, target: string): Promise<readonly Exposure[]> {
    this.#tell(where, path);
    const { counts } = this.#scanner;
    const held = where === "manifest" && (await hasStructure(path)) ? await this.#held(path) : undefined;
    const source = () => scanBytes(held === undefined ? this.#open(path) : only(held), this.#finders);
    const scanned = await readable(path, source);
    counts.files += 1;
    counts.bytes += scanned.bytes;
    if (scanned.binary) counts.binaries += 1;
    if (!this.whole.includes(target)) this.whole.push(target);
    const found = exposuresOf(scanned.sightings, { target, where, path: nameOf(path) });
    if (held === undefined || scanned.binary) return found;
    // where it is known what it is, nobody needs to be told that it is called like a secret
    const known = new Set(found.flatMap(({ lines }) => lines));
    const named = manifestSecrets(held.toString("utf8"), nameOf(path), target, this.#finders);
    return [
      ...found,
      ...named.filter(({ rule, lines }) => rule !== PLAIN_SECRET || !lines.some((line) => known.has(line))),
    ];
  }

  async #held(path: string): Promise<Buffer> {
    const source = this.#open(path);
    return readable(path, () => buffer(source));
  }

  #open(path: string): AsyncIterable<Uint8Array> {
    if (path !== "-") return createReadStream(path) as AsyncIterable<Uint8Array>;
    const input = this.#input;
    if (input === undefined) throw new InvalidMapping("standard input can be read only once: write - for one thing");
    this.#input = undefined;
    return input;
  }
}

function nameOf(path: string): string {
  return path === "-" ? "standard input" : path;
}

async function hasStructure(path: string): Promise<boolean> {
  return path === "-" || (MANIFEST.test(path) && (await readable(path, () => stat(path))).size <= MOST_MANIFEST);
}

/** Everything below a folder but git's own, in a fixed order. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readable(folder, () => readdir(folder, { recursive: true, withFileTypes: true }));
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return paths.filter((path) => !/(?:^|[/\\])\.git[/\\]/.test(path)).sort();
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code === undefined || syscall === undefined) throw error;
    throw new InvalidMapping(`${path} cannot be read (${code}): name a file that exists and that you may read`);
  }
}
