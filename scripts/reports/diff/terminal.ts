import { stripVTControlCharacters, styleText } from "node:util";
import type { DiffReport } from "@groundwork/lib/diff-report";
import { plainTable } from "../text.ts";
import { type Gravity, lossSentence, lostData, perhapsLost, verdict } from "./facts.ts";
import { ARROW, number, plain, sideName } from "./format.ts";
import { sections } from "./sections.ts";
import { type Cell, type ReportTable, type Section, type Tone, withoutSameColumns } from "./tables.ts";

export interface TerminalOptions {
  /** Whether to colour what a reader has to look at; default: no. */
  readonly colour?: boolean;
  /** Columns of the terminal; default: 120, for a file or a pipe. */
  readonly width?: number;
}

type Style = "red" | "yellow" | "green" | "bold" | "dim";
type Paint = (style: Style, text: string) => string;

const DEFAULT_WIDTH = 120;
/** A narrower terminal shows tables that are cut by the terminal itself. */
const LEAST_WIDTH = 60;
const LEAST_COLUMN = 12;
const GAP = 2;
const MOST_ROWS = 30;
const TONES: Readonly<Record<Tone, Style>> = { bad: "red", warn: "yellow", good: "green" };
const GRAVITY: Readonly<Record<Gravity, Style>> = {
  data: "red",
  refused: "red",
  quota: "yellow",
  changed: "bold",
  same: "green",
};

/** What a person reads in a terminal: the verdict of each stack, then what it rests on. */
export function renderTerminal(reports: readonly DiffReport[], options: TerminalOptions = {}): string {
  const { colour = false, width = DEFAULT_WIDTH } = options;
  const screen: Screen = {
    paint: colour ? (style, text) => styleText(style, text, { validateStream: false }) : (_style, text) => text,
    width: Math.max(LEAST_WIDTH, width),
  };
  return reports.map((report) => renderStack(report, screen)).join("\n\n\n");
}

interface Screen {
  readonly paint: Paint;
  readonly width: number;
}

function renderStack(report: DiffReport, screen: Screen): string {
  const { gravity, headline, facts } = verdict(report);
  const sides = `${sideName(report.base)} ${ARROW} ${sideName(report.head)}`;
  const stack = plain(report.stack);
  const told = screen.paint(GRAVITY[gravity], gravity === "data" ? headline.toUpperCase() : headline);
  if (gravity === "same") return `${stack}: ${told} (${sides})`;
  const first = wrap(`${stack}: ${told}; ${facts.join("; ")}`, screen.width);
  const target = report.target === null ? "" : `${plain(report.target)}, `;
  return [
    `${first}\n${screen.paint("dim", `${target}${sides}, ${report.seconds.toFixed(1)} s`)}`,
    losses(report, screen),
    ...sections(report).map((section) => renderSection(section, screen)),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function losses(report: DiffReport, { paint, width }: Screen): string {
  const lost = lostData(report).map((one) => wrap(`! ${lossSentence(one)}`, width - GAP));
  const perhaps = perhapsLost(report).map((one) =>
    wrap(`? ${plain(one.name)} holds data, and no table says whether the provider replaces it`, width - GAP),
  );
  if (lost.length === 0 && perhaps.length === 0) return "";
  const title = lost.length > 0 ? "What they hold is lost with them:" : "Data may be at risk:";
  return [paint("red", title), ...[...lost, ...perhaps].map((line) => indent(line))].join("\n");
}

function renderSection(section: Section, screen: Screen): string {
  const { title, summary, tables, more } = section;
  const lines = [...section.lines, ...(more === undefined ? [] : [`${more.title}: --html and --json have them`])];
  const shown = tables.filter(({ pageOnly }) => pageOnly !== true).map((table) => renderTable(table, screen));
  const parts = [...shown, ...lines.map((line) => wrap(line, screen.width - GAP))].filter((part) => part !== "");
  const head = wrap(`${screen.paint("bold", title)}: ${summary}`, screen.width);
  return [head, ...parts.map((part) => indent(part))].join("\n");
}

/** What differs; the rest is a number. */
function renderTable(source: ReportTable, screen: Screen): string {
  const { title, columns, rows } = withoutSameColumns(source);
  const changed = rows.filter((row) => row.changed);
  if (changed.length === 0) return "";
  const shown = changed.slice(0, MOST_ROWS);
  const texts = shown.map(({ cells }) => cells.map((cell) => cellText(cell, screen.paint)));
  const heads = columns.map(({ head }) => head);
  const aligns = columns.map(({ align }) => align);
  const widths = widthsFor([heads, ...texts], aligns, screen.width - GAP);
  const hasDetails = shown.some(({ details = [] }) => details.length > 0);
  if (hasDetails) widen(widths, screen.width - GAP);
  const table = plainTable(heads, aligns, widths);
  const whole = spanOf(widths);
  shown.forEach(({ details = [] }, index) => {
    table.push(texts[index] ?? []);
    for (const detail of details) {
      table.push([
        { content: indent(wrap(detail, whole - 2 * GAP), 2 * GAP), colSpan: columns.length, wordWrap: false },
      ]);
    }
  });
  const more = changed.length - shown.length;
  const same = rows.length - changed.length;
  const rest = [
    ...(more > 0 ? [`${number(more)} more: --html and --json have all of them`] : []),
    ...(same > 0 ? [`${number(same)} as before`] : []),
  ];
  const text = table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
  return [screen.paint("dim", `${title}:`), ...text, ...(rest.length > 0 ? [rest.join("; ")] : [])].join("\n");
}

function cellText({ text, before, tone }: Cell, paint: Paint): string {
  const told = before === undefined ? text : `${before} ${ARROW} ${text}`;
  return tone === undefined || told === "" ? told : paint(TONES[tone], told);
}

/** The widest columns of words give way until all fit; numbers only after them. */
function widthsFor(rows: readonly (readonly string[])[], aligns: readonly string[], width: number): number[] {
  const widths = aligns.map((_, column) => Math.max(1, ...rows.map((row) => lengthOf(row[column] ?? ""))));
  const total = (): number => widths.reduce((sum, one) => sum + one, 0) + GAP * (widths.length - 1);
  for (const giving of ["left", "right"]) {
    while (total() > width) {
      const able = widths.map((one, column) => (aligns[column] === giving ? one : 0));
      const widest = Math.max(...able);
      if (widest <= LEAST_COLUMN) break;
      widths[able.indexOf(widest)] = Math.max(LEAST_COLUMN, widest - (total() - width));
    }
  }
  return widths;
}

/** What stands across all columns may use the whole screen. */
function widen(widths: number[], width: number): void {
  const last = widths.length - 1;
  const used = widths.reduce((sum, one) => sum + one, 0) + GAP * last;
  widths[last] = (widths[last] ?? 0) + Math.max(0, width - used);
}

/** As cli-table3 reckons the width of a cell across all columns: a gap is one column of the screen. */
function spanOf(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one, 0) + widths.length - 1;
}

function lengthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

function wrap(text: string, width: number): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && lengthOf(`${line} ${word}`) > width) {
      lines.push(line);
      line = `  ${word}`;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join("\n");
}

function indent(text: string, by = GAP): string {
  return text.replaceAll(/^/gm, " ".repeat(by));
}
