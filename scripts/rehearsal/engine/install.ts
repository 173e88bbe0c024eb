import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import { takeLockInTurn } from "../lock.ts";
import { isExecutable } from "./path.ts";
import type { EngineSource } from "./types.ts";
import { MINIMUM_VERSION, PULUMI_VERSION, isOlder } from "./versions.ts";

/** A source that cannot be had here; the next one is tried. The message completes "... cannot be had: ". */
export class Unavailable extends Error {
  override readonly name = "Unavailable";
}

/** What a step gets to put a CLI into a folder. */
export interface InstallJob {
  readonly version: string;
  /** Empty; gets `pulumi` and whatever comes with it. */
  readonly folder: string;
  /** Empty; for everything else that is written. Removed afterwards. */
  readonly temporary: string;
  readonly env: NodeJS.ProcessEnv;
  readonly progress: (line: string) => void;
}

/** Ways to get a CLI, tried in this order. */
export interface InstallStep {
  readonly source: Extract<EngineSource, "official release" | "built from the Go module">;
  /** @throws Unavailable when it cannot be had this way on this machine */
  readonly install: (job: InstallJob) => Promise<void>;
}

/** A CLI under the cache folder. */
export interface Installed {
  readonly version: string;
  /** How it was got. */
  readonly source: EngineSource;
  readonly folder: string;
}

const PREFIX = "pulumi-";
const NOTE = "engine.json";
const WAITING =
  "engine: another process is downloading or building the Pulumi CLI: waiting for it (a few minutes at most)";

/** The newest CLI in the cache that is new enough. An install is moved there whole, so that what is there is complete. */
export function findInstalled(engineDir: string): Installed | undefined {
  if (!existsSync(engineDir)) return undefined;
  return readdirSync(engineDir)
    .filter((name) => name.startsWith(PREFIX) && isExecutable(join(engineDir, name, "pulumi")))
    .map((name): Installed => {
      const folder = join(engineDir, name);
      return { version: name.slice(PREFIX.length), source: readSource(folder), folder };
    })
    .filter(({ version }) => !isOlder(version, MINIMUM_VERSION))
    .reduce<Installed | undefined>(
      (best, one) => (best === undefined || isOlder(best.version, one.version) ? one : best),
      undefined,
    );
}

/** Tries each step until one puts a CLI into the cache. One process at a time: the others wait and take what it made. */
export async function install(
  engineDir: string,
  steps: readonly InstallStep[],
  job: Pick<InstallJob, "env" | "progress">,
): Promise<Installed & { readonly isNew: boolean }> {
  mkdirSync(engineDir, { recursive: true });
  const release = await takeLockInTurn(join(engineDir, "lock.json"), "engine", () => job.progress(WAITING));
  try {
    const made = findInstalled(engineDir);
    if (made !== undefined) return { ...made, isNew: false };
    removeLeftovers(engineDir);
    return { ...(await tryEach(engineDir, steps, job)), isNew: true };
  } catch (error) {
    throw isDiskFull(error) ? new BadInput(diskFull(engineDir)) : error;
  } finally {
    removeLeftovers(engineDir);
    release();
  }
}

async function tryEach(
  engineDir: string,
  steps: readonly InstallStep[],
  job: Pick<InstallJob, "env" | "progress">,
): Promise<Installed> {
  const reasons: string[] = [];
  for (const { source, install: run } of steps) {
    const [draft, temporary] = [".made-", ".work-"].map((prefix) => mkdtempSync(join(engineDir, prefix))) as [
      string,
      string,
    ];
    try {
      await run({ ...job, version: PULUMI_VERSION, folder: draft, temporary });
      writeFileSync(join(draft, NOTE), JSON.stringify({ version: PULUMI_VERSION, source }));
      const folder = join(engineDir, `${PREFIX}${PULUMI_VERSION}`);
      rmSync(folder, { recursive: true, force: true });
      renameSync(draft, folder);
      return { version: PULUMI_VERSION, source, folder };
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error;
      reasons.push(error.message);
      job.progress(`engine: ${source} cannot be had: ${error.message}`);
    }
  }
  throw new BadInput(
    `there is no Pulumi CLI ${MINIMUM_VERSION} or newer here, and none can be had (${reasons.join("; ")}): install the Pulumi CLI from https://www.pulumi.com/docs/iac/download-install/, or Go from https://go.dev/dl/ to have it built`,
  );
}

function removeLeftovers(engineDir: string): void {
  for (const name of readdirSync(engineDir)) {
    if (name.startsWith(".made-") || name.startsWith(".work-"))
      rmSync(join(engineDir, name), { recursive: true, force: true });
  }
}

function readSource(folder: string): EngineSource {
  try {
    return (JSON.parse(readFileSync(join(folder, NOTE), "utf8")) as { source: EngineSource }).source;
  } catch {
    return "cache"; // put there by hand
  }
}

/** From Node's own file operations, or from the words of a program that we ran. */
export function isDiskFull(error: unknown): boolean {
  return (
    (error as NodeJS.ErrnoException).code === "ENOSPC" ||
    (error instanceof Error && /no space left on device|ENOSPC/i.test(error.message))
  );
}

function diskFull(folder: string): string {
  return `the disk of ${folder} is full: free about 4 GB (the Pulumi CLI itself takes 80 MB, its build the rest) and run this again`;
}
