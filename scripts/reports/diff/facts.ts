import type { CapacityReport, Range } from "@groundwork/lib/capacity-report";
import type { Change, DiffReport, QuotaDiff, ResourceChange } from "@groundwork/lib/diff-report";
import type { ViolationReport } from "@groundwork/lib/rehearsal-report";
import {
  ARROW,
  measureText,
  bytes,
  cores,
  money,
  number,
  percent,
  plain,
  plural,
  signed,
  signedRange,
  typeName,
} from "./format.ts";

/** How much a person has to look at before the change goes on; the gravest first. */
export type Gravity = "data" | "refused" | "quota" | "changed" | "same";

export interface Verdict {
  readonly gravity: Gravity;
  /** The gravest thing in a few words. */
  readonly headline: string;
  /** What else differs, each a few words. */
  readonly facts: readonly string[];
}

export const SYMBOLS: Readonly<Record<Change, string>> = { create: "+", update: "~", replace: "±", delete: "-" };

/** What a person acts on, for one stack. */
export function verdict(report: DiffReport): Verdict {
  if (!report.changed) return { gravity: "same", headline: "no change", facts: [] };
  const facts = [
    ...violationFacts(report),
    ...quotaFacts(report),
    countsText(report),
    `${costText(report)} a month`,
    ...capacityFacts(report),
    ...reachedFacts(report),
  ];
  const lost = lostData(report);
  if (lost.length > 0) return { gravity: "data", headline: `data at risk: ${lossText(lost)}`, facts };
  if (mandatory(report).length > 0) return { gravity: "refused", headline: "the policy pack refuses it", facts };
  if (overQuota(report).length > 0) return { gravity: "quota", headline: "more than a quota allows", facts };
  return { gravity: "changed", headline: "changes", facts };
}

/** The gravest thing of all stacks, for a title. */
export function headlineOf(reports: readonly DiffReport[]): string {
  const changed = reports.filter((report) => report.changed);
  if (changed.length === 0) return "no change";
  const lost = changed.reduce((sum, report) => sum + lostData(report).length, 0);
  if (lost > 0) return `data at risk in ${plural(lost, "resource")}`;
  const worst = changed.map(verdict).find(({ gravity }) => gravity !== "changed");
  return worst?.headline ?? `${plural(changed.length, "stack")} would change`;
}

/** Stateful resources that would be replaced or deleted, what they hold with them. */
export function lostData({ resources }: DiffReport): readonly ResourceChange[] {
  return resources.changes.filter(({ stateful, change }) => stateful && (change === "replace" || change === "delete"));
}

/** Stateful resources of which no table says whether the provider would replace them. */
export function perhapsLost({ resources }: DiffReport): readonly ResourceChange[] {
  return resources.changes.filter(({ stateful, change, certain }) => stateful && change === "update" && !certain);
}

function lossText(lost: readonly ResourceChange[]): string {
  const by = (change: Change): number => lost.filter((each) => each.change === change).length;
  const told = (
    [
      [by("replace"), "replaced"],
      [by("delete"), "deleted"],
    ] as const
  )
    .filter(([count]) => count > 0)
    .map(([count, what], index) =>
      index === 0 ? `${plural(count, "stateful resource")} ${what}` : `${count} ${what}`,
    );
  return told.join(", ");
}

/** One sentence or two on a stateful resource that goes: which, why, and whether something stops it. */
export function lossSentence(lost: ResourceChange): string {
  const { name, type, system, region, change, properties, certain } = lost;
  const where = `${plain(name)} (${typeName(type)}, ${plain(system)}, ${plain(region)})`;
  const causes = properties.filter(({ replaces }) => replaces).map(propertyText);
  const why = causes.length === 0 ? "" : ` because of ${causes.slice(0, 3).join("; ")}`;
  const what = change === "replace" ? "is replaced" : "is deleted";
  const sure = certain ? "" : " No table says for certain that the provider does so.";
  return `${where} ${what}${why}. ${fate(lost)}${sure}`;
}

/** What becomes of its data, in two or three words. */
export function dataText({ retained = false }: ResourceChange): string {
  return retained ? "data left behind" : "data lost";
}

function fate({ protected: isProtected, retained = false, change }: ResourceChange): string {
  if (isProtected) return "It is protected: the update stops there.";
  if (!retained) return "Nothing protects it.";
  const fresh = change === "replace" ? " The new one begins without its data." : "";
  return `What is in the cloud stays, with its data (retainOnDelete): the engine only forgets it.${fresh}`;
}

export function propertyText({ path, before, after }: ResourceChange["properties"][number]): string {
  // of a secret both sides look alike
  if (before === after) return `${plain(path)} ${value(after)} changes`;
  return `${plain(path)} ${value(before)} ${ARROW} ${value(after)}`;
}

export function value(text: string | undefined): string {
  if (text === undefined) return "none";
  return text === "" ? '""' : plain(text);
}

/** `+12 ~8 ±1 -2`; what is not there is left out. */
export function countsText({ resources: { counts } }: DiffReport): string {
  const told = (Object.keys(SYMBOLS) as Change[])
    .filter((change) => counts[change] > 0)
    .map((change) => `${SYMBOLS[change]}${number(counts[change])}`);
  const sum = counts.create + counts.update + counts.replace + counts.delete;
  return told.length === 0 ? "no resource" : `${told.join(" ")} ${sum === 1 ? "resource" : "resources"}`;
}

