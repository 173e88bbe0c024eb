import { resolve } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import { choices } from "@groundwork/lib/suggest";
import { execa } from "execa";

/** The git repository that a project lies in. */
export interface Repository {
  /** The project's folder. */
  readonly project: string;
  /** Path of the project in the repository, with a slash at its end; empty where it is the repository itself. */
  readonly prefix: string;
}

/** A commit, and the project's files in it. */
export interface Revision {
  /** As the user wrote it. */
  readonly ref: string;
  /** 40 hexadecimal digits. */
  readonly commit: string;
  /** Of the tree object that holds the project's folder; undefined where that commit has no such folder. */
  readonly tree: string | undefined;
}

/** Where teams let changes flow together, the first that is there. */
const DEFAULT_BRANCHES = ["origin/main", "origin/master", "main", "master"];

export async function repositoryOf(project: string): Promise<Repository> {
  const folder = resolve(project);
  const prefix = await git(folder, "rev-parse", "--show-prefix");
  if (prefix === undefined) {
    throw new BadInput(
      `${folder} is in no git repository, so there is nothing to compare it with: run this in a clone, or compare two configurations with --set key=value`,
    );
  }
  return { project: folder, prefix };
}

/** @throws BadInput naming the nearest branch or tag when there is no such commit */
export async function revisionOf({ project, prefix }: Repository, flag: string, ref: string): Promise<Revision> {
  const commit = await git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`);
  if (commit === undefined) {
    const known = await git(project, "for-each-ref", "--format=%(refname:short)");
    const isShallow = (await git(project, "rev-parse", "--is-shallow-repository")) === "true";
    const instead = isShallow
      ? "this clone is shallow, so fetch the history first with `git fetch --unshallow`"
      : choices(
          ref,
          (known ?? "")
            .split("\n")
            .filter((name) => name !== "")
            .slice(0, 20),
        );
    throw new BadInput(`${flag} ${ref} is no commit of this repository: ${instead}`);
  }
  const path = prefix.replace(/\/$/, "");
  return { ref, commit, tree: await git(project, "rev-parse", "--verify", "--quiet", `${commit}:${path}`) };
}

/** The commit at which the work here left the default branch, by that branch's name. */
export async function defaultBase(repository: Repository): Promise<Revision> {
  const { project } = repository;
  const remote = await git(project, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD");
  for (const branch of [...(remote === undefined ? [] : [remote]), ...DEFAULT_BRANCHES]) {
    const found = await git(project, "merge-base", branch, "HEAD");
    if (found !== undefined) return { ...(await revisionOf(repository, "--base", found)), ref: branch };
  }
  throw new BadInput(
    "no default branch was found to compare with (origin/HEAD, main or master): name a commit or branch with --base",
  );
}

/** Paths that git calls changed, added or unknown in the project's folder. */
export async function uncommitted({ project }: Repository): Promise<string[]> {
  const status = await git(project, "status", "--porcelain", "-z", "--", ".");
  return (status ?? "").split("\0").flatMap((line) => (line === "" ? [] : [line.slice(3)]));
}

/** Files that a merge has left with both sides in them. */
export async function unmerged({ project }: Repository): Promise<string[]> {
  const listed = await git(project, "diff", "--name-only", "--diff-filter=U", "-z", "--relative");
  return (listed ?? "").split("\0").filter((file) => file !== "");
}

export async function currentBranch({ project }: Repository): Promise<string | undefined> {
  return git(project, "symbolic-ref", "--quiet", "--short", "HEAD");
}

/** Writes the files of a tree, as a checkout would, without touching the repository's own index or work tree. */
export async function writeTree({ project }: Repository, tree: string, folder: string): Promise<void> {
  const env = { GIT_INDEX_FILE: `${folder}.index` };
  const top = (await git(project, "rev-parse", "--show-toplevel")) ?? project;
  await execa("git", ["read-tree", tree], { cwd: top, env });
  await execa("git", ["checkout-index", "--all", `--prefix=${folder}/`], { cwd: top, env });
}

/** What git answers; undefined where it refuses. */
async function git(cwd: string, ...args: readonly string[]): Promise<string | undefined> {
  const result = await execa("git", args, { cwd, reject: false, stdin: "ignore", stripFinalNewline: true });
  if (result.code === "ENOENT") throw new BadInput("git was not found: install it, or put it on PATH");
  return result.exitCode === 0 ? result.stdout : undefined;
}
