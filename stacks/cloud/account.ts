import * as pulumi from "@pulumi/pulumi";
import { boundedName } from "@groundwork/lib/names";
import { AlarmTopics } from "../../components/account/alarm-topics.ts";
import { AuditTrail } from "../../components/account/audit.ts";
import { Budgets } from "../../components/account/budgets.ts";
import type { BudgetOf } from "../../components/account/budgets.ts";
import { AccountGuards } from "../../components/account/guards.ts";
import { ThreatDetection } from "../../components/account/threats.ts";
import type { CloudConfig } from "../config/types.ts";
import { fromHome, SYSTEM_TAG } from "./data.ts";
import type { Place } from "./place.ts";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html */
const TRAIL_LIMIT = 128;
const ANALYZER_LIMIT = 200;

/** What watches the account and its costs. Returns the topics that alarms go to, by region. */
export function createAccount(
  config: CloudConfig,
  places: readonly Place[],
): Readonly<Record<string, pulumi.Output<string>>> {
  const { owner, emails, dataEvents, runtimeMonitoring, costTags } = config.account;
  const all = fromHome(config, places);
  const stack = `${pulumi.getProject()}-${pulumi.getStack()}`;
  if (owner) {
    new AuditTrail("audit", {
      home: all[0],
      accountId: config.awsAccountId,
      trailName: boundedName(`${stack}-audit`, TRAIL_LIMIT),
      dataEvents,
      protect: config.protect,
    });
    new ThreatDetection("threats", { places: all, runtimeMonitoring });
    new AccountGuards("guards", { places: all, analyzerName: boundedName(stack, ANALYZER_LIMIT) });
  }
  const budgets = budgetsOf(config);
  if (budgets.length > 0) new Budgets("budget", { budgets, emails, activateTags: costTags, provider: all[0].provider });
  return emails.length === 0
    ? {}
    : new AlarmTopics("alarms", { places: all, accountId: config.awsAccountId, emails }).arns;
}

/** Each system by what carries its name, and the stack as a whole by what it tags everything with. */
function budgetsOf({ systems }: CloudConfig): BudgetOf[] {
  const own = systems.flatMap(({ name, budget }) =>
    budget === undefined ? [] : [{ name, tag: { key: SYSTEM_TAG, value: name }, ...budget }],
  );
  if (own.length === 0) return [];
  const sum = (of: (budget: BudgetOf) => number) => own.reduce((total, budget) => total + of(budget), 0);
  const tag = { key: "groundwork:stack", value: pulumi.getStack() };
  return [...own, { name: "all", tag, start: sum(({ start }) => start), limit: sum(({ limit }) => limit) }];
}
