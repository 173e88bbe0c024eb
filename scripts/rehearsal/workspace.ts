import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { execa } from "execa";

const NEVER_COPIED = new Set([".git", ".groundwork", "node_modules"]);

/**
 * Copies a project so that the engine, which writes into stack files, never touches the tracked ones. In a git work
 * tree that is what git tracks or would track; elsewhere everything but dependencies, which are those of another folder
 * where one is named.
 */
export async function copyProject(root: string, copy: string, dependencies: string = root): Promise<void> {
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const file of await filesOf(root)) {
    const target = join(copy, file);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(join(root, file), target, { dereference: false, verbatimSymlinks: true });
  }
  linkDependencies(dependencies, copy);
}

/** Paths of what a copy holds, relative to the project. */
export async function filesOf(root: string): Promise<string[]> {
  const listed = await execa("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    reject: false,
  });
  const files = listed.stdout.split("\0").filter((file) => file !== "" && existsSync(join(root, file)));
  // a folder of which git knows nothing, because it is ignored, is no work tree of its own
  if (listed.exitCode === 0 && files.length > 0) {
    return files.filter((file) => !file.split("/").some((part) => NEVER_COPIED.has(part)));
  }
  return walk(root, root);
}

function walk(folder: string, root: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (NEVER_COPIED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path, root) : [relative(root, path)];
  });
}

/**
 * The copy sees the project's dependencies by links. A workspace package is a link into the project itself: it is led
 * into the copy instead, so that a rehearsal runs the copied code and two versions of it can be compared.
 */
function linkDependencies(root: string, copy: string): void {
  const from = join(root, "node_modules");
  if (!existsSync(from)) return;
  const to = join(copy, "node_modules");
  const real = realpathSync(root);
  const link = (name: string): void => {
    const target = realpathSync(join(from, name));
    const inside = target.startsWith(real + sep) && !target.startsWith(join(real, "node_modules") + sep);
    symlinkSync(inside ? join(copy, relative(real, target)) : target, join(to, name));
  };
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    if (name.startsWith("@") && lstatSync(join(from, name)).isDirectory()) {
      mkdirSync(join(to, name));
      for (const scoped of readdirSync(join(from, name))) link(`${name}/${scoped}`);
    } else {
      link(name);
    }
  }
}
