import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { BadInput } from "@groundwork/lib/errors";

/** Groundwork's own root: where its node_modules, its policy pack and, by default, its `.groundwork` folder are. */
export const groundworkRoot = resolve(fileURLToPath(import.meta.url), "../../..");

/** Where one stack's rehearsal keeps everything that it writes. */
export interface Folders {
  /** `.groundwork`, or GROUNDWORK_HOME. */
  readonly home: string;
  /** Shared by all rehearsals: the engine, derived schemas, V8 code. */
  readonly cache: string;
  /** PULUMI_HOME of every engine that a rehearsal starts. */
  readonly pulumiHome: string;
  /** This stack's own. */
  readonly stack: string;
  /** The copy of the project that the engine runs. */
  readonly copy: string;
  /** Pulumi's file backend. */
  readonly backend: string;
  /** What exists in the simulated clouds. */
  readonly inventory: string;
  /** Names the process that rehearses this stack now. */
  readonly lock: string;
  /** What is sealed with: the passphrase of the stack and the key of the inventory. Readable by its owner only. */
  readonly keys: string;
  readonly temporary: string;
  /** There while an update runs whose state is written at its end only. */
  readonly unsaved: string;
}

export function groundworkHome(env: NodeJS.ProcessEnv = process.env): string {
  // set to nothing is how a shell unsets it for one command
  return resolve(env["GROUNDWORK_HOME"] || join(groundworkRoot, ".groundwork"));
}

/** The folder shared by every rehearsal; it ignores itself in git, so that it never dirties the tree that it is in. */
export function ensureHome(home: string = groundworkHome()): string {
  try {
    mkdirSync(join(home, "cache"), { recursive: true });
    writeFileSync(join(home, ".gitignore"), "*\n");
    return home;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (!NOT_A_FOLDER_TO_WRITE_TO.includes(code)) throw error;
    throw new BadInput(
      `nothing can be written to ${home} (${code}): set GROUNDWORK_HOME to a folder that this user may write to`,
    );
  }
}

const NOT_A_FOLDER_TO_WRITE_TO = ["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ENOENT"];

/** Projects of the same name at different paths must not share a state, so the path's digest is part of the name. */
export function foldersFor(project: string, stack: string, home: string = groundworkHome()): Folders {
  const digest = createHash("sha256").update(resolve(project)).digest("hex").slice(0, 8);
  return foldersIn(join(home, "rehearsals", `${basename(resolve(project))}-${digest}`, stack), home);
}

/** As {@link foldersFor}, for a rehearsal that keeps everything of its own below a folder that is named. */
export function foldersIn(own: string, home: string = groundworkHome()): Folders {
  return {
    home,
    cache: join(home, "cache"),
    pulumiHome: join(home, "pulumi-home"),
    stack: own,
    copy: join(own, "project"),
    backend: join(own, "backend"),
    inventory: join(own, "inventory.jsonl"),
    lock: join(own, "lock.json"),
    keys: join(own, "keys.json"),
    temporary: join(own, "tmp"),
    unsaved: join(own, "unsaved"),
  };
}
