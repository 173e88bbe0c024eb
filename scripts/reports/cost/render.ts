import type { CostItem, CostReport } from "@groundwork/lib/cost-report";
import { list, plainTable } from "../text.ts";

export const GROUPINGS = ["system", "region", "service"] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** What a month costs, the dearest group first, with its items; then what that leaves out and takes for granted. */
export function renderCost(report: CostReport, by: Grouping): string {
  const { stack, totalCents, prices, items, notPriced, assumptions } = report;
  const groups = [...Map.groupBy(items, (item) => item[by])].map(([name, own]) => ({ name, own, cents: sum(own) }));
  const ordered = groups.sort((a, b) => b.cents - a.cents || (a.name < b.name ? -1 : 1));
  const missing = notPriced.map(({ type, count, why }) => `${count} x ${type}: ${why}`);
  return [
    `${stack} costs about ${dollars(totalCents)} a month, with prices of ${prices.date}.`,
    groupTable(ordered),
    ...ordered.map(({ name, own, cents }) => `${name}: ${dollars(cents)}\n${itemTable(own)}`),
    list("Not priced, and not in the sum", missing),
    list("Taken for granted", assumptions),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function groupTable(groups: readonly { readonly name: string; readonly cents: number }[]): string {
  if (groups.length === 0) return "";
  const table = plainTable([], ["left", "right"]);
  for (const { name, cents } of groups) table.push([name, dollars(cents)]);
  return table.toString();
}

/** Equal things are one line: nobody reads eighteen databases of one class. */
function itemTable(items: readonly CostItem[]): string {
  const alike = Map.groupBy(items, ({ region, service, description, unitPrice }) =>
    [region, service, description, unitPrice].join("|"),
  );
  const rows = [...alike.values()].map((same) => ({
    first: same[0],
    quantity: same.reduce((total, { quantity }) => total + quantity, 0),
    cents: sum(same),
  }));
  const table = plainTable([], ["left", "left", "left", "right", "right"]);
  for (const { first, quantity, cents } of rows.sort((a, b) => b.cents - a.cents)) {
    if (first === undefined) continue;
    table.push([
      `  ${first.service}`,
      first.description,
      first.region,
      `${amount(quantity)} ${first.unit} x ${first.unitPrice}`,
      dollars(cents),
    ]);
  }
  return table.toString();
}

function sum(items: readonly CostItem[]): number {
  return items.reduce((total, { cents }) => total + cents, 0);
}

function amount(quantity: number): string {
  return quantity.toLocaleString("en-US", { maximumFractionDigits: 3 });
}

export function dollars(cents: number): string {
  return `US$ ${(cents / 100).toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
