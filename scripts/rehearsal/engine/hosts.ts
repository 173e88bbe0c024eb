import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const LANGUAGE_HOST = "pulumi-language-nodejs";

/** The plug-ins that the CLI needs beside it for Node programs and Node policy packs, and what of ours serves them. */
const ours: Readonly<Record<string, string>> = {
  [LANGUAGE_HOST]: "language-host-command.ts",
  "pulumi-analyzer-policy": "policy-host-command.ts",
};

export const HOSTS = Object.keys(ours);

/**
 * Makes `folder` ready to be first on PATH: the `node` that runs this process, for all that looks for one, and each host
 * that `isOfficial` does not find there. Harmless when another process does the same at the same time.
 */
export function completeBinFolder(folder: string, sdkRoot: string, isOfficial: (host: string) => boolean): void {
  mkdirSync(folder, { recursive: true });
  link(process.execPath, join(folder, "node"));
  for (const [host, command] of Object.entries(ours)) {
    if (!isOfficial(host)) writeScript(join(folder, host), hostScript(host, command, sdkRoot));
  }
}

/**
 * The SDK switches V8 flags while it is loaded, and V8 refuses code that was compiled under other flags. Programs and packs
 * load it in different orders: in one and the same compile cache each would undo what the other left there, at each run.
 */
function hostScript(host: string, command: string, sdkRoot: string): string {
  const path = fileURLToPath(new URL(command, import.meta.url));
  // Node 22 warns on stderr that it strips types, which the engine would show as a message of the program
  const words = [process.execPath, "--disable-warning=ExperimentalWarning", path, sdkRoot].map(quote).join(" ");
  return [
    "#!/bin/sh",
    "# Written by groundwork (scripts/rehearsal/engine/hosts.ts) for each engine that comes without it.",
    `[ -z "$NODE_COMPILE_CACHE" ] || export NODE_COMPILE_CACHE="$NODE_COMPILE_CACHE/${host}"`,
    `exec ${words} "$@"`,
    "",
  ].join("\n");
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Replaced whole by a rename: another process may be starting the old one right now. */
function writeScript(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, "utf8") === text) return;
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  chmodSync(draft, 0o755);
  renameSync(draft, path);
}

export function link(target: string, path: string): void {
  if (linkTarget(path) === target) return;
  const draft = `${path}.${process.pid}`;
  rmSync(draft, { force: true });
  symlinkSync(target, draft);
  renameSync(draft, path);
}

function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
