import type { Placement } from "../placement.ts";

/** Something that has an end, and how much of it is needed in each month. */
export interface Limit extends Placement {
  readonly measure: string;
  readonly limit: number;
  readonly needed: (month: number) => number;
  readonly advice: string;
  /** Stands in the chart, but is told by another limit. */
  readonly quiet?: boolean;
}

/** Each system in each region once, by name. */
export function placesOf(all: readonly Placement[]): readonly Placement[] {
  return grouped(all, ({ system, region }) => `${system} ${region}`).flatMap(([first]) =>
    first === undefined ? [] : [{ system: first.system, region: first.region }],
  );
}

/** What has the same key, by key. */
export function grouped<T>(all: readonly T[], key: (one: T) => string): readonly (readonly T[])[] {
  const found = new Map<string, T[]>();
  for (const one of all) found.set(key(one), [...(found.get(key(one)) ?? []), one]);
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, ones]) => ones);
}

/** To a thousandth, so that sums of tenths stay readable. */
export function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
