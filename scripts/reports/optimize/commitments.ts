import type { CostItem } from "@groundwork/lib/cost-report";
import { HOURS } from "@groundwork/lib/pricing/table";
import { type Area, type Proposal, type Rule, centsOf, share } from "./proposal.ts";
import { type Rate, RATES } from "./rates.ts";

interface Commitment {
  readonly rule: string;
  readonly area: Area;
  readonly rate: Rate;
  readonly covers: (item: CostItem) => boolean;
  readonly what: (perHour: string) => string;
  readonly change: (perHour: string) => string;
  readonly riskWhy: string;
}

const COMMITMENTS: readonly Commitment[] = [
  {
    rule: "reserved-compute",
    area: "compute",
    rate: RATES.compute,
    covers: ({ service, unit }) => service === "Amazon EC2" && unit === "hours",
    what: (perHour) => `Commit to US$ ${perHour} an hour of machines for three years, with a Compute Savings Plan.`,
    change: (perHour) =>
      `nothing in the program: buy a Compute Savings Plan of US$ ${perHour} an hour in the billing console`,
    riskWhy: "It is paid for three years, used or not; it follows the machines to other types and regions.",
  },
  {
    rule: "reserved-database",
    area: "database",
    rate: RATES.database,
    covers: ({ service, unit, description }) =>
      service === "Amazon RDS" && unit === "hours" && description.startsWith("db."),
    what: () => "Reserve the database instances for a year.",
    change: () => "nothing in the program: buy reserved DB instances of these classes, in these regions",
    riskWhy: "It is paid for a year; another size of the same family keeps the discount, another family loses it.",
  },
  {
    rule: "reserved-cache",
    area: "database",
    rate: RATES.cache,
    covers: ({ service }) => service === "Amazon ElastiCache",
    what: () => "Reserve the cache nodes for a year.",
    change: () => "nothing in the program: buy reserved cache nodes of these types, in these regions",
    riskWhy: "It is paid for a year; another size of the same family keeps the discount, another family loses it.",
  },
];

/** What always runs is cheaper where one promises to pay for it. */
export const commitments: Rule = ({ cost }) =>
  COMMITMENTS.flatMap((commitment): Proposal[] => {
    const before = centsOf(cost.items.filter(commitment.covers));
    const savingCents = share(before, commitment.rate.share);
    if (savingCents === 0) return [];
    const perHour = ((before - savingCents) / 100 / HOURS).toFixed(2);
    const { rule, area, rate, what, change, riskWhy } = commitment;
    return [
      {
        rule,
        area,
        what: what(perHour),
        savingCents,
        risk: "medium",
        riskWhy,
        change: change(perHour),
        source: rate.source,
      },
    ];
  });
