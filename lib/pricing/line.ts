import type { DesiredResource, Plain } from "../desired-state.ts";
import type { Placement } from "../placement.ts";
import type { ResourceGraph } from "./graph.ts";
import type { Assumed, UsageKey } from "./usage.ts";
import type { CloudflarePlan } from "../cloudflare-plans.ts";

/** One thing that is paid for: a price of the table, and how much of it. */
export interface Line {
  /** Id in the price table. */
  readonly price: string;
  readonly quantity: number;
  /** What gives the quantity where the resource does not: a sentence. */
  readonly assumed?: string;
}

/** Why a resource has no price, or a part of it. */
export interface Unpriced {
  readonly unpriced: string;
}

export type Outcome = Line | Unpriced;

/** Why Spot machines have no price. */
export const SPOT = "Spot prices change by the hour";

/** What a service's pricing may ask about the environment. */
export interface Context {
  readonly stack: string;
  /** Day of the prices, `2026-11-21`: what a thing costs from a day on is told as of it. */
  readonly day: string;
  readonly place: Placement;
  readonly graph: ResourceGraph;
  readonly plan: Assumed<CloudflarePlan>;
  /** An amount that no resource tells, for the resource's own system. */
  usage(key: UsageKey): { readonly value: number; readonly text: string };
}

/** Turns a resource into what is paid for; nothing where it costs nothing as it is written. */
export type Pricer = (resource: DesiredResource, context: Context) => readonly Outcome[];

export function line(price: string, quantity: number): Line {
  return { price, quantity };
}

/** A line whose quantity is an assumption, times what the resource itself tells. */
export function assumed(context: Context, price: string, key: UsageKey, times = 1): Line {
  const { value, text } = context.usage(key);
  return { price, quantity: value * times, assumed: text };
}

export function unpriced(why: string): Unpriced {
  return { unpriced: why };
}

/** The value at a dotted path; list indices are numbers between dots. */
export function at(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>(
      (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Plain)[key] : undefined),
      value,
    );
}

export function text(value: unknown, path: string): string | undefined {
  const found = at(value, path);
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** A number, also where it is written as text. */
export function number(value: unknown, path: string): number | undefined {
  const found = at(value, path);
  const amount = typeof found === "string" && found.trim() !== "" ? Number(found) : found;
  return typeof amount === "number" && Number.isFinite(amount) ? amount : undefined;
}

export function list(value: unknown, path: string): readonly unknown[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}

/** A flag, also where it is written as text. */
export function flag(value: unknown, path: string): boolean {
  const found = at(value, path);
  return found === true || found === "true";
}
