import type { Reader } from "../reader.ts";

/** How often the monitor looks: the key `monitor` of the mapping. */
export interface MonitorSettings {
  /** Minutes from the beginning of one round to that of the next. Default: 5, as systems.md asks for sophia. */
  readonly everyMinutes: number;
  /** Percent by which each of them is longer or shorter, by chance, so that many monitors do not ask at once. Default: 10. */
  readonly jitterPercent: number;
}

export const HEALING_MODES = ["off", "propose", "apply"] as const;
/** `off` says nothing of how to mend a drift, `propose` says it, `apply` also writes what needs no approval or has one. */
export type HealingMode = (typeof HEALING_MODES)[number];

/** What the monitor may mend: the key `healing` of the mapping. The command `heal` is told by its own flags. */
export interface HealingSettings {
  /** Default: `propose`, which writes nothing. */
  readonly mode: HealingMode;
}

/** Six seconds, in minutes: less than that is a mistake of whoever wrote seconds, or for tests. */
const LEAST_MINUTES = 0.1;
const DAY_MINUTES = 24 * 60;
const MOST_JITTER = 50;

/** @throws InvalidMapping */
export function monitorSettings(value: unknown, read: Reader): MonitorSettings {
  const given = read.keys(value, "monitor");
  read.only(given, "monitor", ["everyMinutes", "jitterPercent"]);
  const { everyMinutes = 5, jitterPercent = 10 } = given;
  if (!isEvery(everyMinutes)) throw read.wrong("monitor.everyMinutes", everyMinutes, EVERY);
  if (!isBetween(jitterPercent, 0, MOST_JITTER))
    throw read.wrong("monitor.jitterPercent", jitterPercent, `write a number from 0 to ${MOST_JITTER}`);
  return { everyMinutes, jitterPercent };
}

/** @throws InvalidMapping */
export function healingSettings(value: unknown, read: Reader): HealingSettings {
  const given = read.keys(value, "healing");
  read.only(given, "healing", ["mode"]);
  return { mode: read.oneOf(given["mode"] ?? "propose", "healing.mode", HEALING_MODES) };
}

/** What to write instead of minutes that are none. */
export const EVERY = `write a number of minutes from ${LEAST_MINUTES} to ${DAY_MINUTES}`;

export function isEvery(value: unknown): value is number {
  return isBetween(value, LEAST_MINUTES, DAY_MINUTES);
}

function isBetween(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && value >= least && value <= most;
}
