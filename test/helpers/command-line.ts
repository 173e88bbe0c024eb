import assert from "node:assert/strict";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type ResultPromise, execa } from "execa";
import type { RehearsalReport } from "@groundwork/lib/rehearsal-report";
import { findEngine } from "../../scripts/rehearsal/engine/index.ts";
import { type Folders, ensureHome, foldersFor, groundworkRoot } from "../../scripts/rehearsal/home.ts";
import { temporaryFolder } from "./folder.ts";

const SCRIPT = join(groundworkRoot, "scripts/groundwork.ts");

interface CommandOptions {
  /** GROUNDWORK_HOME. */
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

interface AsText {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly reject: false;
  readonly stdin: "ignore";
}

/** Runs `groundwork` as a user does. */
export function groundwork(args: readonly string[], { home, env = {}, cwd }: CommandOptions): ResultPromise<AsText> {
  return execa(process.execPath, [SCRIPT, ...args], {
    cwd: cwd ?? groundworkRoot,
    env: { GROUNDWORK_HOME: home, ...env },
    reject: false,
    stdin: "ignore",
  });
}

/** A GROUNDWORK_HOME of its own, whose engine and derived schemas are those of this repository. */
export async function temporaryHome(): Promise<string> {
  const home = join(temporaryFolder(), "home #1 at 100%"); // what URLs and shells take for something else
  await shareCache(home);
  return home;
}

/** Puts a link to the cache of this repository, with the engine in it, into a GROUNDWORK_HOME. */
export async function shareCache(home: string): Promise<void> {
  const cache = join(ensureHome(), "cache");
  await findEngine({ cacheDir: cache, sdkRoot: groundworkRoot, progress: () => undefined });
  mkdirSync(home, { recursive: true });
  symlinkSync(cache, join(home, "cache"));
}

/** The report of a rehearsal that printed one JSON document and nothing else. */
export function reportOf({ stdout }: { readonly stdout: string }): RehearsalReport {
  return JSON.parse(stdout) as RehearsalReport;
}

/** Asserts that a command refused its input: exit code 2, one sentence that names these parts, nothing on stdout. */
export function assertRefused(
  { exitCode, stdout, stderr }: { readonly exitCode?: number; readonly stdout: string; readonly stderr: string },
  ...named: readonly (string | RegExp)[]
): void {
  assert.equal(exitCode, 2, stderr);
  assert.equal(stdout, "");
  assert.equal(stderr.split("\n").length, 1, `more than one line: ${stderr}`);
  for (const part of named) {
    const found = part instanceof RegExp ? part.test(stderr) : stderr.includes(part);
    assert.ok(found, `${String(part)} is not named in: ${stderr}`);
  }
}

export function foldersIn(home: string, project: string, stack: string): Folders {
  return foldersFor(project, stack, home);
}
