import { costOf } from "@groundwork/lib/pricing/price";
import { PRICES, PriceBook, readPriceTable } from "@groundwork/lib/pricing/table";
import { BadInput } from "@groundwork/lib/errors";
import type { Command } from "commander";
import { optimizeBill, readBill } from "../reports/optimize/bill.ts";
import { optimize } from "../reports/optimize/optimize.ts";
import { renderBill, renderProposals } from "../reports/optimize/render.ts";
import { MAX_PRICE_AGE, type PriceFlags, requireFresh } from "./price-age.ts";
import type { StackFlags } from "./planned-stack.ts";
import { priced } from "./priced-stack.ts";
import { Progress } from "./progress.ts";

interface Flags extends StackFlags, PriceFlags {
  readonly prices?: string;
  readonly bill?: string;
  readonly json?: boolean;
}

export function register(program: Command): void {
  program
    .command("optimize")
    .description("propose how a stack costs less: what it saves, what it risks, which line to change")
    .option("-s, --stack <name>", "the stack of the project")
    .option("--project <directory>", "the Pulumi project", ".")
    .option("--state <file>", "a real stack instead, as `pulumi stack export` wrote it")
    .option("--bill <file>", "a bill by area instead (compute, database, storage, network, monitoring, and a target)")
    .option("--json", "print one JSON document on standard output and nothing else")
    .option("--prices <file>", "another table of prices than lib/pricing/prices.json")
    .option("--max-price-age <days>", "refuse a table that is older", MAX_PRICE_AGE)
    .option("--allow-old-prices", "take the table whatever its age")
    .addHelpText("after", HELP)
    .action(run);
}

const HELP = `
Each proposal stands by itself: where two are about the same machines, they save less together than their sum. Nothing is
changed and nothing is bought.

Examples:
  $ groundwork optimize -s prod
  $ groundwork optimize -s prod --json | jq '.proposals[] | select(.risk == "low")'
  $ groundwork optimize --bill bill.yaml

Exit codes: 0 told, whatever it says; 2 bad input, or prices that are too old.`;

async function run(flags: Flags): Promise<void> {
  if (flags.bill !== undefined) return tellBill(flags.bill, flags);
  const progress = new Progress({ quiet: flags.json === true });
  const table = readPriceTable(flags.prices ?? PRICES);
  requireFresh(table, flags);
  const { state, capacity, usage, extraNodes } = await priced(flags, progress);
  const prices = new PriceBook(table);
  const cost = costOf(state.resources, usage, prices, state.stack, extraNodes);
  const proposals = optimize({ resources: state.resources, cost, capacity, prices });
  progress.end();
  const { stack, totalCents } = cost;
  print(flags, { stack, totalCents, proposals }, () => renderProposals(stack, totalCents, proposals));
}

function tellBill(path: string, flags: Flags): void {
  const named = flags.stack ?? flags.state;
  if (named !== undefined)
    throw new BadInput(`--bill ${path} and ${named} are two things to look at; leave one of them out`);
  const lines = optimizeBill(readBill(path));
  print(flags, { lines }, () => renderBill(lines));
}

function print(flags: Flags, document: object, text: () => string): void {
  process.stdout.write(`${flags.json === true ? JSON.stringify(document, null, 2) : text()}\n`);
}
