import { PRICED_TYPES, costOf } from "@groundwork/lib/pricing/price";
import { ownPrices } from "@groundwork/lib/pricing/table";
import type { CostReport } from "@groundwork/lib/cost-report";
import { type Report, stackPolicy } from "../framework/policy.ts";
import { type Setting, number } from "../framework/settings.ts";
import type { Stack } from "../framework/stack.ts";
import { COMPANIONS, wantedOf } from "./wanted.ts";

/** The key that holds for all systems together. */
const TOTAL = "total";

const budgets: Setting<Readonly<Record<string, number>>> = {
  default: {},
  schema: {
    type: "object",
    additionalProperties: { type: "number", exclusiveMinimum: 0 },
    default: {},
    description: `US$ a month by system, as resources are tagged, and ${TOTAL} for all together; none is looked at by default.`,
  },
};

const settings = {
  budgets,
  warnAt: number(0.8, "Share of a budget above which it is told.", 0, 1),
};

export const monthlyCostWithinBudget = stackPolicy({
  name: "monthly-cost-within-budget",
  family: "cost",
  severity: "medium",
  level: "mandatory",
  description: "What the resources cost a month stays within the budget of each system and of the whole environment.",
  why: "A bill comes a month after the change that made it; here it is told before anything exists.",
  fix: "Take less or smaller resources, or raise the budget; `groundwork cost` has the line items.",
  control: {
    name: "AWS Well-Architected COST02-BP05 (cost controls)",
    url: "https://docs.aws.amazon.com/wellarchitected/latest/framework/cost_govern_usage_controls.html",
  },
  settings,
  types: [
    ...new Set([
      ...PRICED_TYPES,
      ...COMPANIONS,
      /^cloudflare:/,
      "kubernetes:core/v1:PersistentVolumeClaim",
      /^kubernetes:apps\/v\w+:StatefulSet$/,
      "kubernetes:helm.sh/v3:Release",
      "kubernetes:psmdb.percona.com/v1:PerconaServerMongoDB",
      "kubernetes:rabbitmq.com/v1beta1:RabbitmqCluster",
    ]),
  ],
  checkStack(stack, values, report) {
    const limits = Object.entries(values.budgets);
    if (limits.length === 0) return;
    // amounts that no resource tells are the defaults of lib/pricing: a policy has no capacity.yaml
    const cost = costOf(wantedOf(stack), {}, ownPrices(), "");
    for (const [name, limit] of limits) tell(name, limit, values.warnAt, cost, stack, report);
  },
});

function tell(name: string, limit: number, warnAt: number, cost: CostReport, stack: Stack, report: Report): void {
  const whose = name === TOTAL ? "The environment" : `System ${name}`;
  const items = cost.items.filter(({ system }) => name === TOTAL || system === name);
  const dollars = items.reduce((sum, { cents }) => sum + cents, 0) / 100;
  const key = `monthly-cost-within-budget.budgets.${name}`;
  const sum = `${whose} costs about US$ ${dollars.toFixed(2)} a month`;
  if (dollars > limit) report.violation(`${sum}, above the US$ ${limit} of ${key}; take less or raise that budget.`);
  else if (dollars > limit * warnAt)
    report.advice(
      `${sum}, above ${Math.round(warnAt * 100)} % of the US$ ${limit} of ${key}; look at it before it is reached.`,
    );
  else undecided(cost, sum, stack, report);
}

/** What cannot be priced yet may be what goes beyond the budget. */
function undecided(cost: CostReport, sum: string, stack: Stack, report: Report): void {
  const open = cost.notPriced.filter(({ why }) => why.includes("not known before the update"));
  const [first] = open;
  const urn = stack.resources.find(({ type, unknown }) => type === first?.type && unknown.length > 0);
  if (first !== undefined && urn !== undefined)
    report.undecided(urn.unknown[0]?.join(".") ?? "", `${sum.charAt(0).toLowerCase()}${sum.slice(1)} or more`, urn.urn);
}
