import type { Policy } from "../framework/policy.ts";
import { logsExpire } from "./logs-expire.ts";
import { monthlyCostWithinBudget } from "./monthly-cost-within-budget.ts";
import { nothingUnattached } from "./nothing-unattached.ts";
import { provisionedOperationsNeeded } from "./provisioned-operations-needed.ts";
import { typeIsOfPresentGeneration } from "./type-is-of-present-generation.ts";

/** What is paid for: within a budget, in use, of today's families, and not for ever. */
export const cost: readonly Policy[] = [
  monthlyCostWithinBudget,
  nothingUnattached,
  typeIsOfPresentGeneration,
  provisionedOperationsNeeded,
  logsExpire,
];
