import type { CostItem } from "@groundwork/lib/cost-report";
import type { CostChange, DiffReport } from "@groundwork/lib/diff-report";
import { costText } from "./facts.ts";
import { money, number, percent, plain, plural, signed } from "./format.ts";
import { pairUp } from "./capacity.ts";
import {
  type ReportTable,
  type Row,
  type Section,
  type Tone,
  change,
  code,
  fresh,
  left,
  right,
  row,
  text,
} from "./tables.ts";

const LONGEST_SENTENCE = 400;
const MONTHLY = [right("a month"), right("difference"), right("%")];

export function cost(report: DiffReport): Section {
  const { before, after, bySystem, byRegion, byService, items } = report.cost;
  const tables = [
    changesTable("By service", "service", byService),
    changesTable("By system", "system", bySystem),
    changesTable("By region", "region", byRegion),
    changesTable("Line items that differ", "line item", items),
    itemsTable(before.items, after.items),
    notPricedTable(report),
  ].filter(({ rows }) => rows.length > 0);
  return {
    id: "cost",
    title: "Cost",
    summary: `${money(before.totalCents)} → ${money(after.totalCents)} a month, ${costText(report)}`,
    tables,
    lines: tables.length === 0 ? [] : [pricesText(report)],
    ...(after.assumptions.length > 0 ? { more: assumptions(report) } : {}),
  };
}

function pricesText({ cost: { before, after } }: DiffReport): string {
  const { date, source } = after.prices;
  const other = before.prices.date === date ? "" : `, before with those of ${plain(before.prices.date)}`;
  return `Prices of ${plain(date)}${other} (${plain(source)}), on demand, without taxes and discounts`;
}

function assumptions({ cost: { after } }: DiffReport): { readonly title: string; readonly lines: string[] } {
  const lines = after.assumptions.map((assumption) => plain(assumption, LONGEST_SENTENCE));
  return { title: `${plural(lines.length, "assumption")} of what is used`, lines };
}

function changesTable(title: string, head: string, changes: readonly CostChange[]): ReportTable {
  return { title, columns: [left(head), ...MONTHLY], rows: changes.map(changeRow) };
}

function changeRow({ label, beforeCents, afterCents }: CostChange): Row {
  const delta = afterCents - beforeCents;
  return row(
    text(plain(label)),
    change(money(beforeCents), money(afterCents)),
    text(signed(delta, money), toneOf(delta)),
    text(percent(beforeCents, afterCents) || (delta > 0 ? "new" : "")),
  );
}

function toneOf(delta: number): Tone | undefined {
  if (delta === 0) return undefined;
  return delta > 0 ? "warn" : "good";
}

/** Every line item of both sides, for who wants to reckon it up again. */
function itemsTable(before: readonly CostItem[], after: readonly CostItem[]): ReportTable {
  const keyOf = ({ urn, system, region, service, description }: CostItem): string =>
    JSON.stringify([urn, system, region, service, description]);
  const rows = pairUp(before, after, keyOf).map((pair) => {
    const item = pair.after ?? pair.before;
    const priceOf = (one: CostItem | undefined): string =>
      one === undefined ? "none" : `${number(one.quantity, 2)} ${plain(one.unit)}`;
    const centsOf = (one: CostItem | undefined): string => money(one?.cents ?? 0);
    return row(
      text(plain(item?.service ?? "")),
      text(plain(item?.description ?? "")),
      text(plain(item?.system ?? "")),
      text(plain(item?.region ?? "")),
      change(priceOf(pair.before), priceOf(pair.after)),
      text(`US$ ${number(item?.unitPrice ?? 0, 6)}`),
      change(centsOf(pair.before), centsOf(pair.after)),
    );
  });
  const head = [left("service"), left("what"), left("system"), left("region")];
  return {
    title: "All line items",
    columns: [...head, right("quantity"), right("unit price"), right("a month")],
    rows,
    pageOnly: true,
  };
}

function notPricedTable({ cost: { before, after } }: DiffReport): ReportTable {
  const rows = pairUp(before.notPriced, after.notPriced, ({ type, why }) => JSON.stringify([type, why])).map((pair) => {
    const { type = "", why = "" } = pair.after ?? pair.before ?? {};
    const [from, to] = [pair.before?.count ?? 0, pair.after?.count ?? 0];
    const cells = [code(plain(type)), change(number(from), number(to)), text(plain(why, LONGEST_SENTENCE))];
    return from === to ? row(...cells) : fresh(...cells);
  });
  const count = after.notPriced.reduce((sum, one) => sum + one.count, 0);
  return {
    title: `Not priced: ${plural(count, "resource")}`,
    columns: [left("type"), right("count"), left("why")],
    rows,
  };
}
