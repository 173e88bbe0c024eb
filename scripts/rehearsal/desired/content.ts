import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { findEngine } from "../engine/index.ts";
import { ensureHome, groundworkRoot } from "../home.ts";
import { filesOf } from "../workspace.ts";
import type { Files } from "./sides.ts";

/** Goes up by one when what is kept under a key is written in another way. */
const FORMAT = 1;

/** What the code that rehearses consists of, in Groundwork's own root. */
const OWN_CODE = /^(scripts\/rehearsal|policies|lib)\//;

/**
 * A digest of everything that a rehearsal of this project depends on: two of the same digest end the same. The UTC day
 * (`2026-11-21`) is part of it because the policy pack's answer depends on it: exceptions expire, and so does the support of
 * engine versions.
 */
export async function contentOf({ project, dependencies }: Files, day = today()): Promise<string> {
  const engine = await findEngine({
    cacheDir: join(ensureHome(), "cache"),
    sdkRoot: groundworkRoot,
    progress: () => undefined,
  });
  const own = (await filesOf(groundworkRoot)).filter((file) => OWN_CODE.test(file));
  return digestOf([
    FORMAT,
    day,
    process.version,
    engine.version,
    digestOfFiles(groundworkRoot, own),
    digestOfFiles(project, await filesOf(project)),
    ...[groundworkRoot, dependencies].map(installedPackages),
  ]);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}

export function digestOf(parts: unknown): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}

function digestOfFiles(root: string, files: readonly string[]): string {
  const hash = createHash("sha256");
  for (const file of [...files].sort()) {
    const path = join(root, file);
    const isLink = lstatSync(path).isSymbolicLink();
    const content = isLink ? Buffer.from(readlinkSync(path)) : readFileSync(path);
    hash.update(JSON.stringify([file, isLink, content.length])).update(content);
  }
  return hash.digest("hex");
}

/** npm's own list of what lies in node_modules. https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json#hidden-lockfiles */
function installedPackages(root: string): string {
  const list = join(root, "node_modules/.package-lock.json");
  return existsSync(list) ? createHash("sha256").update(readFileSync(list)).digest("hex") : "";
}
