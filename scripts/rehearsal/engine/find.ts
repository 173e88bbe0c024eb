import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { BadInput } from "@groundwork/lib/errors";
import { buildFromGoModule } from "./build.ts";
import { downloadRelease } from "./download.ts";
import { HOSTS, LANGUAGE_HOST, completeBinFolder, link } from "./hosts.ts";
import { findInstalled, install } from "./install.ts";
import type { InstallStep, Installed } from "./install.ts";
import { findOnPath, isExecutable, liesIn } from "./path.ts";
import type { Engine, EngineSource } from "./types.ts";
import { MINIMUM_VERSION, findVersion, isOlder } from "./versions.ts";

export interface FindEngineOptions {
  /** `.groundwork/cache`: nothing is written outside it. */
  readonly cacheDir: string;
  /** Folder whose node_modules has @pulumi/pulumi, for programs that have none of their own. */
  readonly sdkRoot: string;
  /** Where to look for commands, and what they run with. Default: this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Called with one line for each step. */
  readonly progress: (line: string) => void;
  /** What to try when neither PATH nor the cache has a CLI. Default: the official release, then the Go module. */
  readonly steps?: readonly InstallStep[];
}

const defaultSteps: readonly InstallStep[] = [
  { source: "official release", install: (job) => downloadRelease(job) },
  { source: "built from the Go module", install: buildFromGoModule },
];

const VERSION_TIMEOUT_MS = 20_000;

/**
 * Percent by which the CLI's heap may grow between two garbage collections; Go's default is 100. The CLI writes the whole
 * state before and after each step and spends a fifth of an update on what that leaves behind.
 */
const GOGC = "400";

/**
 * The Pulumi CLI to use here: the one on PATH when it is new enough, else the cached one, else the first that can be had.
 * @throws BadInput when there is none and none can be had
 */
export async function findEngine(options: FindEngineOptions): Promise<Engine> {
  if (process.platform === "win32")
    throw new BadInput("groundwork runs on Linux and macOS: on Windows run it inside WSL");
  const { cacheDir, env = process.env, progress, steps = defaultSteps } = options;
  const engineDir = join(cacheDir, "engine");
  const onPath = await findCliOnPath(engineDir, env, progress);
  if (onPath !== undefined) {
    progress(`engine: pulumi ${onPath.version} on PATH (${onPath.path})`);
    return engineOnPath(onPath, engineDir, options);
  }
  const cached = findInstalled(engineDir);
  if (cached !== undefined) {
    progress(`engine: pulumi ${cached.version} from the cache (${cached.folder})`);
    return engineInCache(cached, "cache", options);
  }
  const made = await install(engineDir, steps, { env, progress });
  progress(`engine: pulumi ${made.version}, ${made.source}, cached in ${made.folder}`);
  return engineInCache(made, made.isNew ? made.source : "cache", options);
}

interface OnPath {
  readonly path: string;
  readonly version: string;
}

async function findCliOnPath(
  engineDir: string,
  env: NodeJS.ProcessEnv,
  progress: (line: string) => void,
): Promise<OnPath | undefined> {
  // our own folders are on PATH when a program that we run calls us
  const path = findOnPath(
    "pulumi",
    env,
    (candidate) => !liesIn(candidate, engineDir) && !candidate.startsWith(`${engineDir}/`),
  );
  if (path === undefined) return undefined;
  const version = await askVersion(path, engineDir, env);
  if (version === undefined) {
    progress(`engine: ${path} does not tell its version, so it is not used: reinstall it or take it off PATH`);
    return undefined;
  }
  if (isOlder(version, MINIMUM_VERSION)) {
    progress(
      `engine: pulumi ${version} on PATH (${path}) is older than ${MINIMUM_VERSION}: it is not used; upgrade it to have it used`,
    );
    return undefined;
  }
  return { path, version };
}

async function askVersion(path: string, engineDir: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  // a home of its own, since every command of the CLI may write into ~/.pulumi
  const own = { PULUMI_SKIP_UPDATE_CHECK: "true", PULUMI_HOME: join(engineDir, "home") };
  const asked = await execa(path, ["version"], {
    env: { ...env, ...own },
    extendEnv: false,
    reject: false,
    stdin: "ignore",
    timeout: VERSION_TIMEOUT_MS,
  });
  return asked.failed ? undefined : findVersion(asked.stdout ?? "");
}

/** The folder of a foreign CLI may hold another Node and lack the hosts, so ours with links to what it has goes first on PATH. */
function engineOnPath({ path, version }: OnPath, engineDir: string, options: FindEngineOptions): Engine {
  const { env = process.env, sdkRoot } = options;
  const binDir = join(engineDir, "on-path");
  const beside = (host: string): string | undefined => {
    const candidates = [join(dirname(path), host), join(dirname(realpathSync(path)), host)];
    return candidates.find(isExecutable) ?? findOnPath(host, env, (found) => !found.startsWith(`${engineDir}/`));
  };
  completeBinFolder(binDir, sdkRoot, (host) => beside(host) !== undefined);
  link(path, join(binDir, "pulumi"));
  for (const host of HOSTS) {
    const official = beside(host);
    if (official !== undefined) link(official, join(binDir, host));
  }
  const hasOwnHost = beside(LANGUAGE_HOST) === undefined;
  return { version, source: "PATH", binDir, pulumi: join(binDir, "pulumi"), hasOwnHost, env: engineNeeds(options) };
}

/** The official release brings its hosts, a build brings none. */
function engineInCache(
  { folder, version, source: made }: Installed,
  source: EngineSource,
  options: FindEngineOptions,
): Engine {
  const isOfficial = (host: string): boolean => made === "official release" && existsSync(join(folder, host));
  completeBinFolder(folder, options.sdkRoot, isOfficial);
  const hasOwnHost = !isOfficial(LANGUAGE_HOST);
  return { version, source, binDir: folder, pulumi: join(folder, "pulumi"), hasOwnHost, env: engineNeeds(options) };
}

/** Compiled JavaScript of the program, its SDKs and the policy pack is kept between operations: 0.3 s less for each. */
function engineNeeds({ cacheDir, env = process.env }: FindEngineOptions): Record<string, string> {
  return { NODE_COMPILE_CACHE: join(cacheDir, "v8"), GOGC: env["GOGC"] ?? GOGC, PULUMI_SKIP_UPDATE_CHECK: "true" };
}
