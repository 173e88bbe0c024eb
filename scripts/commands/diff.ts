import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { DiffReport } from "@groundwork/lib/diff-report";
import { BadInput } from "@groundwork/lib/errors";
import { PRICES, PriceBook, readPriceTable } from "@groundwork/lib/pricing/table";
import type { Command } from "commander";
import { type Versions, differenceOf, versionsOf } from "../rehearsal/desired/difference.ts";
import { readProject } from "../rehearsal/project.ts";
import type { ConfigChange } from "../rehearsal/settings.ts";
import { renderHtml, renderMarkdown, renderTerminal } from "../reports/diff/index.ts";
import { configFlag } from "./config-flag.ts";
import { requireFresh } from "./cost.ts";
import { diffReport } from "./diff-report.ts";
import { Progress } from "./progress.ts";

interface Flags {
  readonly base?: string;
  readonly head?: string;
  readonly stack: string;
  readonly project: string;
  readonly set: ConfigChange;
  /** A file, or true for standard output. */
  readonly json?: string | true;
  readonly markdown?: string | true;
  readonly html?: string;
  readonly prices?: string;
  readonly allowOldPrices?: boolean;
  readonly maxPriceAge: string;
}

/** Each engine with its program and pack keeps two to three cores busy. */
const CORES_A_STACK = 4;
const INTERRUPTS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export function register(program: Command): void {
  program
    .command("diff")
    .description(
      "compare two versions of an environment with no cloud account: resources, capacity, cost, policies, quotas",
    )
    .option("--base <ref>", "commit to compare with (default: where the work here left the default branch)")
    .option("--head <ref>", "commit that is compared, or `working tree` (the default, with what is not committed)")
    .option("-s, --stack <name>", "the stack to compare, or `all`", "all")
    .option("--project <directory>", "the Pulumi project", ".")
    .option(
      "--set <key=value>",
      "a config value on top of the head's; without --base, the working tree with and without it (repeatable)",
      configFlag("--set"),
      {},
    )
    .option("--json [file]", "write JSON (docs/diff-report.schema.json), to standard output where no file is named")
    .option("--markdown [file]", "write Markdown for a pull request, to standard output where no file is named")
    .option("--html <file>", "write one self-contained page with charts")
    .option("--prices <file>", "another table of prices than lib/pricing/prices.json")
    .option("--max-price-age <days>", "refuse a table that is older", "180")
    .option("--allow-old-prices", "take the table whatever its age")
    .addHelpText("after", HELP)
    .action(run);
}

const HELP = `
The base is deployed once in simulated clouds and kept; the head is previewed on top of it by the real engine with the
policy pack, so that what is replaced is told by the same rules as in a real update.

Examples:
  $ groundwork diff                                        this work tree against the default branch
  $ groundwork diff --base v1.2.0 -s prod
  $ groundwork diff -s prod --set nodes.max=12
  $ groundwork diff --base origin/main --markdown comment.md --html report.html --json report.json

Exit codes: 0 compared, whatever differs; 1 interrupted; 2 bad input, nothing was changed.`;

async function run(flags: Flags): Promise<void> {
  refuseTwoOnOutput(flags);
  const table = readPriceTable(flags.prices ?? fileURLToPath(PRICES));
  requireFresh(table, flags);
  const progress = new Progress({ quiet: flags.json === true });
  const interrupt = new AbortController();
  const stop = (): void => {
    if (interrupt.signal.aborted) return;
    interrupt.abort();
    progress.line("diff", "interrupted: waiting for the engine to end");
  };
  for (const signal of INTERRUPTS) process.on(signal, stop);
  try {
    const reports = await compareAll(flags, new PriceBook(table), progress, interrupt.signal);
    progress.end();
    await write(reports, flags);
  } catch (error) {
    throw interrupt.signal.aborted ? new Error("interrupted: nothing was changed", { cause: error }) : error;
  } finally {
    progress.end();
    for (const signal of INTERRUPTS) process.off(signal, stop);
  }
}

async function compareAll(
  flags: Flags,
  prices: PriceBook,
  progress: Progress,
  signal: AbortSignal,
): Promise<DiffReport[]> {
  const { base, head, set, project, stack } = flags;
  const { name } = readProject(project);
  const versions = await versionsOf({
    project,
    set,
    ...(base === undefined ? {} : { base }),
    ...(head === undefined ? {} : { head }),
    progress: (line) => progress.line("diff", line),
    signal,
  });
  const stacks = stack === "all" ? versions.stacks : [stack];
  if (stacks.length === 0) {
    throw new BadInput(`${project} has no stack file on either side: add one, such as Pulumi.dev.yaml`);
  }
  return inTurn(stacks, (each) => compareOne(each, { name, versions, set, prices, progress, signal }));
}

interface Task {
  readonly name: string;
  readonly versions: Versions;
  readonly set: ConfigChange;
  readonly prices: PriceBook;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

async function compareOne(stack: string, task: Task): Promise<DiffReport> {
  const { name, versions, set, prices, progress, signal } = task;
  const began = performance.now();
  const difference = await differenceOf(versions, {
    stack,
    signal,
    progress: (line) => progress.line(stack, line),
    onStep: (operation, done) => progress.status(stack, `${operation} ... ${done} resources`),
  });
  return diffReport(difference, { project: name, stack, versions, set, prices, began });
}

/** Several at a time where there are cores for them; the results in the given order. */
async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const lanes = Math.max(1, Math.floor(availableParallelism() / CORES_A_STACK));
  const results: R[] = [];
  for (let first = 0; first < items.length; first += lanes) {
    const settled = await Promise.allSettled(items.slice(first, first + lanes).map(work));
    for (const result of settled) {
      if (result.status === "rejected") throw result.reason;
      results.push(result.value);
    }
  }
  return results;
}

function refuseTwoOnOutput({ json, markdown }: Flags): void {
  if (json !== true || markdown !== true) return;
  throw new BadInput(
    "--json and --markdown would both be printed: name a file for one of them, such as --json diff.json",
  );
}

async function write(reports: readonly DiffReport[], flags: Flags): Promise<void> {
  const document = flags.stack === "all" ? reports : reports[0];
  const formats = [
    { to: flags.json, text: () => `${JSON.stringify(document, null, 2)}\n` },
    { to: flags.markdown, text: () => renderMarkdown(reports) },
    { to: flags.html, text: () => renderHtml(reports) },
  ];
  for (const { to, text } of formats) {
    if (typeof to === "string") writeFileSync(to, await text());
    else if (to === true) process.stdout.write(await text());
  }
  if (formats.some(({ to }) => to !== undefined)) return;
  const { isTTY, columns } = process.stdout;
  process.stdout.write(`${renderTerminal(reports, isTTY ? { colour: true, width: columns } : {})}\n`);
}
