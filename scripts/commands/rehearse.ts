import { resolve } from "node:path";
import { BadInput } from "@groundwork/lib/errors";
import type { RehearsalReport } from "@groundwork/lib/rehearsal-report";
import type { Command } from "commander";
import { type Fault, parseFault } from "../rehearsal/clouds/simulator.ts";
import { readProject, stackFile } from "../rehearsal/project.ts";
import { rehearse } from "../rehearsal/rehearse.ts";
import type { ConfigChange } from "../rehearsal/settings.ts";
import { renderRehearsal } from "../reports/rehearsal.ts";
import { configFlag } from "./config-flag.ts";
import { Progress } from "./progress.ts";

interface Flags {
  readonly stack: string;
  readonly project: string;
  readonly json?: boolean;
  readonly keep?: boolean;
  readonly live?: boolean;
  readonly fault: readonly Fault[];
  readonly change: ConfigChange;
  readonly timeout: number;
}

const DEFAULT_TIMEOUT_MINUTES = 15;
/** The last one is what a closed terminal sends. */
const INTERRUPTS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const INTERRUPTED = "interrupted: waiting until the engine has written down what it began (1 min at most)";

export function register(program: Command): void {
  program
    .command("rehearse")
    .description(
      "deploy stacks with the real engine against simulated clouds: preview, up, up again, capacity change, teardown",
    )
    .option("-s, --stack <name>", "the stack to rehearse, or `all`", "all")
    .option("--project <directory>", "the Pulumi project to rehearse", ".")
    .option("--json", "print one JSON document on standard output and nothing else (an array with --stack all)")
    .option(
      "--live",
      "put a real Kubernetes control plane behind each simulated cluster (built once, 4 to 7 min), and a real Docker Engine behind a stack of Docker",
    )
    .option("--keep", "stop after the capacity change and leave everything in place for the next run")
    .option(
      "--change <key=value>",
      "a config value for the capacity change instead of rehearsal.yaml's (repeatable)",
      configFlag("--change"),
      {},
    )
    .option(
      "--fault <fault>",
      "break something: <fail|hang|throttle|power>[:before|:after]@<#N|type|URN> (repeatable)",
      addFault,
      [],
    )
    .option(
      "--timeout <minutes>",
      "how long one operation may take before it is interrupted",
      minutes,
      DEFAULT_TIMEOUT_MINUTES,
    )
    .addHelpText("after", EXAMPLES)
    .action(run);
}

const EXAMPLES = `
Examples:
  $ groundwork rehearse                                   every stack of this project
  $ groundwork rehearse -s prod --json > report.json
  $ groundwork rehearse -s prod --live
  $ groundwork rehearse -s dev --live                     containers on a real Docker Engine
  $ groundwork rehearse -s dev --change workloads.tracks.scraper.replicas=6
  $ groundwork rehearse -s prod --fault power:after@aws:rds/cluster:Cluster
  $ groundwork rehearse --project ../another-pulumi-project -s staging

Exit codes: 0 fine; 1 a policy, a fault or an operation stopped it; 2 bad input.`;

async function run(flags: Flags): Promise<void> {
  const project = readProject(flags.project);
  const stacks = flags.stack === "all" ? project.stacks : [flags.stack];
  if (stacks.length === 0) {
    throw new BadInput(`--project ${resolve(flags.project)} has no stack file: add one, such as Pulumi.dev.yaml`);
  }
  for (const stack of stacks) stackFile(project, stack);
  const progress = new Progress({ quiet: flags.json === true });
  const interrupt = new AbortController();
  const stop = (): void => {
    if (interrupt.signal.aborted) return;
    interrupt.abort();
    for (const stack of stacks) progress.line(stack, INTERRUPTED);
  };
  for (const signal of INTERRUPTS) process.on(signal, stop);
  try {
    const reports = await settleAll(stacks.map((stack) => rehearseOne(stack, flags, progress, interrupt)));
    progress.end();
    print(reports, flags);
    if (reports.some(({ stopped, orphans }) => stopped !== undefined || orphans.length > 0)) process.exitCode = 1;
  } finally {
    for (const signal of INTERRUPTS) process.off(signal, stop);
  }
}

function rehearseOne(
  stack: string,
  flags: Flags,
  progress: Progress,
  interrupt: AbortController,
): Promise<RehearsalReport> {
  return rehearse({
    project: flags.project,
    stack,
    faults: flags.fault,
    keep: flags.keep ?? false,
    live: flags.live ?? false,
    // what is broken on purpose, or kept, is picked up where it was left
    checkpoints: flags.fault.length > 0 || flags.keep === true,
    ...(Object.keys(flags.change).length > 0 ? { change: flags.change } : {}),
    operationTimeoutMs: flags.timeout * 60_000,
    signal: interrupt.signal,
    progress: (line) => progress.line(stack, line),
    onStep: (operation, done) => progress.status(stack, describeStep(operation, done)),
  });
}

function describeStep(operation: string, done: number): string {
  if (done === 0) return `${operation} ...`;
  return `${operation} ... ${done} resource${done === 1 ? "" : "s"}`;
}

/** One stack's bad input must not leave the other one's engine running unattended. */
async function settleAll<T>(tasks: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(tasks);
  const failed = settled.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

function print(reports: readonly RehearsalReport[], flags: Flags): void {
  const [first] = reports;
  const document = flags.stack === "all" ? reports : first;
  const text =
    flags.json === true ? JSON.stringify(document, null, 2) : `\n${reports.map(renderRehearsal).join("\n\n\n")}`;
  process.stdout.write(`${text}\n`);
}

function addFault(text: string, before: readonly Fault[]): readonly Fault[] {
  return [...before, parseFault(text)];
}

function minutes(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new BadInput(`--timeout ${text} is no number of minutes above 0: write one, such as 15`);
  return value;
}
