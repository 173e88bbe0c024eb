import { plainTable } from "../text.ts";
import { dollars } from "../cost/render.ts";
import type { BillLine } from "./bill.ts";
import type { Proposal } from "./proposal.ts";

/** Cents a month from which a proposal is told by itself. */
const TOLD = 100;

export function renderProposals(stack: string, totalCents: number, proposals: readonly Proposal[]): string {
  if (proposals.length === 0)
    return `${stack} costs about ${dollars(totalCents)} a month, and nothing here makes it less.`;
  const [large, small] = [
    proposals.filter(({ savingCents }) => savingCents >= TOLD),
    proposals.filter(({ savingCents }) => savingCents < TOLD),
  ];
  const parts = large.map(({ what, savingCents, risk, riskWhy, change, source, rule }) =>
    [
      `${dollars(savingCents)} a month: ${what}`,
      `  risk   ${risk}: ${riskWhy}`,
      `  write  ${change}`,
      `  source ${source} (${rule})`,
    ].join("\n"),
  );
  return [
    `${stack} costs about ${dollars(totalCents)} a month. What makes it less, each by itself; together they save less than their sum:`,
    ...parts,
    ...(small.length > 0
      ? [
          `${small.length} more of less than ${dollars(TOLD)} each, ${dollars(sum(small, ({ savingCents }) => savingCents))} together: --json lists them.`,
        ]
      : []),
  ].join("\n\n");
}

export function renderBill(lines: readonly BillLine[]): string {
  const table = plainTable(["", "today", "then", "saved", ""], ["left", "right", "right", "right", "left"]);
  for (const { area, beforeCents, afterCents, how } of lines)
    table.push([area, whole(beforeCents), whole(afterCents), percent(beforeCents, afterCents), how]);
  const before = sum(lines, ({ beforeCents }) => beforeCents);
  const after = sum(lines, ({ afterCents }) => afterCents);
  table.push(["in all", whole(before), whole(after), percent(before, after), ""]);
  return table.toString();
}

function sum<T>(lines: readonly T[], amount: (line: T) => number): number {
  return lines.reduce((total, line) => total + amount(line), 0);
}

function whole(cents: number): string {
  return `US$ ${Math.round(cents / 100).toLocaleString("en-US")}`;
}

function percent(before: number, after: number): string {
  return before === 0 ? "" : `${Math.round(((before - after) / before) * 100)} %`;
}
