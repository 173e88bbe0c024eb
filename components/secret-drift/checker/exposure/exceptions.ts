import { existsSync, readFileSync } from "node:fs";
import { matchesGlob } from "node:path";
import { isMap, parseDocument } from "yaml";
import { plainYaml } from "../plain-yaml.ts";
import { InvalidMapping, Reader } from "../reader.ts";
import type { Exposure } from "./finding.ts";

/** What may be where it is: an example, a value of tests, a file that is encrypted. */
export interface Exception {
  /** A path as findings have it; `*` stands for a part of a name, `**` for folders. */
  readonly path: string;
  /** `managed-value`, a rule (`github/GITHUB_TOKEN`), or all rules of a kind (`github`). */
  readonly rule: string;
  /** Why it may be there. */
  readonly reason: string;
  /** The last day on which it may, `YYYY-MM-DD` in UTC; absent where it always may. */
  readonly until?: string;
}

/** What the exposure scan leaves alone: the key `exposure` of the mapping. */
export interface ExposureSettings {
  readonly ignore: readonly Exception[];
}

/** What has the same form in a repository that has no mapping. */
export const EXCEPTIONS_FILE = ".exposure.yaml";

/** @throws InvalidMapping */
export function exposureSettings(value: unknown, read: Reader, at = "exposure"): ExposureSettings {
  const given = read.keys(value, at);
  read.only(given, at, ["ignore"]);
  const prefix = at === "" ? "" : `${at}.`;
  const ignore = read.list(given["ignore"] ?? [], `${prefix}ignore`).map((each, index): Exception => {
    const path = `${prefix}ignore[${index}]`;
    const keys = read.keys(each, path);
    read.only(keys, path, ["path", "rule", "reason", "until"]);
    const until = keys["until"];
    if (until !== undefined && !isDay(until))
      throw read.wrong(`${path}.until`, until, "write a day of the calendar, YYYY-MM-DD");
    return {
      path: read.text(keys["path"], `${path}.path`),
      rule: read.text(keys["rule"], `${path}.rule`),
      reason: read.text(keys["reason"], `${path}.reason`),
      ...(until !== undefined && { until }),
    };
  });
  return { ignore };
}

/** Those of a file; none where there is no such file. @throws InvalidMapping */
export function readExceptions(file: string): readonly Exception[] {
  if (!existsSync(file)) return [];
  const parsed = parseDocument(read(file));
  const keys: unknown = parsed.errors.length > 0 || !isMap(parsed.contents) ? undefined : plainYaml(parsed);
  if (keys === undefined)
    throw new InvalidMapping(
      `${file} holds no exceptions: write \`ignore:\` and below it a list of path, rule and reason`,
    );
  return exposureSettings(keys, new Reader(file), "").ignore;
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code = "unreadable" } = error as NodeJS.ErrnoException;
    throw new InvalidMapping(`${file} cannot be read (${code}): let this user read it, or take it away`);
  }
}

/** What is left of some findings, and what became of each exception. */
export interface Excepted {
  readonly exposures: readonly Exposure[];
  /** How many were left out. */
  readonly count: number;
  /** No longer valid, and something is still there. */
  readonly expired: readonly Exception[];
  /** Valid, and nothing is there. */
  readonly unused: readonly Exception[];
}

export function except(exposures: readonly Exposure[], exceptions: readonly Exception[], now: number): Excepted {
  const today = new Date(now).toISOString().slice(0, 10);
  const isExpired = ({ until }: Exception) => until !== undefined && until < today;
  const used = new Set<Exception>();
  const kept = exposures.filter((exposure) => {
    const meant = exceptions.filter((exception) => means(exception, exposure));
    for (const exception of meant) used.add(exception);
    return meant.every(isExpired);
  });
  return {
    exposures: kept,
    count: exposures.length - kept.length,
    expired: exceptions.filter((each) => isExpired(each) && used.has(each)),
    unused: exceptions.filter((each) => !isExpired(each) && !used.has(each)),
  };
}

function means({ path, rule }: Exception, exposure: Exposure): boolean {
  if (rule !== exposure.rule && !exposure.rule.startsWith(`${rule}/`)) return false;
  return path === exposure.path || matchesGlob(exposure.path, path);
}

function isDay(value: unknown): value is string {
  if (typeof value !== "string" || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  const date = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
}
