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
    const folder = join(draft, FILES);
    mkdirSync(folder);
    await writeTree(repository, tree, folder);
    rmSync(`${folder}.index`, { force: true });
  });
  const root = join(plain, FILES);
  if (locksTheSame(root, project)) return { project: root, dependencies: project };
  const installed = await cache.folder("tree", digestOf([tree, "with its packages"]), options, async (draft) => {
    const folder = join(draft, FILES);
    mkdirSync(folder);
    await writeTree(repository, tree, folder);
    rmSync(`${folder}.index`, { force: true });
    options.progress(`${ref} locks other packages than those installed here: installing them (npm ci), once`);
    await install(folder, `${ref} (${commit.slice(0, 10)})`, options.signal);
  });
  return { project: join(installed, FILES), dependencies: join(installed, FILES) };
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
  const reason = result.stderr.split("\n").find((line) => line.trim() !== "") ?? result.message ?? "";
  throw new BadInput(
    `the packages that ${what} locks cannot be installed (${reason.trim()}): make \`npm ci\` work for that commit, or name another one`,
  );
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
