import { capacityOf } from "@groundwork/lib/capacity/capacity";
import { MONTHS } from "@groundwork/lib/capacity/projection";
import { BadInput } from "@groundwork/lib/errors";
import type { Command } from "commander";
import { readAssumptions } from "../reports/assumptions/index.ts";
import { renderCapacity } from "../reports/capacity/render.ts";
import { type StackFlags, plannedStack } from "./planned-stack.ts";
import { Progress } from "./progress.ts";

interface Flags extends StackFlags {
  readonly months: number;
  readonly details?: boolean;
  readonly json?: boolean;
}

const MOST_MONTHS = 36;

export function register(program: Command): void {
  program
    .command("capacity")
    .description("tell what a stack has room for, what it can carry, and when its limits are reached")
    .option("-s, --stack <name>", "the stack of the project")
    .option("--project <directory>", "the Pulumi project", ".")
    .option("--state <file>", "a real stack instead, as `pulumi stack export` wrote it")
    .option("--months <n>", `how far the projection looks ahead, 1 to ${MOST_MONTHS}`, months, MONTHS)
    .option("--details", "list every part of the model with its figures and their sources")
    .option("--json", "print one JSON document on standard output and nothing else")
    .addHelpText("after", HELP)
    .action(run);
}

const HELP = `
Nothing is asked of a cloud: the stack is planned from nothing by the engine, as in \`groundwork diff\`. What no resource
tells (demand, growth, times of your own application) is stated in capacity.yaml; docs/capacity.md has the model.

Examples:
  $ groundwork capacity -s prod
  $ groundwork capacity -s prod --months 12 --details
  $ groundwork capacity -s prod --json > capacity.json
  $ pulumi stack export -s prod > prod.json && groundwork capacity --state prod.json

Exit codes: 0 told, whatever it says; 2 bad input.`;

async function run(flags: Flags): Promise<void> {
  const progress = new Progress({ quiet: flags.json === true });
  const { state, quotas } = await plannedStack(flags, progress);
  const assumptions = readAssumptions(flags.project, state.stack);
  const report = capacityOf(state, assumptions, { months: flags.months, quotas });
  progress.end();
  const text =
    flags.json === true ? JSON.stringify(report, null, 2) : renderCapacity(report, { details: flags.details === true });
  process.stdout.write(`${text}\n`);
}

function months(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= MOST_MONTHS && text.trim() !== "") return value;
  throw new BadInput(`--months ${text} is no whole number from 1 to ${MOST_MONTHS}: write one, such as ${MONTHS}`);
}
