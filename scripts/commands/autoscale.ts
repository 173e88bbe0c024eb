import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { BadInput } from "@groundwork/lib/errors";
import { overrideFile, readOverrides } from "@groundwork/lib/runtime-override";
import type { Command } from "commander";
import { execa } from "execa";
import { Autoscaler, type Scaled } from "../autoscale/autoscaler.ts";
import { loadOf } from "../autoscale/prometheus.ts";
import { type Engine, engineEnvironment, findEngine } from "../rehearsal/engine/index.ts";
import { ensureHome, groundworkRoot } from "../rehearsal/home.ts";
import { takeLock } from "../rehearsal/lock.ts";
import { type Project, readProject, stackFile } from "../rehearsal/project.ts";
import { Progress } from "./progress.ts";

interface Flags {
  readonly stack: string;
  readonly project: string;
  readonly interval: string;
  readonly once?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
  readonly prometheus?: string;
}

export function register(program: Command): void {
  program
    .command("autoscale")
    .description("keep the workloads of a Docker stack within their range by the load that Prometheus measures")
    .requiredOption("-s, --stack <name>", "the stack; it must be deployed")
    .option("--interval <seconds>", "time between two looks", "30")
    .option("--once", "look once, act on it, and end")
    .option("--dry-run", "say what would be done and change nothing")
    .option("--prometheus <url>", "ask this Prometheus instead of the stack's own")
    .option("--project <directory>", "the Pulumi project", ".")
    .option("--json", "print one JSON document for each look on standard output and nothing else")
    .addHelpText("after", HELP)
    .action(run);
}

const HELP = `
Docker has no autoscaler of its own. Range and rules are the workload's (stacks/systems). What is decided is kept in the
project's .groundwork folder, never in a tracked file, and deployed as \`groundwork up --yes\` does it, with the policy
pack. The next update of anybody keeps it, within the declared range, and says so. Load must be seen twice to add replicas
and four times to take one away; between two changes lies the workload's cool-down.

Examples:
  $ groundwork autoscale -s dev
  $ groundwork autoscale -s dev --once --dry-run

Exit codes: 0 ended by you, or after one look; 1 Prometheus or the update failed (with --once); 2 bad input.`;

/** Cool-downs and hysteresis mean nothing when looks are farther apart than this. */
const MOST_SECONDS = 3600;

async function run(flags: Flags): Promise<void> {
  const interval = seconds(flags.interval);
  checkAddress(flags.prometheus);
  const project = readProject(flags.project);
  stackFile(project, flags.stack);
  const overrides = overrideFile(project.root, flags.stack);
  readOverrides(overrides);
  const progress = new Progress({ quiet: flags.json === true });
  const tell = (line: string): void => progress.line(flags.stack, line);
  const home = ensureHome();
  const engine = await findEngine({ cacheDir: join(home, "cache"), sdkRoot: groundworkRoot, progress: tell });
  const release = takeLock(`${overrides}.lock`, flags.stack);
  const stop = stopOnSignals(tell);
  try {
    const autoscaler = new Autoscaler({
      overrides,
      seen: overrides.replace(/\.json$/, ".autoscale.json"),
      load: loadOf,
      update: () => update(project, flags.stack),
      tell,
      dryRun: flags.dryRun === true,
      now: () => Date.now() / 1000,
    });
    do {
      await look(autoscaler, await workloads(engine, project, flags), flags, tell);
    } while (flags.once !== true && (await waited(interval, stop.signal)));
  } finally {
    stop.done();
    release();
    progress.end();
  }
}

/** A Prometheus that is away for a moment, or an update that failed, ends no autoscaler that is to run for months. */
async function look(
  autoscaler: Autoscaler,
  scaled: Readonly<Record<string, Scaled>>,
  flags: Flags,
  tell: (line: string) => void,
): Promise<void> {
  try {
    const looks = await autoscaler.look(scaled);
    if (flags.json === true) process.stdout.write(`${JSON.stringify(looks)}\n`);
  } catch (error) {
    if (flags.once === true) throw error;
    tell(`nothing was changed: ${reasonOf(error)}`);
  }
}

async function workloads(engine: Engine, project: Project, flags: Flags): Promise<Readonly<Record<string, Scaled>>> {
  const { stdout, stderr, exitCode } = await execa(
    engine.pulumi,
    ["stack", "output", "--json", "--stack", flags.stack, "--non-interactive"],
    { cwd: project.root, env: engineEnvironment(engine), extendEnv: false, reject: false, stdin: "ignore" },
  );
  if (exitCode !== 0) throw new BadInput(`--stack ${flags.stack} cannot be read: ${lastLine(stderr)}`);
  const outputs = JSON.parse(stdout) as { readonly autoscaling?: Readonly<Record<string, Scaled>> };
  if (Object.keys(outputs).length === 0)
    throw new BadInput(`--stack ${flags.stack} is not deployed: run groundwork up -s ${flags.stack} first`);
  const scaled = Object.entries(outputs.autoscaling ?? {});
  if (scaled.length === 0) {
    throw new BadInput(
      `--stack ${flags.stack} has no workload that scales by load: deploy a system that has one, such as flowx`,
    );
  }
  const asked = scaled.map(([name, one]) => [
    name,
    flags.prometheus === undefined ? one : { ...one, prometheus: flags.prometheus },
  ]);
  return Object.fromEntries(asked) as Readonly<Record<string, Scaled>>;
}

/** As a person would, with the pack and the checks of the host: a policy stops an autoscaler too. */
async function update(project: Project, stack: string): Promise<void> {
  const command = fileURLToPath(new URL("../groundwork.ts", import.meta.url));
  const { exitCode, stderr } = await execa(
    process.execPath,
    [command, "up", "-s", stack, "--project", project.root, "--yes", "--json"],
    { reject: false, stdin: "ignore", detached: true, cleanup: false },
  );
  if (exitCode !== 0) throw new Error(`groundwork up ended with ${exitCode ?? "a signal"}: ${lastLine(stderr)}`);
}

function seconds(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 1 && value <= MOST_SECONDS) return value;
  throw new BadInput(`--interval is "${text}": write seconds from 1 to ${MOST_SECONDS}`);
}

function checkAddress(prometheus: string | undefined): void {
  if (prometheus === undefined || /^https?:$/.test(URL.parse(prometheus)?.protocol ?? "")) return;
  throw new BadInput(`--prometheus is "${prometheus}": write its address, such as http://localhost:9090`);
}

async function waited(interval: number, signal: AbortSignal): Promise<boolean> {
  await sleep(interval * 1000, undefined, { signal }).catch(() => undefined);
  return !signal.aborted;
}

/** An update that is under way is finished first. */
function stopOnSignals(tell: (line: string) => void): { readonly signal: AbortSignal; readonly done: () => void } {
  const controller = new AbortController();
  const stop = (): void => {
    if (!controller.signal.aborted) tell("stopping after what is under way");
    controller.abort();
  };
  const signals: NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) process.on(signal, stop);
  return {
    signal: controller.signal,
    done: () => {
      for (const signal of signals) process.off(signal, stop);
    },
  };
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

function lastLine(text: string): string {
  return (
    text
      .trim()
      .split("\n")
      .at(-1)
      ?.replace(/^error: /, "") ?? ""
  );
}
