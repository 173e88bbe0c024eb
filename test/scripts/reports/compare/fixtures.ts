import type { CapacityReport, PlaceCapacity } from "@groundwork/lib/capacity-report";
import type { CostItem, CostReport } from "@groundwork/lib/cost-report";
import type { DesiredResource, Plain } from "@groundwork/lib/desired-state";
import type { PlannedChange } from "@groundwork/lib/planned-change";
import type { Compared } from "../../../../scripts/reports/compare/index.ts";

export function urnOf(type: string, name: string): string {
  return `urn:pulumi:prod::shop::${type}::${name}`;
}

export function resource(type: string, name: string, inputs: Plain = {}, more: Partial<DesiredResource> = {}) {
  return {
    urn: urnOf(type, name),
    type,
    name,
    custom: true,
    inputs,
    outputs: {},
    unknown: [],
    dependencies: [],
    protect: false,
    retainOnDelete: false,
    ...more,
  } satisfies DesiredResource;
}

/** A change of a resource as the engine would plan it, with every path called changed that is given. */
export function planned(
  type: string,
  name: string,
  change: PlannedChange["change"],
  more: Partial<PlannedChange> = {},
): PlannedChange {
  return {
    urn: urnOf(type, name),
    type,
    change,
    paths: [],
    replacing: [],
    mayReplace: [],
    protect: { before: false, after: false },
    retainOnDelete: { before: false, after: false },
    ...more,
  };
}

export function place(system: string, region: string, replicas: number): PlaceCapacity {
  const range = { min: replicas, max: replicas };
  return {
    system,
    region,
    replicas: range,
    vcpu: range,
    memory: range,
    gpus: { min: 0, max: 0 },
    managed: { vcpu: 0, memory: 0 },
    storage: 0,
    iops: 0,
    connections: { wanted: 0, limit: 0 },
    workloads: [],
  };
}

export function capacity(places: readonly PlaceCapacity[] = []): CapacityReport {
  const projection = { months: 6, series: [], reached: [] };
  return { stack: "prod", places, nodes: [], throughput: [], projection, notes: [] };
}

export function item(name: string, cents: number, more: Partial<CostItem> = {}): CostItem {
  return {
    urn: urnOf("aws:rds/cluster:Cluster", name),
    system: "shop",
    region: "us-west-2",
    service: "Amazon RDS",
    description: "db.r8g.large",
    quantity: 730,
    unit: "hours",
    unitPrice: cents / 73_000,
    cents,
    source: "https://aws.amazon.com/rds/aurora/pricing/",
    ...more,
  };
}

export function cost(items: readonly CostItem[] = []): CostReport {
  const totalCents = items.reduce((sum, { cents }) => sum + cents, 0);
  const prices = { date: "2026-11-21", source: "https://pricing.us-east-1.amazonaws.com" };
  return { stack: "prod", currency: "USD", prices, totalCents, items, notPriced: [], assumptions: [] };
}

export function side(more: Partial<Compared> & { readonly resources?: readonly DesiredResource[] } = {}): Compared {
  const { resources = [], ...rest } = more;
  return {
    state: { stack: "prod", target: "cloud", resources },
    capacity: capacity(),
    cost: cost(),
    quotas: [],
    violations: [],
    pack: "groundwork@0.1.0",
    ...rest,
  };
}
