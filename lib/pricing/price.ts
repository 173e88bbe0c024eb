import type { CostItem, CostReport, NotPriced } from "../cost-report.ts";
import type { DesiredResource } from "../desired-state.ts";
import { SHARED, placements, type Placement } from "../placement.ts";
import { isFree } from "./free.ts";
import { ResourceGraph } from "./graph.ts";
import { SPOT, unpriced, type Context, type Line, type Outcome, type Pricer } from "./line.ts";
import { cloudflare, zonePlan } from "./services/cloudflare.ts";
import { compute } from "./services/compute.ts";
import { data } from "./services/data.ts";
import { kubernetesLines } from "./services/kubernetes.ts";
import { network } from "./services/network.ts";
import { operations } from "./services/operations.ts";
import { storage } from "./services/storage.ts";
import { HOURS, type PriceBook } from "./table.ts";
import { assumedPlan, assumedUsage, assumptionText, type UsageAssumptions, type UsageKey } from "./usage.ts";

const PRICERS: Readonly<Record<string, Pricer>> = {
  ...compute,
  ...network,
  ...data,
  ...storage,
  ...operations,
  ...cloudflare,
};

/** Types that are priced by a rule of their own; objects of Kubernetes are looked at for their volumes beside them. */
export const PRICED_TYPES: readonly string[] = Object.keys(PRICERS);

/** Managed add-ons hide volumes as Helm releases do. */
const MANAGED_ADDON = "aws:eks/addon:Addon";

/** Nodes that an autoscaler adds to what the program says: a capacity report counts them. */
export interface ExtraNodes {
  readonly region: string;
  /** Node pool, such as `workloads`. */
  readonly name: string;
  readonly instanceType: string;
  readonly count: number;
  /** GiB of each one's gp3 disk. */
  readonly disk: number;
  /** Whether the pool takes Spot machines only. */
  readonly isSpot?: boolean;
}

/**
 * What an environment costs a month. Each item is rounded half up to a cent before it is added, so that every sum of items
 * is exact, whatever they are grouped by.
 */
export function costOf(
  resources: readonly DesiredResource[],
  usage: UsageAssumptions,
  prices: PriceBook,
  stack: string,
  extraNodes: readonly ExtraNodes[] = [],
): CostReport {
  const report = new Report(prices);
  const places = placements(resources);
  const graph = new ResourceGraph(resources);
  const plan = assumedPlan(usage);
  for (const resource of resources) {
    if (!resource.custom || resource.type.startsWith("pulumi:")) continue;
    const place = places.get(resource.urn) ?? { system: SHARED, region: "global" };
    const context: Context = {
      place,
      graph,
      stack,
      day: prices.table.date,
      plan,
      usage: (key) => amount(stack, usage, place.system, key),
    };
    for (const outcome of outcomesOf(resource, context)) report.add(resource.urn, resource.type, place, outcome);
  }
  for (const nodes of extraNodes) report.addNodes(nodes);
  return report.end(stack);
}

function amount(
  stack: string,
  usage: UsageAssumptions,
  system: string,
  key: UsageKey,
): { value: number; text: string } {
  const found = assumedUsage(usage, system, key);
  return { value: found.value, text: assumptionText(stack, key, found) };
}

function outcomesOf(resource: DesiredResource, context: Context): readonly Outcome[] {
  const { type } = resource;
  if (type.startsWith("kubernetes:") || type === MANAGED_ADDON) return kubernetesLines(resource, context);
  const plan = type.startsWith("cloudflare:") ? zonePlan(resource, context) : [];
  const pricer = Object.hasOwn(PRICERS, type) ? PRICERS[type] : undefined;
  if (pricer !== undefined) return [...plan, ...pricer(resource, context)];
  return isFree(type)
    ? plan
    : [...plan, { unpriced: "nobody has said what it costs: lib/pricing has no price of this type" }];
}

class Report {
  readonly #prices: PriceBook;
  readonly #items: CostItem[] = [];
  readonly #notPriced = new Map<string, { type: string; why: string; count: number }>();
  readonly #assumptions = new Set<string>();

  constructor(prices: PriceBook) {
    this.#prices = prices;
  }

  add(urn: string, type: string, place: Placement, outcome: Outcome): void {
    if ("unpriced" in outcome) this.#miss(type, outcome.unpriced);
    else if (outcome.quantity > 0) this.#line(urn, type, place, outcome);
  }

  /** Nodes of a pool belong to no resource that the engine sees. */
  addNodes({ region, name, instanceType, count, disk, isSpot = false }: ExtraNodes): void {
    if (count <= 0) return;
    const place = { system: SHARED, region };
    const assumed = `Node pools have the nodes that their pods need at the autoscalers' minimum: ${count} of ${instanceType} in ${region} (${name}).`;
    const type = `nodes of the pool ${name}`;
    this.add(
      "",
      type,
      place,
      isSpot ? unpriced(SPOT) : { price: `ec2/${instanceType}`, quantity: count * HOURS, assumed },
    );
    this.#line("", type, place, { price: "ebs/gp3", quantity: count * disk, assumed });
  }

  #line(urn: string, type: string, { system, region }: Placement, line: Line): void {
    const price = this.#prices.find(line.price, region);
    if (price === undefined) return this.#miss(type, `the table has no price of ${line.price} in ${region}`);
    const { service, what: description, unit, usd: unitPrice, source } = price;
    const cents = centsOf(line.quantity, unitPrice);
    const item = { urn, system, region, service, description, quantity: line.quantity, unit, unitPrice, cents, source };
    this.#items.push(line.assumed === undefined ? item : { ...item, assumed: line.assumed });
    if (line.assumed !== undefined) this.#assumptions.add(line.assumed);
  }

  #miss(type: string, why: string): void {
    const key = `${type} ${why}`;
    const known = this.#notPriced.get(key) ?? { type, why, count: 0 };
    known.count += 1;
    this.#notPriced.set(key, known);
  }

  end(stack: string): CostReport {
    const { date, source } = this.#prices.table;
    const notPriced: NotPriced[] = [...this.#notPriced.values()];
    return {
      stack,
      currency: "USD",
      prices: { date, source },
      totalCents: this.#items.reduce((sum, { cents }) => sum + cents, 0),
      items: this.#items.sort(byPlace),
      notPriced: notPriced.sort((a, b) => compare(a.type, b.type) || compare(a.why, b.why)),
      assumptions: [...this.#assumptions].sort(compare),
    };
  }
}

function byPlace(a: CostItem, b: CostItem): number {
  return (
    compare(a.system, b.system) ||
    compare(a.region, b.region) ||
    compare(a.service, b.service) ||
    compare(a.description, b.description) ||
    compare(a.urn, b.urn) ||
    a.quantity - b.quantity
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Rounded half up. A millionth of a cent is below every price and above what binary fractions leave over. */
export function centsOf(quantity: number, usd: number): number {
  return Math.floor(Number((quantity * usd * 100).toFixed(6)) + 0.5);
}
