import Table from "cli-table3";
import type { Contestant, Run } from "./contestants.ts";
import { type Spread, exponent, spread } from "../statistics.ts";

export type Runs = ReadonlyMap<Contestant, readonly Run[]>;

/** One question: how much longer does one thing take than another, measured in turns in the same run. */
export interface Question {
  readonly what: string;
  readonly of: Contestant;
  readonly to: Contestant;
  readonly goal?: string;
}

export interface Ratio extends Spread {
  readonly what: string;
  readonly goal?: string;
}

/** Ratios are taken round by round, so that what slows the machine down for a while slows both sides down. */
export function ratiosOf(runs: Runs, questions: readonly Question[]): Ratio[] {
  return questions.map(({ what, of, to, goal }) => ({
    what,
    ...spread(pairs(runs, of, to).map(([mine, other]) => mine / other)),
    ...(goal === undefined ? {} : { goal }),
  }));
}

/** Median seconds by which one takes longer than the other in the same round. */
export function difference(runs: Runs, of: Contestant, to: Contestant): number {
  return spread(pairs(runs, of, to).map(([mine, other]) => mine - other)).median;
}

export function secondsOf(runs: Runs) {
  return [...runs].map(([{ name }, measured]) => ({
    name,
    resources: measured[0]?.resources ?? 0,
    ...spread(measured.map(({ seconds }) => seconds)),
  }));
}

/** How the time of a preview grows; what comes before the first resource does not grow, and hides the rest. */
export function exponentsOf(runs: Runs, byRegions: readonly (readonly [number, Contestant])[], start: Contestant) {
  const points = byRegions.map(([regions, contestant]) => ({
    regions,
    resources: runs.get(contestant)?.[0]?.resources ?? NaN,
    seconds: spread((runs.get(contestant) ?? []).map(({ seconds }) => seconds)).median,
    afterStart: difference(runs, contestant, start),
  }));
  return {
    regions: exponent(points.map(({ regions, seconds }) => [regions, seconds])),
    resources: exponent(points.map(({ resources, seconds }) => [resources, seconds])),
    resourcesAfterStart: exponent(points.map(({ resources, afterStart }) => [resources, afterStart])),
  };
}

function pairs(runs: Runs, of: Contestant, to: Contestant): [number, number][] {
  return (runs.get(of) ?? []).map(({ seconds }, round) => [seconds, runs.get(to)?.[round]?.seconds ?? NaN]);
}

export interface RehearsalTimes {
  readonly rounds: number;
  readonly ratios: readonly Ratio[];
  readonly exponents: ReturnType<typeof exponentsOf>;
  /** Median seconds by which prod with policies takes longer than as many no-op resources, and what takes them. */
  readonly rest: {
    readonly total: number;
    readonly pack: number;
    readonly loading: number;
    readonly program: number;
    /** Processor time of the simulated clouds, part of all others. */
    readonly simulator: number;
  };
  readonly seconds: ReturnType<typeof secondsOf>;
}

export function renderRehearsal({ ratios, exponents, rest, seconds }: RehearsalTimes): string {
  const ratioTable = new Table({
    head: ["ratio", "median", "min", "max", "goal"],
    style: { head: [], border: [], compact: true },
  });
  for (const ratio of ratios) ratioTable.push([ratio.what, ...cells(ratio), ratio.goal ?? ""]);
  const secondsTable = new Table({
    head: ["seconds", "resources", "median", "min", "max"],
    style: { head: [], border: [], compact: true },
  });
  for (const row of seconds) secondsTable.push([row.name, row.resources, ...cells(row)]);
  return [
    ratioTable.toString(),
    secondsTable.toString(),
    `Prod with policies takes ${fixed(rest.total)} s longer than as many no-op resources without a pack: the pack ` +
      `${fixed(rest.pack)} s, loading the SDKs ${fixed(rest.loading)} s, the program and its real resources ${fixed(rest.program)} s.`,
    `The simulated clouds took ${fixed(rest.simulator)} s of processor time of that preview.`,
    `The time of a preview grows with the regions to the power of ${fixed(exponents.regions)}, with the resources to the power of ` +
      `${fixed(exponents.resources)}, or ${fixed(exponents.resourcesAfterStart)} without what comes before the first resource.`,
  ].join("\n");
}

function cells({ median, min, max }: Spread): string[] {
  return [median, min, max].map(fixed);
}

function fixed(value: number): string {
  return value.toFixed(2);
}
