import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import { execa } from "execa";
import type { Cache, MakeOptions } from "./cache.ts";
import { digestOf } from "./content.ts";
import type { Files } from "./sides.ts";
import { type Repository, type Revision, writeTree } from "./git.ts";

const LOCK = "package-lock.json";
const FILES = "files";

/**
 * The files of a commit in a folder of their own. They are run with the packages that are installed here where the commit
 * locks the same ones; otherwise its own are installed.
 */
export async function filesOfRevision(
  cache: Cache,
  repository: Repository,
  { commit, ref, tree = "" }: Revision,
  options: MakeOptions,
): Promise<Files> {
  const { project } = repository;
  const plain = await cache.folder("tree", digestOf([tree]), options, async (draft) => {
    await written(repository, tree, draft);
  });
  const root = join(plain, FILES);
  if (locksTheSame(root, project)) return { project: root, dependencies: project };
  const installed = await cache.folder("tree", digestOf([tree, "with its packages"]), options, async (draft) => {
    const folder = await written(repository, tree, draft);
    options.progress(`${ref} locks other packages than those installed here: installing them (npm ci), once`);
    await install(folder, `${ref} (${commit.slice(0, 10)})`, options.signal);
  });
  return { project: join(installed, FILES), dependencies: join(installed, FILES) };
}

async function written(repository: Repository, tree: string, draft: string): Promise<string> {
  const folder = join(draft, FILES);
  mkdirSync(folder);
  await writeTree(repository, tree, folder);
  rmSync(`${folder}.index`, { force: true });
  // where somebody has committed a link to the packages that are installed here, npm ci would empty what it leads to
  rmSync(join(folder, "node_modules"), { recursive: true, force: true });
  return folder;
}

async function install(folder: string, what: string, signal?: AbortSignal): Promise<void> {
  const result = await execa("npm", ["ci", "--no-audit", "--no-fund"], {
    cwd: folder,
    reject: false,
    stdin: "ignore",
    ...(signal === undefined ? {} : { cancelSignal: signal }),
  });
  if (signal?.aborted === true) throw new Error("interrupted: nothing was changed");
  if (result.exitCode === 0) return;
  throw new BadInput(
    `the packages that ${what} locks cannot be installed (${reasonOf(result.stderr) ?? result.message ?? "npm gave no reason"}): make \`npm ci\` work for that commit, or name another one`,
  );
}

/** npm's first sentence on an error; its warnings come before, and a code. */
function reasonOf(stderr: string): string | undefined {
  const lines = stderr.split("\n").map((line) => line.replace(/^npm error\s?/, "").trim());
  return lines.find((line) => line !== "" && !/^(?:npm \w+ |code |errno |syscall )/.test(line));
}

/** Whether what lies in node_modules is what both lock; a project without a lock is run with what is there. */
function locksTheSame(root: string, project: string): boolean {
  const wanted = lockedPackages(root);
  return wanted === undefined || (existsSync(join(project, "node_modules")) && wanted === lockedPackages(project));
}

function lockedPackages(root: string): string | undefined {
  const path = join(root, LOCK);
  if (!existsSync(path)) return undefined;
  const { packages = {} } = JSON.parse(readFileSync(path, "utf8")) as { packages?: Readonly<Record<string, unknown>> };
  const installed = Object.entries(packages).filter(([name]) => name.startsWith("node_modules/"));
  return JSON.stringify(installed.sort(([a], [b]) => (a < b ? -1 : 1)));
}
