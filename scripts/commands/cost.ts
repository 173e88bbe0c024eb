import { renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BadInput } from "@groundwork/lib/errors";
import { costOf } from "@groundwork/lib/pricing/price";
import { PRICES, PriceBook, readPriceTable, type PriceTable } from "@groundwork/lib/pricing/table";
import { Option, type Command } from "commander";
import { PRICE_LIST } from "../reports/cost/price-list.ts";
import { refresh, type Refreshed } from "../reports/cost/refresh.ts";
import { GROUPINGS, renderCost, type Grouping } from "../reports/cost/render.ts";
import { MAX_PRICE_AGE, type PriceFlags, requireFresh } from "./price-age.ts";
import type { StackFlags } from "./planned-stack.ts";
import { priced } from "./priced-stack.ts";
import { Progress } from "./progress.ts";

export { requireFresh } from "./price-age.ts";

interface Flags extends StackFlags, PriceFlags {
  readonly by: Grouping;
  readonly json?: boolean;
  readonly prices?: string;
  readonly refresh?: boolean;
  readonly region: readonly string[];
  readonly priceList: string;
}

export function register(program: Command): void {
  program
    .command("cost")
    .description("tell what a stack costs a month, from its resources and a dated table of prices")
    .option("-s, --stack <name>", "the stack of the project")
    .option("--project <directory>", "the Pulumi project", ".")
    .option("--state <file>", "a real stack instead, as `pulumi stack export` wrote it")
    .addOption(new Option("--by <what>", "what the items are grouped by").choices(GROUPINGS).default("system"))
    .option("--json", "print one JSON document on standard output and nothing else")
    .option("--prices <file>", "another table of prices than lib/pricing/prices.json")
    .option("--max-price-age <days>", "refuse a table that is older", MAX_PRICE_AGE)
    .option("--allow-old-prices", "take the table whatever its age")
    .option("--refresh", "read the prices anew from AWS's public price list and write the table; tells no cost")
    .option("--region <name>", "with --refresh: another region to have prices of, repeatable", collected, [])
    .addOption(
      new Option("--price-list <url>", "with --refresh: where the list is")
        .env("GROUNDWORK_PRICE_LIST")
        .default(PRICE_LIST),
    )
    .addHelpText("after", HELP)
    .action(run);
}

const HELP = `
Nothing is asked of a cloud: the stack is planned from nothing by the engine, as in \`groundwork diff\`. What no resource
tells (traffic, requests, growth) is stated in capacity.yaml, section usage; each default is named in the report. What has
no price is listed and never counted as nothing.

Examples:
  $ groundwork cost -s prod
  $ groundwork cost -s prod --by service --json
  $ pulumi stack export -s prod > prod.json && groundwork cost --state prod.json
  $ groundwork cost --refresh --region eu-north-1

Exit codes: 0 fine; 1 a part of the price list could not be read, its prices stay; 2 bad input, or prices that are too old.`;

function collected(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

async function run(flags: Flags): Promise<void> {
  const progress = new Progress({ quiet: flags.json === true });
  const path = flags.prices ?? fileURLToPath(PRICES);
  const table = readPriceTable(path);
  if (flags.refresh === true) return refreshTable(table, path, flags, progress);
  requireFresh(table, flags);
  const { state, usage, extraNodes } = await priced(flags, progress);
  const report = costOf(state.resources, usage, new PriceBook(table), state.stack, extraNodes);
  progress.end();
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(report, null, 2)}\n` : `${renderCost(report, flags.by)}\n`,
  );
}

async function refreshTable(table: PriceTable, path: string, flags: Flags, progress: Progress): Promise<void> {
  for (const region of flags.region) {
    if (!/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(region))
      throw new BadInput(`--region is ${region}; write the name of an AWS region, such as eu-north-1`);
  }
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  const refreshed = await refresh({
    table,
    regions: flags.region,
    today: new Date().toISOString().slice(0, 10),
    base: flags.priceList.replace(/\/$/, ""),
    retries: 3,
    wait: 1000,
    signal: interrupt.signal,
    progress: (line) => progress.status("prices", line),
  });
  progress.end();
  const draft = `${path}.${process.pid}.new`;
  writeFileSync(draft, `${JSON.stringify(refreshed.table, null, 2)}\n`);
  renameSync(draft, path);
  if (!refreshed.complete) process.exitCode = 1;
  const { table: _table, ...told } = refreshed;
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ date: refreshed.table.date, ...told }, null, 2)}\n`
      : renderRefresh(refreshed),
  );
}

function renderRefresh({ table, changed, kept, complete }: Refreshed): string {
  const changes = changed.map(
    ({ id, region, before, after }) =>
      `  ${id} in ${region}: ${before === undefined ? "new" : `US$ ${before}`} -> US$ ${after}`,
  );
  const same = kept.map(({ id, region, why }) => `  ${id} in ${region}: ${why}`);
  const head = `${changed.length} prices changed; the table is of ${table.date}${complete ? "" : ", because not all of the list could be read"}.`;
  return [head, ...changes, ...(same.length > 0 ? ["As they were:", ...same] : [])].join("\n") + "\n";
}
