import type { CapacityReport } from "@groundwork/lib/capacity-report";
import type { DesiredState } from "@groundwork/lib/desired-state";
import { BadInput } from "@groundwork/lib/errors";
import { capacityOf } from "@groundwork/lib/capacity/capacity";
import { extraNodesOf } from "@groundwork/lib/pricing/extra-nodes";
import type { ExtraNodes } from "@groundwork/lib/pricing/price";
import type { UsageAssumptions } from "@groundwork/lib/pricing/usage";
import { desiredState } from "../rehearsal/desired/index.ts";
import { readAssumptions } from "../reports/assumptions/index.ts";
import { parseUsage } from "../reports/assumptions/usage.ts";
import { readExportedState } from "../reports/cost/exported.ts";
import type { Progress } from "./progress.ts";

/** Which stack a report is about. */
export interface StackFlags {
  readonly stack?: string;
  readonly project: string;
  readonly state?: string;
}

/** All that pricing needs of one stack. */
export interface PricedStack {
  readonly state: DesiredState;
  readonly capacity: CapacityReport;
  readonly usage: UsageAssumptions;
  /** Nodes that the autoscalers of its clusters make at their minimum. */
  readonly extraNodes: readonly ExtraNodes[];
}

export async function priced(flags: StackFlags, progress: Progress): Promise<PricedStack> {
  const state = await stateOf(flags, progress);
  const assumptions = readAssumptions(flags.project, state.stack);
  const usage = parseUsage(assumptions.usage, `${state.stack}.usage`);
  const capacity = capacityOf(state, assumptions);
  return { state, capacity, usage, extraNodes: extraNodesOf(capacity, state.resources) };
}

async function stateOf({ stack, project, state }: StackFlags, progress: Progress): Promise<DesiredState> {
  if (state !== undefined) {
    if (stack !== undefined)
      throw new BadInput(`--stack ${stack} and --state ${state} name two stacks; leave one of them out`);
    return readExportedState(state);
  }
  if (stack === undefined)
    throw new BadInput("no stack is named; write --stack <name>, or --state <file> of `pulumi stack export`");
  // before the engine works for half a minute
  readAssumptions(project, stack);
  const desired = await desiredState({ project, stack, progress: (line) => progress.line(stack, line) });
  return desired.state;
}