export function costText({ cost: { before, deltaCents } }: DiffReport): string {
  const share = percent(before.totalCents, before.totalCents + deltaCents);
  return `${signed(deltaCents, money)}${share === "" ? "" : ` (${share})`}`;
}

export function isMandatory({ level }: ViolationReport): boolean {
  return level === "mandatory";
}

function mandatory({ policy }: DiffReport): readonly ViolationReport[] {
  return policy.added.filter(isMandatory);
}

function violationFacts(report: DiffReport): string[] {
  const { added, fixed } = report.policy;
  const grave = mandatory(report).length;
  const kind = grave === 0 ? "" : grave === added.length ? ", mandatory" : `, ${grave} of them mandatory`;
  return [
    ...(added.length > 0 ? [`${plural(added.length, "new violation")}${kind}`] : []),
    ...(fixed.length > 0 ? [`${plural(fixed.length, "violation")} fixed`] : []),
  ];
}

/** `2 new, 1 fixed, 3 remaining`. */
export function policyText({ policy: { pack, added, fixed, remaining, undecided } }: DiffReport): string {
  if (pack === null) return "no pack ran";
  const told = (
    [
      [added, "new"],
      [fixed, "fixed"],
      [remaining, "remaining"],
      [undecided, "undecided"],
    ] as const
  )
    .filter(([violations]) => violations.length > 0)
    .map(([violations, what]) => `${number(violations.length)} ${what}`);
  return told.length === 0 ? "no violation" : told.join(", ");
}

/** Quotas that are exceeded after the change, by what is used or by what autoscalers may ask for, and were not before. */
export function overQuota({ quotas }: DiffReport): readonly QuotaDiff[] {
  return quotas.filter((quota) => isOver(quota, "after") && !isOver(quota, "before"));
}

export function isOver(quota: QuotaDiff, side: "before" | "after"): boolean {
  const use = quota[side];
  return use !== undefined && Math.max(use.used, use.ceiling ?? 0) > use.limit;
}

function quotaFacts(report: DiffReport): string[] {
  return overQuota(report)
    .slice(0, 2)
    .map(({ quota, scope, after, limit }) => {
      const wanted = Math.max(after?.used ?? 0, after?.ceiling ?? 0);
      return `${plain(quota)} in ${plain(scope)}: ${number(wanted)} of ${number(after?.limit ?? limit)}`;
    });
}

/** What the environment asks for in all, at the autoscalers' minimum and maximum. */
interface Totals {
  readonly replicas: Range;
  readonly vcpu: Range;
  readonly memory: Range;
  readonly gpus: Range;
  readonly storage: Range;
  readonly nodes: Range;
}

const MEASURES: readonly {
  readonly of: keyof Totals;
  readonly text: (amount: string) => string;
  readonly format: (value: number) => string;
}[] = [
  { of: "replicas", text: (amount) => `${amount} replicas`, format: number },
  { of: "vcpu", text: (amount) => `${amount} vCPU`, format: cores },
  { of: "memory", text: (amount) => `${amount} memory`, format: bytes },
  { of: "gpus", text: (amount) => `${amount} GPUs`, format: number },
  { of: "storage", text: (amount) => `${amount} storage`, format: bytes },
  { of: "nodes", text: (amount) => `${amount} nodes`, format: number },
];

/** What there is more or less of: `+2 to +8 vCPU`; empty where all is the same. */
export function capacityFacts({ capacity }: DiffReport): string[] {
  const [before, after] = [totals(capacity.before), totals(capacity.after)];
  return MEASURES.flatMap(({ of, text, format }) => {
    const [from, to] = [before[of], after[of]];
    const delta = { min: exact(to.min - from.min), max: exact(to.max - from.max) };
    if (delta.min === 0 && delta.max === 0) return [];
    return [text(signedRange(delta, format))];
  });
}

/** Without the last digits that adding fractions of cores leaves. */
function exact(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

export function totals({ places, nodes }: CapacityReport): Totals {
  const sum = <T>(all: readonly T[], of: (one: T) => Range): Range => ({
    min: all.reduce((total, one) => total + of(one).min, 0),
    max: all.reduce((total, one) => total + of(one).max, 0),
  });
  const both = (amount: number): Range => ({ min: amount, max: amount });
  const plus = (a: Range, b: number): Range => ({ min: a.min + b, max: a.max + b });
  return {
    replicas: sum(places, ({ replicas }) => replicas),
    vcpu: sum(places, ({ vcpu, managed }) => plus(vcpu, managed.vcpu)),
    memory: sum(places, ({ memory, managed }) => plus(memory, managed.memory)),
    gpus: sum(places, ({ gpus }) => gpus),
    storage: sum(places, ({ storage }) => both(storage)),
    nodes: sum(nodes, ({ count }) => count),
  };
}

function reachedFacts({ capacity: { before, after } }: DiffReport): string[] {
  const known = new Set(before.projection.reached.map(reachedKey));
  const fresh = after.projection.reached.filter((one) => !known.has(reachedKey(one)));
  return fresh.slice(0, 1).map((one) => {
    const when = one.month === 0 ? "is short already" : `runs out in month ${one.month}`;
    return `${measureText(one)} ${when}`;
  });
}

export function reachedKey(one: {
  readonly system: string;
  readonly region: string;
  readonly measure: string;
}): string {
  return JSON.stringify([one.system, one.region, one.measure]);
}
