import type { CostItem, CostReport } from "@groundwork/lib/cost-report";
import type { CostChange } from "@groundwork/lib/diff-report";
import { EAST, SYSTEMS, WEST, urnOf } from "./places.ts";

const HOURS = 730;

function item(
  system: string,
  region: string,
  service: string,
  description: string,
  count: number,
  unitPrice: number,
): CostItem {
  const quantity = count * HOURS;
  return {
    urn: urnOf("aws:x/y:Y", `${system}-${region}-${description}`),
    system,
    region,
    service,
    description,
    quantity,
    unit: "hours",
    unitPrice,
    cents: Math.round(quantity * unitPrice * 100),
    source: "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonRDS/current/us-west-2/index.csv",
  };
}

export function costOf(isAfter: boolean): CostReport {
  const items = [WEST, EAST].flatMap((region) => [
    item("shared", region, "Amazon EKS", "cluster, standard support", 1, 0.1),
    item("shared", region, "Amazon EC2", "m7g.2xlarge, Linux", isAfter && region === WEST ? 6 : 4, 0.3264),
    item("shared", region, "Amazon VPC", "NAT gateway", 3, 0.045),
    item("finai-nexus", region, "Amazon RDS", "db.r8g.large, Aurora PostgreSQL", 4, 0.276),
    item("finai-nexus", region, "Amazon ElastiCache", "cache.r7g.large, Valkey", 6, 0.1752),
    ...SYSTEMS.slice(1).flatMap((system) => [
      item(system, region, "Amazon RDS", "db.t4g.medium, Aurora PostgreSQL", 2, 0.073),
      item(system, region, "Amazon ElastiCache", "cache.t4g.small, Valkey", 2, 0.0256),
    ]),
  ]);
  const traffic: CostItem = {
    ...item("shared", WEST, "Data transfer", "out to the internet", 1, 0),
    urn: "",
    quantity: 2000,
    unit: "GB",
    unitPrice: 0.09,
    cents: 18_000,
    assumed: "traffic.egressGB",
  };
  const exports: CostItem = {
    ...item("sophia", EAST, "Amazon S3", "standard storage", 1, 0),
    quantity: 2_791.7,
    unit: "GB-months",
    unitPrice: 0.023,
    cents: 6_421,
  };
  const all = [...items, traffic, ...(isAfter ? [] : [exports])];
  return {
    stack: "prod",
    currency: "USD",
    prices: { date: "2026-11-20", source: "AWS public price list" },
    totalCents: all.reduce((sum, { cents }) => sum + cents, 0),
    items: all,
    notPriced: [
      { type: "aws:iam/role:Role", count: 84, why: "free" },
      { type: "cloudflare:index/zone:Zone", count: 1, why: "billed by the account's plan, which no input tells" },
    ],
    assumptions: ["2,000 GB a month leave to the internet (traffic.egressGB in capacity.yaml)"],
  };
}

export function changesBy(
  { before, after }: { readonly before: CostReport; readonly after: CostReport },
  of: (item: CostItem) => string,
): CostChange[] {
  const labels = [...new Set([...before.items, ...after.items].map(of))];
  const sum = (report: CostReport, label: string): number =>
    report.items.filter((one) => of(one) === label).reduce((total, { cents }) => total + cents, 0);
  return labels
    .map((label) => ({ label, beforeCents: sum(before, label), afterCents: sum(after, label) }))
    .sort((a, b) => Math.abs(b.afterCents - b.beforeCents) - Math.abs(a.afterCents - a.beforeCents));
}
