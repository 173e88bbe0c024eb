import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** What the SDK's launcher exits with after it has told the engine itself what is wrong (@pulumi/pulumi cmd/run). */
export const ALREADY_REPORTED = 32;
/** How long a cancelled program may take to end by itself. */
const CANCEL_GRACE_MS = 3_000;

/** One run of a program, as the engine asks for it. */
export interface ProgramRun {
  readonly monitor: string;
  readonly engine: string;
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly rootDirectory: string;
  readonly programDirectory: string;
  readonly entryPoint: string;
  readonly pwd: string;
  readonly args: readonly string[];
  /** Number of resource operations at a time. */
  readonly parallel: number;
  readonly dryRun: boolean;
  readonly config: Readonly<Record<string, string>>;
  readonly secretKeys: readonly string[];
  /** `runtime.options` of Pulumi.yaml. */
  readonly options: Readonly<Record<string, unknown>>;
}

export type ProgramEnd = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly cancelled: boolean;
};

/** A running program. */
export interface RunningProgram {
  readonly ended: Promise<ProgramEnd>;
  /** Asks the program to end, and makes it when it does not. */
  cancel(): void;
}

/**
 * A process that outlives the one that started it would go on registering resources with nobody to see it. Node has no
 * parent-death signal, so the child watches: this module is given to it by `--import`.
 */
function dieWithParent(parent: number): string {
  const watch = `setInterval(() => process.ppid !== ${parent} && process.kill(process.pid, "SIGKILL"), 250).unref();`;
  return `--import=data:text/javascript,${encodeURIComponent(watch)}`;
}

/** Starts the SDK's own launcher on a program, as the official language host does. */
export function startProgram(
  run: ProgramRun,
  sdkRoot: string,
  env: NodeJS.ProcessEnv,
  onLine: (line: string) => void,
): RunningProgram {
  const child = spawn(
    process.execPath,
    [dieWithParent(process.pid), ...nodeArguments(run), ...launcher(run, sdkRoot)],
    {
      cwd: run.pwd,
      env: { ...env, ...programEnvironment(run) },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  createInterface({ input: child.stdout }).on("line", onLine);
  createInterface({ input: child.stderr }).on("line", onLine);
  let cancelled = false;
  let timer: NodeJS.Timeout | undefined;
  return {
    ended: end(child).then((ended) => {
      clearTimeout(timer);
      return { ...ended, cancelled };
    }),
    cancel: () => {
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      if (cancelled || hasEnded) return;
      cancelled = true;
      child.kill("SIGTERM");
      timer = setTimeout(() => child.kill("SIGKILL"), CANCEL_GRACE_MS);
      // a program that outlives us ends itself
      timer.unref();
    },
  };
}

/** `close`, unlike `exit`, comes after the last line of output. */
function end(child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}

function launcher(run: ProgramRun, sdkRoot: string): string[] {
  return [
    resolveFromProgram("@pulumi/pulumi/cmd/run", run.programDirectory, sdkRoot),
    ...["--monitor", run.monitor, "--engine", run.engine],
    ...["--organization", run.organization, "--project", run.project, "--stack", run.stack],
    ...["--root-directory", run.rootDirectory, "--pwd", run.pwd, "--parallel", String(run.parallel)],
    ...(run.dryRun ? ["--dry-run"] : []),
    run.entryPoint === "" ? "." : run.entryPoint,
    ...run.args,
  ];
}

/** The program's own copy of the SDK; ours when it has none. */
export function resolveFromProgram(module: string, programDirectory: string, sdkRoot: string): string {
  try {
    return createRequire(join(programDirectory, "package.json")).resolve(module);
  } catch {
    return createRequire(join(sdkRoot, "package.json")).resolve(module);
  }
}

function nodeArguments({ options }: ProgramRun): string[] {
  const given = options["nodeargs"];
  return typeof given === "string" ? given.split(/\s+/).filter((argument) => argument !== "") : [];
}

function programEnvironment({ config, secretKeys, options }: ProgramRun): Record<string, string> {
  const tsconfig = options["tsconfig"];
  return {
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(secretKeys),
    ...(options["typescript"] === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
    ...(typeof tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
  };
}
