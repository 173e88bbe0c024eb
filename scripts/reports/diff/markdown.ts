import type { DiffReport } from "@groundwork/lib/diff-report";
import { type Block, fit } from "./budget.ts";
import {
  capacityFacts,
  costText,
  countsText,
  headlineOf,
  lossSentence,
  lostData,
  perhapsLost,
  policyText,
  verdict,
} from "./facts.ts";
import { ARROW, money, number, plain, plural, sideName } from "./format.ts";
import { bold, code, escape, hidden } from "./markdown-text.ts";
import { sections } from "./sections.ts";
import { type Cell, type ReportTable, type Row, type Section, withoutSameColumns } from "./tables.ts";

/** GitHub takes comments of 65,536 characters; what a workflow adds must fit too. */
export const LONGEST_COMMENT = 60_000;

const MORE = "see the HTML report";

/**
 * The comment of a pull request: who looks at it for five seconds knows what matters, the rest is folded. It begins with a
 * hidden marker for each stack, by which it is found again and updated in place.
 */
export function renderMarkdown(reports: readonly DiffReport[]): string {
  const sorted = [...reports].sort((a, b) => Number(b.changed) - Number(a.changed));
  return fit([markers(reports), ...lead(reports), ...sorted.flatMap(details), foot(reports)], LONGEST_COMMENT - 1);
}

/** By it the comment that tells of a stack of a project is found again. */
export function markerOf({ project, stack }: { readonly project: string; readonly stack: string }): string {
  return `<!-- groundwork-diff ${hidden(project)}/${hidden(stack)} -->`;
}

function markers(reports: readonly DiffReport[]): Block {
  const rows = reports.map((report) => `${markerOf(report)}\n`);
  return { head: "", rows, tail: "", more: () => "", rank: 0 };
}

function lead(reports: readonly DiffReport[]): Block[] {
  const [first] = reports;
  const sides = first === undefined ? "" : `${escape(sideName(first.base))} ${ARROW} ${escape(sideName(first.head))}`;
  const changed = reports.filter(({ changed: differs }) => differs);
  const title = `### ${escape(plain(first?.project ?? "groundwork"))}: ${headlineOf(reports)}\n${sides}\n\n`;
  const blocks: Block[] = [
    { head: title, rows: [], tail: "", more: () => "", rank: 0, always: true },
    ...warnings(changed),
  ];
  if (changed.length === 0) return blocks;
  return [...blocks, summary(reports)];
}

/** What nobody may overlook, across all stacks. */
function warnings(reports: readonly DiffReport[]): Block[] {
  const lost = reports.flatMap((report) => lostData(report).map((one) => lossRow(report, lossSentence(one))));
  const perhaps = reports.flatMap((report) =>
    perhapsLost(report).map((one) =>
      lossRow(report, `${plain(one.name)} holds data, and no table says whether it is replaced`),
    ),
  );
  const caution = `> [!CAUTION]\n> **${plural(lost.length, "stateful resource")} would be replaced or deleted, with all that ${lost.length === 1 ? "it holds" : "they hold"}:**\n>\n`;
  return [warning(caution, lost), warning("> [!WARNING]\n> **Data may be at risk:**\n>\n", perhaps)];
}

function warning(head: string, rows: readonly string[]): Block {
  return { head, rows, tail: "\n", more: (count) => `> - ${number(count)} more, ${MORE}\n`, rank: 0 };
}

function lossRow({ stack }: DiffReport, sentence: string): string {
  return `> - ${bold(plain(stack))}: ${escape(sentence)}\n`;
}

function summary(reports: readonly DiffReport[]): Block {
  const head = "| stack | resources | cost a month | capacity | policy |\n| --- | --- | --- | --- | --- |\n";
  return {
    head,
    rows: reports.map(summaryRow),
    tail: "\n",
    more: (count) => `| ${plural(count, "more stack")}, ${MORE} | | | | |\n`,
    rank: 0,
  };
}

