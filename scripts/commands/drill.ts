import type { DrillReport } from "@groundwork/lib/drill-report";
import { BadInput } from "@groundwork/lib/errors";
import type { Command } from "commander";
import { drill } from "../drill/drill.ts";
import { readProject, stackFile } from "../rehearsal/project.ts";
import { renderDrill } from "../reports/drill.ts";
import { Progress } from "./progress.ts";

interface Flags {
  readonly stack: string;
  readonly project: string;
  readonly region?: string;
  readonly json?: boolean;
  readonly keep?: boolean;
  readonly live?: boolean;
  readonly timeout: number;
}

const DEFAULT_TIMEOUT_MINUTES = 15;
/** The last one is what a closed terminal sends. */
const INTERRUPTS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function register(program: Command): void {
  program
    .command("drill")
    .description(
      "lose a region of a rehearsed stack, let another one take over, and bring it back: RTO and RPO by system",
    )
    .requiredOption("-s, --stack <name>", "a stack with two or more regions")
    .option("--region <name>", "the region that is lost (default: the one that leads)")
    .option("--project <directory>", "the Pulumi project", ".")
    .option("--live", "put a real Kubernetes control plane behind each simulated cluster, and watch its autoscalers")
    .option("--json", "print one JSON document on standard output and nothing else")
    .option("--keep", "leave everything in place for the next drill")
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
Nothing real is touched: engine, program and steps are real, the clouds are simulated (docs/region-loss.md).

Examples:
  $ groundwork drill -s prod
  $ groundwork drill -s prod --region us-east-1 --json > drill.json
  $ groundwork drill -s prod --live

Exit codes: 0 passed; 1 a step failed; 2 bad input.`;

async function run(flags: Flags): Promise<void> {
  stackFile(readProject(flags.project), flags.stack);
  const progress = new Progress({ quiet: flags.json === true });
  const interrupt = new AbortController();
  const stop = (): void => {
    if (interrupt.signal.aborted) return;
    interrupt.abort();
    progress.line(flags.stack, "interrupted: waiting until the engine has written down what it began (1 min at most)");
  };
  for (const signal of INTERRUPTS) process.on(signal, stop);
  try {
    const report = await drill({
      project: flags.project,
      stack: flags.stack,
      ...(flags.region === undefined ? {} : { region: flags.region }),
      keep: flags.keep ?? false,
      live: flags.live ?? false,
      // what is kept is picked up where it was left
      checkpoints: flags.keep === true,
      operationTimeoutMs: flags.timeout * 60_000,
      signal: interrupt.signal,
      progress: (line) => progress.line(flags.stack, line),
      onStep: (operation, done) => progress.status(flags.stack, `${operation} ... ${done} resources`),
    });
    progress.end();
    print(report, flags);
  } finally {
    for (const signal of INTERRUPTS) process.off(signal, stop);
  }
}

function print(report: DrillReport, { json }: Flags): void {
  const written = json === true ? JSON.stringify(report, null, 2) : `\n${renderDrill(report)}`;
  process.stdout.write(`${written}\n`);
  if (report.stopped !== undefined || report.orphans.length > 0) process.exitCode = 1;
}

function minutes(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new BadInput(`--timeout ${text} is no number of minutes above 0: write one, such as 15`);
  return value;
}
