import { randomBytes } from "node:crypto";
import { Fingerprints } from "../fingerprint.ts";
import { SecretValue } from "../secret-value.ts";
import type { Counts, Memories } from "./blob-scanner.ts";
import { type Exception, type Excepted, except } from "./exceptions.ts";
import type { Exposure } from "./finding.ts";
import { Looker, type ScanTargets } from "./looker.ts";
import type { ManagedValues } from "./managed.ts";
import type { ExposureRecord } from "./record.ts";
import { RULES_VERSION, Rules } from "./rules.ts";
import type { Finders } from "./text.ts";

export interface ScanOptions {
  readonly targets: ScanTargets;
  /** The values that are looked for; without them only rules look. */
  readonly managed?: ManagedValues;
  readonly exceptions?: readonly Exception[];
  /** Where it is written down, and what need not be looked at again. Default: nowhere. */
  readonly record?: ExposureRecord;
  /** In place of the process's own. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** Milliseconds since 1970. */
  readonly now?: number;
  /** What it does at this moment. */
  readonly tell?: (subject: string, doing: string) => void;
}

export interface ScanReport extends Omit<Excepted, "count"> {
  /** How many findings an exception has left out. */
  readonly excepted: number;
  readonly counts: Readonly<Counts>;
  /** What could not be looked at, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Looks for secrets where they should not be. Changes nothing of what it looks at.
 * @throws InvalidMapping where something that was named cannot be looked at
 */
export async function scan(options: ScanOptions): Promise<ScanReport> {
  const { targets, managed, record, exceptions = [], now = Date.now() } = options;
  const began = performance.now();
  const fingerprints = managed?.fingerprints ?? new Fingerprints(randomBytes(32));
  const mark = (text: string): string => fingerprints.of(new SecretValue(text));
  const finders: Finders = {
    mark,
    rules: await Rules.load(),
    ...(managed !== undefined && { needles: managed.needles }),
  };
  const looker = new Looker({
    finders,
    ...(options.input !== undefined && { input: options.input }),
    ...(options.tell !== undefined && { tell: options.tell }),
    ...(managed !== undefined && record !== undefined && { memories: memoriesOf(managed, record, now) }),
  });
  const exposures = await looker.all(targets);
  const shown = await Promise.all(exposures.map((exposure) => withoutValues(exposure, finders)));
  const { count, ...excepted } = except(shown, exceptions, now);
  record?.record({
    at: now,
    milliseconds: performance.now() - began,
    exposures: excepted.exposures,
    whole: looker.whole,
    valuesToo: managed !== undefined,
  });
  return { ...excepted, excepted: count, counts: looker.counts, notes: looker.notes };
}

function memoriesOf({ fingerprints, version }: ManagedValues, record: ExposureRecord, now: number): Memories {
  return {
    rules: record.memory(fingerprints.of(new SecretValue(`rules ${RULES_VERSION}`)), now),
    values: record.memory(fingerprints.of(new SecretValue(`values ${version}`)), now),
  };
}

/** Somebody may have named a file, or a property, by a value. */
async function withoutValues(exposure: Exposure, { needles, rules }: Finders): Promise<Exposure> {
  const masked = async (text: string): Promise<string> => {
    const plain = needles?.mask(text) ?? text;
    const matches = ((await rules?.find(plain)) ?? []).sort((a, b) => b.start - a.start);
    return matches.reduce((shown, { start, end }) => `${shown.slice(0, start)}[secret]${shown.slice(end)}`, plain);
  };
  const { resource, property } = exposure;
  return {
    ...exposure,
    target: await masked(exposure.target),
    path: await masked(exposure.path),
    ...(resource !== undefined && { resource: await masked(resource) }),
    ...(property !== undefined && { property: await masked(property) }),
  };
}
