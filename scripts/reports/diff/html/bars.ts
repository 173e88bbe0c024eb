import { plain } from "../format.ts";
import { COLOURS, type Drawing, FONT, FONT_SIZE } from "./chart.ts";

export interface Bar {
  readonly label: string;
  /** In a line of its own: two of them are narrower than a long one. */
  readonly place?: string;
  readonly before: number;
  readonly after: number;
}

const ROW_HEIGHT = 42;
/** Of a label, which is cut where it is longer. */
const LONGEST_LABEL = 22;
/** What a letter takes in the widest of the fonts that a system may have. */
const CHARACTER = 7.4;
/** A longer chart says no more than its table. */
const MOST_BARS = 12;

/** The same measure before and after, a pair of bars each, those that differ first. */
export function bars(title: string, all: readonly Bar[], format: (value: number) => string): Drawing {
  const shown = select(all);
  // the first one on top
  const rows = [...shown].reverse();
  const told = shown.map((bar) => `${nameOf(bar)} ${format(bar.before)}, after ${format(bar.after)}`);
  return {
    label: `${title}, before and after: ${told.join("; ")}`,
    height: rows.length * ROW_HEIGHT + 4,
    option: (width) => option(rows, width, format),
  };
}

function nameOf({ label, place }: Bar): string {
  return place === undefined ? plain(label) : `${plain(label)} in ${plain(place)}`;
}

/** The longest ones, and before them what differs. */
export function select(all: readonly Bar[]): readonly Bar[] {
  const size = ({ before, after }: Bar): number => Math.max(before, after);
  const differs = ({ before, after }: Bar): number => Number(before !== after);
  return [...all]
    .filter((bar) => size(bar) > 0)
    .sort((a, b) => differs(b) - differs(a) || size(b) - size(a))
    .slice(0, MOST_BARS);
}

function option(rows: readonly Bar[], width: number, format: (value: number) => string): Record<string, unknown> {
  const lines = rows.map(({ label, place = "" }) => [label, place].map((line) => plain(line, LONGEST_LABEL)));
  const longest = Math.max(...lines.flat().map((line) => line.length), 1);
  const values = rows.flatMap(({ before, after }) => [format(before).length, format(after).length]);
  const left = Math.min(longest * CHARACTER + 10, width * 0.5);
  const text = { color: COLOURS.ink, fontFamily: FONT, fontSize: FONT_SIZE };
  return {
    grid: {
      top: 2,
      bottom: 0,
      left,
      right: Math.max(...values, 1) * CHARACTER + 12,
      containLabel: false,
    },
    xAxis: { type: "value", show: false, min: 0 },
    yAxis: {
      type: "category",
      data: lines.map((line) => line.join("\n").trim()),
      axisLine: { lineStyle: { color: COLOURS.rule } },
      axisTick: { show: false },
      axisLabel: { ...text, lineHeight: 15 },
    },
    series: [
      series(
        "before",
        rows.map(({ before }) => before),
        format,
        { color: COLOURS.paper, borderColor: COLOURS.before, borderWidth: 1 },
      ),
      series(
        "after",
        rows.map(({ after }) => after),
        format,
        { color: COLOURS.after },
      ),
    ],
  };
}

function series(
  name: string,
  data: readonly number[],
  format: (value: number) => string,
  itemStyle: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return {
    name,
    type: "bar",
    data,
    silent: true,
    barWidth: 11,
    barGap: "25%",
    itemStyle,
    label: {
      show: true,
      position: "right",
      color: name === "after" ? COLOURS.ink : COLOURS.muted,
      fontFamily: FONT,
      fontSize: FONT_SIZE,
      formatter: ({ value }: { readonly value: number }) => format(value),
    },
  };
}
