import type { CapacityReport } from "@groundwork/lib/capacity-report";
import type { DesiredState } from "@groundwork/lib/desired-state";
import { capacityOf } from "@groundwork/lib/capacity/capacity";
import { extraNodesOf } from "@groundwork/lib/pricing/extra-nodes";
import type { ExtraNodes } from "@groundwork/lib/pricing/price";
import type { UsageAssumptions } from "@groundwork/lib/pricing/usage";
import { readAssumptions } from "../reports/assumptions/index.ts";
import { parseUsage } from "../reports/assumptions/usage.ts";
import { type StackFlags, plannedStack } from "./planned-stack.ts";
import type { Progress } from "./progress.ts";

/** All that pricing needs of one stack. */
export interface PricedStack {
  readonly state: DesiredState;
  readonly capacity: CapacityReport;
  readonly usage: UsageAssumptions;
  /** Nodes that the autoscalers of its clusters make at their minimum. */
  readonly extraNodes: readonly ExtraNodes[];
}

export async function priced(flags: StackFlags, progress: Progress): Promise<PricedStack> {
  const { state } = await plannedStack(flags, progress);
  const assumptions = readAssumptions(flags.project, state.stack);
  const usage = parseUsage(assumptions.usage, `${state.stack}.usage`);
  const capacity = capacityOf(state, assumptions);
  return { state, capacity, usage, extraNodes: extraNodesOf(capacity, state.resources) };
}
