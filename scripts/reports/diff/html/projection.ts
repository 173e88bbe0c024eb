import type { Projection, ProjectionSeries } from "@groundwork/lib/capacity-report";
import type { DiffReport } from "@groundwork/lib/diff-report";
import { reachedKey } from "../facts.ts";
import { measureText, number } from "../format.ts";
import { COLOURS, FONT, FONT_SIZE, NARROW, draw } from "./chart.ts";
import { escape } from "./escape.ts";

const HEIGHT = 190;
/** A series more would be a page more; those nearest to their limit are shown. */
const MOST_SERIES = 9;

/** A small chart for each measure, with its limit: what runs out first comes first. */
export function projectionFigures({ capacity: { before, after } }: DiffReport): string {
  const limits = new Map(before.projection.series.map((one) => [reachedKey(one), one.limit]));
  const full = new Set(after.projection.reached.map(reachedKey));
  const isReached = (one: ProjectionSeries): boolean => full.has(reachedKey(one));
  const shown = [...after.projection.series]
    .sort((a, b) => Number(isReached(b)) - Number(isReached(a)) || fullness(b) - fullness(a))
    .slice(0, MOST_SERIES);
  if (shown.length === 0) return "";
  const figures = shown.map((one) => figure(one, after.projection, limits.get(reachedKey(one))));
  return `<div class="charts small">${figures.join("")}</div>`;
}

function fullness({ values, limit }: ProjectionSeries): number {
  return Math.max(...values, 0) / Math.max(limit, 1e-9);
}

function figure(series: ProjectionSeries, { reached }: Projection, limitBefore: number | undefined): string {
  const { values, limit } = series;
  const hit = reached.find((one) => reachedKey(one) === reachedKey(series));
  const month = hit?.month ?? values.findIndex((value) => value > limit);
  const when = month < 0 ? "within its limit" : month === 0 ? "short already" : `full in month ${month}`;
  const name = measureText(series);
  const told = values.map((value, index) => `month ${index} ${number(value, 1)}`).join(", ");
  const label = `${name}: ${told}; limit ${number(limit, 1)}; ${when}`;
  const svg = draw({ label, height: HEIGHT, option: () => option(series, limitBefore) }, NARROW);
  const tone = month < 0 ? "" : ' class="warn"';
  return `<figure><figcaption>${escape(name)}<br><span${tone}>${escape(when)}</span></figcaption>${svg}</figure>`;
}

function option({ values, limit }: ProjectionSeries, limitBefore: number | undefined): Record<string, unknown> {
  const text = { color: COLOURS.muted, fontFamily: FONT, fontSize: FONT_SIZE };
  const moved = limitBefore !== undefined && limitBefore !== limit;
  const highest = Math.max(...values, limit, moved ? limitBefore : 0);
  const line = { silent: true, symbol: "none" };
  return {
    grid: { top: 16, bottom: 24, left: 52, right: 12 },
    xAxis: {
      type: "category",
      data: values.map((_, month) => (month === 0 ? "now" : `+${month}`)),
      boundaryGap: false,
      axisLine: { lineStyle: { color: COLOURS.rule } },
      axisTick: { show: false },
      axisLabel: text,
    },
    yAxis: {
      type: "value",
      min: 0,
      max: highest * 1.12,
      splitNumber: 3,
      splitLine: { lineStyle: { color: COLOURS.rule } },
      axisLabel: { ...text, showMaxLabel: false, formatter: compact },
    },
    series: [
      {
        type: "line",
        data: [...values],
        silent: true,
        symbol: "circle",
        symbolSize: 5,
        lineStyle: { color: COLOURS.after, width: 2 },
        itemStyle: { color: COLOURS.after },
        markLine: {
          ...line,
          data: [
            limitLine("limit", limit, COLOURS.limit, "solid"),
            ...(moved ? [limitLine("limit before", limitBefore, COLOURS.muted, "dashed")] : []),
          ],
        },
      },
    ],
  };
}

function limitLine(name: string, value: number, color: string, type: string): Record<string, unknown> {
  return {
    name,
    yAxis: value,
    lineStyle: { color, type, width: 1.5 },
    label: {
      show: true,
      position: "insideStartTop",
      color,
      fontFamily: FONT,
      fontSize: FONT_SIZE,
      formatter: `${name} ${number(value, 1)}`,
    },
  };
}

/** `12k` fits beside an axis. */
function compact(value: number): string {
  if (value >= 1e6) return `${number(value / 1e6, 1)}M`;
  return value >= 10_000 ? `${number(value / 1e3, 1)}k` : number(value, 1);
}
