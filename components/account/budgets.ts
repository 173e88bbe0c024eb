import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { autoNamed } from "@groundwork/lib/names";

/** US$ a month of what carries a tag. */
export interface BudgetOf {
  /** Ends the budget's name. */
  readonly name: string;
  readonly tag: { readonly key: string; readonly value: string };
  /** What it costs at first: passing it is told once. */
  readonly start: number;
  /** What it may rise to: 80 and 100 % of it are told, spent or foreseen. */
  readonly limit: number;
}

export interface BudgetsArgs {
  readonly budgets: readonly BudgetOf[];
  /** Addresses that are told; none: budgets are seen in the billing console only. */
  readonly emails: readonly string[];
  /**
   * Whether the tags are switched on for the bill, without which a budget by tag stays at zero. AWS refuses it until a
   * tag has been seen there, up to a day after it was first used. Default false.
   * https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/activating-tags.html
   */
  readonly activateTags?: boolean;
  /** Budgets are one for all regions; anyone's will do. */
  readonly provider: aws.Provider;
}

/** https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html */
const NAME_LIMIT = 100;
const PERCENTS = [80, 100];

/** AWS Budgets: what each system and the whole may cost. The first two are free of charge, others US$ 0.60 a month each. */
export class Budgets extends ComponentResource {
  constructor(name: string, args: BudgetsArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:account:Budgets", name, {}, opts);
    const { budgets, emails, provider } = args;
    for (const budget of budgets) {
      check(budget);
      new aws.budgets.Budget(
        autoNamed(`${name}-${budget.name}`, NAME_LIMIT),
        {
          budgetType: "COST",
          timeUnit: "MONTHLY",
          limitAmount: String(budget.limit),
          limitUnit: "USD",
          costFilters: [{ name: "TagKeyValue", values: [`user:${budget.tag.key}$${budget.tag.value}`] }],
          ...(emails.length > 0 && { notifications: notifications(budget, emails) }),
        },
        { parent: this, provider },
      );
    }
    if (args.activateTags ?? false)
      for (const key of new Set(budgets.map(({ tag }) => tag.key)))
        new aws.costexplorer.CostAllocationTag(
          `${name}-${key.replaceAll(/[^a-z0-9]+/g, "-")}`,
          { tagKey: key, status: "Active" },
          { parent: this, provider },
        );
    this.registerOutputs({});
  }
}

function check({ name, start, limit }: BudgetOf): void {
  if (start <= 0 || limit < start)
    throw new BadInput(`the budget of ${name} starts at ${start} with a limit of ${limit}; write 0 < start <= limit.`);
}

function notifications({ start }: BudgetOf, emails: readonly string[]): aws.types.input.budgets.BudgetNotification[] {
  const told = { comparisonOperator: "GREATER_THAN", subscriberEmailAddresses: [...emails] };
  return [
    { ...told, notificationType: "ACTUAL", threshold: start, thresholdType: "ABSOLUTE_VALUE" },
    ...["ACTUAL", "FORECASTED"].flatMap((notificationType) =>
      PERCENTS.map((threshold) => ({ ...told, notificationType, threshold, thresholdType: "PERCENTAGE" })),
    ),
  ];
}
