import type { Projection, ProjectionSeries, ReachedLimit } from "../capacity-report.ts";
import type { Limit } from "./limit.ts";

/** Months that are looked at unless the person says otherwise. */
export const MONTHS = 6;

/** Month by month, the present first; what reaches its limit, the first one first. */
export function projectionOf(limits: readonly Limit[], months: number): Projection {
  const all = limits.map((limit) => ({ limit, series: seriesOf(limit, months) }));
  const reached = all.flatMap(({ limit, series }) => (limit.quiet === true ? [] : reachedBy(limit, series)));
  return {
    months,
    series: all.map(({ series }) => series),
    reached: reached.toSorted((a, b) => a.month - b.month || compare(key(a), key(b))),
  };
}

function seriesOf({ system, region, measure, limit, needed }: Limit, months: number): ProjectionSeries {
  const values = Array.from({ length: months + 1 }, (_, month) => rounded(needed(month)));
  return { system, region, measure, limit, values };
}

function reachedBy(
  { advice }: Limit,
  { system, region, measure, limit, values }: ProjectionSeries,
): readonly ReachedLimit[] {
  const month = values.findIndex((value) => value > limit);
  return month < 0 ? [] : [{ system, region, measure, limit, month, advice }];
}

function key({ system, region, measure }: ReachedLimit): string {
  return `${system} ${region} ${measure}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
