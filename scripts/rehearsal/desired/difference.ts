import { existsSync } from "node:fs";
import { join } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import type { PlannedChange } from "@groundwork/lib/planned-change";
import { choices } from "@groundwork/lib/suggest";
import { readProject } from "../project.ts";
import type { ConfigChange } from "../settings.ts";
import { deployed } from "./base.ts";
import { Cache } from "./cache.ts";
import { wholeStack } from "./changes.ts";
import { contentOf } from "./content.ts";
import {
  type Repository,
  type Revision,
  currentBranch,
  defaultBase,
  repositoryOf,
  revisionOf,
  uncommitted,
  unmerged,
} from "./git.ts";
import { plannedFromNothing, plannedOn } from "./head.ts";
import type { Desired } from "./plan.ts";
import { refuseKeys } from "./set-keys.ts";
import type { Side, StackOptions } from "./sides.ts";
import { filesOfRevision } from "./tree.ts";

export const WORKING_TREE = "working tree";

export interface SidesOptions {
  /** The folder of a Pulumi project. */
  readonly project: string;
  /** Git ref. Default: where the work here left the default branch; the working tree where only `set` is given. */
  readonly base?: string;
  /** Git ref. Default: the working tree. */
  readonly head?: string;
  /** Config values on top of the head's stack files. */
  readonly set: ConfigChange;
  readonly progress: (line: string) => void;
  readonly signal?: AbortSignal;
}

/** A version of the project; without files where that commit has no such project. */
export interface Version {
  readonly label: string;
  readonly commit?: string;
  readonly side?: Side;
  /** Stacks that it has a file for. */
  readonly stacks: readonly string[];
}

export interface Versions {
  readonly cache: Cache;
  readonly base: Version;
  readonly head: Version;
  /** Of all stacks of both, sorted. */
  readonly stacks: readonly string[];
}

/** @throws BadInput when a ref, the work tree or a key of `set` cannot be used */
export async function versionsOf(options: SidesOptions): Promise<Versions> {
  const { project, base, head, set } = options;
  const cache = new Cache();
  const comparesConfig = base === undefined && head === undefined && Object.keys(set).length > 0;
  const repository = comparesConfig ? undefined : await repositoryOf(project);
  if (repository !== undefined) await refuseWhatIsLeftOut(repository, head);
  const from =
    repository === undefined
      ? await workingTree(project, {})
      : await committed(cache, repository, await baseRevision(repository, base), {}, options);
  const to =
    repository === undefined || head === undefined || head === WORKING_TREE
      ? await workingTree(project, set)
      : await committed(cache, repository, await revisionOf(repository, "--head", head), set, options);
  if (to.side !== undefined) refuseKeys(to.side.files.project, set);
  return { cache, base: from, head: to, stacks: [...new Set([...from.stacks, ...to.stacks])].sort() };
}

function baseRevision(repository: Repository, ref: string | undefined): Promise<Revision> {
  return ref === undefined ? defaultBase(repository) : revisionOf(repository, "--base", ref);
}

/** A comparison of what is committed must not pass for one of what is being worked on. */
async function refuseWhatIsLeftOut(repository: Repository, head: string | undefined): Promise<void> {
  const conflicts = await unmerged(repository);
  if (conflicts.length > 0 && (head === undefined || head === WORKING_TREE)) {
    throw new BadInput(
      `the working tree is in the middle of a merge (${named(conflicts)}): settle it and \`git add\` the files, or compare a commit with --head <ref>`,
    );
  }
  if (head === undefined || (head !== "HEAD" && head !== (await currentBranch(repository)))) return;
  const changed = await uncommitted(repository);
  if (changed.length === 0) return;
  throw new BadInput(
    `--head ${head} would leave out what is not committed yet (${named(changed)}): commit it, or leave --head out to compare the working tree`,
  );
}

const NAMED = 3;

function named(files: readonly string[]): string {
  const more = files.length - NAMED;
  return `${files.slice(0, NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

async function workingTree(project: string, set: ConfigChange): Promise<Version> {
  const { root, stacks } = readProject(project);
  const files = { project: root, dependencies: root };
  return {
    label: WORKING_TREE,
    stacks,
    side: { label: `the ${WORKING_TREE}`, files, set, content: await contentOf(files) },
  };
}

async function committed(
  cache: Cache,
  repository: Repository,
  revision: Revision,
  set: ConfigChange,
  options: SidesOptions,
): Promise<Version> {
  const { ref: label, commit, tree } = revision;
  if (tree === undefined) return { label, commit, stacks: [] };
  const files = await filesOfRevision(cache, repository, revision, options);
  if (!existsSync(join(files.project, "Pulumi.yaml"))) return { label, commit, stacks: [] };
  const { stacks } = readProject(files.project);
  return { label, commit, stacks, side: { label, files, set, content: await contentOf(files) } };
}

/** One stack on both sides; absent on the side that does not have it. */
export interface Difference {
  readonly before?: Desired;
  readonly after?: Desired;
  readonly changes: readonly PlannedChange[];
  /** Why the update would not go through, where something is known to stand in its way. */
  readonly obstacles: readonly string[];
}

/** @throws BadInput when one of the sides cannot be deployed or planned, naming it */
export async function differenceOf({ cache, base, head }: Versions, options: StackOptions): Promise<Difference> {
  const { stack } = options;
  const from = base.stacks.includes(stack) ? base.side : undefined;
  const to = head.stacks.includes(stack) ? head.side : undefined;
  if (from === undefined && to === undefined) {
    const known = [...new Set([...base.stacks, ...head.stacks])].sort();
    throw new BadInput(
      `--stack ${stack} has no Pulumi.${stack}.yaml on either side of the comparison: ${choices(stack, known)}`,
    );
  }
  if (from === undefined) return to === undefined ? { changes: [], obstacles: [] } : comes(cache, to, options);
  const deployment = await deployed(cache, from, options);
  const before = deployment.desired;
  if (to === undefined) return { before, changes: wholeStack(before.state.resources, "delete"), obstacles: [] };
  const { desired: after, ...rest } = await plannedOn(cache, deployment, to, options);
  return { before, after, ...rest };
}

async function comes(cache: Cache, side: Side, options: StackOptions): Promise<Difference> {
  const after = await plannedFromNothing(cache, side, options);
  return { after, changes: wholeStack(after.state.resources, "create"), obstacles: [] };
}
