import type { CapacityReport } from "@groundwork/lib/capacity-report";
import type { CostItem, CostReport } from "@groundwork/lib/cost-report";
import type { CapacityDiff, CostChange, CostDiff, Pair, PolicyDiff, QuotaDiff } from "@groundwork/lib/diff-report";
import { kindOfFinding } from "@groundwork/lib/policy-findings";
import type { QuotaReport, ViolationReport } from "@groundwork/lib/rehearsal-report";

/** Places and systems whose figures differ, in the order of the reports. */
export function capacityDiff(before: CapacityReport, after: CapacityReport): CapacityDiff {
  return {
    before,
    after,
    places: differing(before.places, after.places),
    throughput: differing(before.throughput, after.throughput),
  };
}

interface Placed {
  readonly system: string;
  readonly region: string;
}

function differing<T extends Placed>(before: readonly T[], after: readonly T[]): Pair<T>[] {
  const key = ({ system, region }: Placed): string => `${system}\n${region}`;
  const [old, now] = [before, after].map((list) => new Map(list.map((each) => [key(each), each])));
  const keys = [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])].sort();
  return keys.flatMap((each) => {
    const [one, other] = [old?.get(each), now?.get(each)];
    const place = one ?? other;
    if (place === undefined || JSON.stringify(one) === JSON.stringify(other)) return [];
    const { system, region } = place;
    return [{ system, region, ...(one && { before: one }), ...(other && { after: other }) }];
  });
}

export function costDiff(before: CostReport, after: CostReport): CostDiff {
  const by = (label: (item: CostItem) => string): CostChange[] => grouped(before.items, after.items, label);
  return {
    before,
    after,
    deltaCents: after.totalCents - before.totalCents,
    bySystem: by(({ system }) => system),
    byRegion: by(({ region }) => region),
    byService: by(({ service }) => service),
    items: by(itemLabel).filter(({ beforeCents, afterCents }) => beforeCents !== afterCents),
  };
}

function itemLabel({ urn, system, region, service, description }: CostItem): string {
  const name = urn === "" ? system : urn.slice(urn.lastIndexOf("::") + 2);
  return `${service}: ${description}, ${name} (${region})`;
}

/** The largest change first. */
function grouped(
  before: readonly CostItem[],
  after: readonly CostItem[],
  label: (item: CostItem) => string,
): CostChange[] {
  const sums = new Map<string, { beforeCents: number; afterCents: number }>();
  const sum = (item: CostItem): { beforeCents: number; afterCents: number } => {
    const key = label(item);
    const known = sums.get(key) ?? { beforeCents: 0, afterCents: 0 };
    sums.set(key, known);
    return known;
  };
  for (const item of before) sum(item).beforeCents += item.cents;
  for (const item of after) sum(item).afterCents += item.cents;
  const size = ({ beforeCents, afterCents }: CostChange): number => Math.abs(afterCents - beforeCents);
  return [...sums]
    .map(([text, cents]) => ({ label: text, ...cents }))
    .sort((a, b) => size(b) - size(a) || (a.label < b.label ? -1 : 1));
}

/**
 * What the pack finds on both sides; a figure in a message may move without the finding being another. What an exception
 * bears is still there, and of what the preview cannot decide nobody knows: neither is fixed.
 */
export function policyDiff(
  pack: string | null,
  before: readonly ViolationReport[],
  after: readonly ViolationReport[],
): PolicyDiff {
  const [old, now] = [before, after].map((list) => ofKind(list, "finding"));
  const [undecided, excepted] = [ofKind(after, "undecided"), ofKind(after, "excepted")];
  const open = new Set([...undecided, ...excepted].map(subjectOf));
  const known = countedKeys(old ?? []);
  const present = countedKeys(now ?? []);
  return {
    pack,
    added: (now ?? []).filter((each) => !take(known, keyOf(each))),
    fixed: (old ?? []).filter((each) => !take(present, keyOf(each)) && !open.has(subjectOf(each))),
    remaining: [...remaining(old ?? [], now ?? []), ...excepted],
    undecided,
  };
}

function ofKind(list: readonly ViolationReport[], kind: ReturnType<typeof kindOfFinding>): ViolationReport[] {
  return list.filter(({ message }) => kindOfFinding(message) === kind);
}

function remaining(old: readonly ViolationReport[], now: readonly ViolationReport[]): ViolationReport[] {
  const known = countedKeys(old);
  return now.filter((each) => take(known, keyOf(each)));
}

/** What a policy has looked at: its verdict on it has one kind. */
function subjectOf({ policy, urn }: ViolationReport): string {
  return JSON.stringify([policy, urn]);
}

/** The level belongs to it: what was advice and is mandatory now is new. */
function keyOf({ policy, level, urn, message }: ViolationReport): string {
  return JSON.stringify([policy, level, urn, message.replace(/\d+(\.\d+)?/g, "#")]);
}

function countedKeys(list: readonly ViolationReport[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const each of list) counts.set(keyOf(each), (counts.get(keyOf(each)) ?? 0) + 1);
  return counts;
}

function take(counts: Map<string, number>, key: string): boolean {
  const left = counts.get(key) ?? 0;
  if (left > 0) counts.set(key, left - 1);
  return left > 0;
}

/** Every quota that one of the sides uses. */
export function quotaDiff(before: readonly QuotaReport[], after: readonly QuotaReport[]): QuotaDiff[] {
  const key = ({ scope, quota }: QuotaReport): string => `${scope}\n${quota}`;
  const [old, now] = [before, after].map((list) => new Map(list.map((each) => [key(each), each])));
  return [...new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])])].sort().flatMap((each) => {
    const [one, other] = [old?.get(each), now?.get(each)];
    const known = other ?? one;
    if (known === undefined) return [];
    const { quota, code, scope, limit } = known;
    return [{ quota, code, scope, limit, ...(one && { before: one }), ...(other && { after: other }) }];
  });
}
