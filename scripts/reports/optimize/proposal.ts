import type { CapacityReport } from "@groundwork/lib/capacity-report";
import type { CostItem, CostReport } from "@groundwork/lib/cost-report";
import type { DesiredResource } from "@groundwork/lib/desired-state";
import type { PriceBook } from "@groundwork/lib/pricing/table";

export type Area = "compute" | "database" | "storage" | "network" | "monitoring";
export type RiskLevel = "low" | "medium" | "high";

/** One way to pay less. */
export interface Proposal {
  /** Name of the rule that found it. */
  readonly rule: string;
  readonly area: Area;
  /** What to do, in one sentence. */
  readonly what: string;
  /** US cents a month, by itself: where two proposals are about the same thing, they save less together. */
  readonly savingCents: number;
  readonly risk: RiskLevel;
  /** Why the risk is what it is. */
  readonly riskWhy: string;
  /** The line to write: a key of the stack's configuration where the program is ours, else a resource's property. */
  readonly change: string;
  readonly source: string;
}

/** What the rules look at. */
export interface Subject {
  readonly resources: readonly DesiredResource[];
  readonly cost: CostReport;
  readonly capacity: CapacityReport;
  readonly prices: PriceBook;
}

export type Rule = (subject: Subject) => readonly Proposal[];

/** The configuration's line where the program is Groundwork's own, else what to change of the resource. */
export function changeOf({ resources }: Subject, ours: string, otherwise: string): string {
  return resources.some(({ type }) => type.startsWith("groundwork:")) ? ours : otherwise;
}

export function centsOf(items: readonly CostItem[]): number {
  return items.reduce((sum, { cents }) => sum + cents, 0);
}

/** A share of an amount, in whole cents. */
export function share(cents: number, rate: number): number {
  return Math.round(cents * rate);
}

export function regionsOf(items: readonly CostItem[]): readonly string[] {
  return [...new Set(items.map(({ region }) => region))].sort();
}