function summaryRow(report: DiffReport): string {
  const stack = bold(plain(report.stack));
  if (!report.changed) return `| ${stack} | no change | | | |\n`;
  const capacity = capacityFacts(report).join(", ") || "as before";
  const { totalCents } = report.cost.after;
  const cost = `${bold(costText(report))}, ${ARROW} ${escape(money(totalCents))}`;
  const cells = [stack, escape(countsText(report)), cost, escape(capacity), escape(policyText(report))];
  return `| ${cells.join(" | ")} |\n`;
}

/** One stack: its verdict, then what it rests on, folded. */
function details(report: DiffReport): Block[] {
  if (!report.changed) return [];
  const { headline, facts } = verdict(report);
  const text = `#### ${escape(plain(report.stack))}: ${escape(headline)}\n${escape(facts.join("; "))}\n\n`;
  const title: Block = { head: text, rows: [], tail: "", more: () => "", rank: 1, always: true };
  return [title, ...sections(report).flatMap(sectionBlocks)];
}

function sectionBlocks({ title, summary: told, tables, more, ...section }: Section): Block[] {
  const lines = [...section.lines, ...(more === undefined ? [] : [`${more.title}: ${MORE}`])];
  const group = {
    open: `<details><summary>${bold(title)}: ${escape(told)}</summary>\n\n`,
    close: "</details>\n\n",
  };
  return [...tables.filter(isShown).map(tableBlock), ...linesBlock(lines)].map((block) => ({ ...block, group }));
}

function isShown({ pageOnly, rows }: ReportTable): boolean {
  return pageOnly !== true && rows.some(({ changed }) => changed);
}

function tableBlock(source: ReportTable): Block {
  const { title, columns, rows, detailsHead } = withoutSameColumns(source);
  const heads = [...columns, ...(detailsHead === undefined ? [] : [{ head: detailsHead, align: "left" }])];
  const rule = heads.map(({ align }) => (align === "right" ? "---:" : "---"));
  const changed = rows.filter((row) => row.changed);
  const same = rows.length - changed.length;
  return {
    head: `**${escape(title)}**\n\n| ${heads.map(({ head }) => escape(head)).join(" | ")} |\n| ${rule.join(" | ")} |\n`,
    rows: changed.map((row) => tableRow(row, detailsHead !== undefined)),
    tail: `\n${same > 0 ? `${number(same)} as before\n\n` : ""}`,
    more: (count) => `\n${number(count)} more, ${MORE}\n`,
    rank: 2,
  };
}

function tableRow({ cells, details: lines = [] }: Row, hasDetails: boolean): string {
  const texts = [...cells.map(cellText), ...(hasDetails ? [lines.map(escape).join("<br>")] : [])];
  return `| ${texts.join(" | ")} |\n`;
}

function cellText({ text, before, code: isCode, tone }: Cell): string {
  const shown = isCode === true ? code(text) : tone === "bad" ? bold(text) : escape(text);
  if (before === undefined) return shown;
  return `${escape(before)} ${ARROW} ${tone === undefined ? bold(text) : shown}`;
}

function linesBlock(lines: readonly string[]): Block[] {
  if (lines.length === 0) return [];
  const more = (count: number): string => `- ${plural(count, "more line")}, ${MORE}\n`;
  return [{ head: "", rows: lines.map((line) => `- ${escape(line)}\n`), tail: "\n", more, rank: 2 }];
}

function foot(reports: readonly DiffReport[]): Block {
  const dates = [...new Set(reports.map(({ cost }) => cost.after.prices.date))].map((date) => escape(plain(date)));
  const head = `<sub>Prices of ${dates.join(", ")}; nothing was deployed and no cloud was asked. The HTML report has all of it.</sub>\n`;
  return { head, rows: [], tail: "", more: () => "", rank: 1, always: true };
}
