import type { DesiredState } from "@groundwork/lib/desired-state";
import { BadInput } from "@groundwork/lib/errors";
import type { QuotaReport } from "@groundwork/lib/rehearsal-report";
import { desiredState } from "../rehearsal/desired/index.ts";
import { readAssumptions } from "../reports/assumptions/index.ts";
import { readExportedState } from "../reports/cost/exported.ts";
import type { Progress } from "./progress.ts";

/** Which stack a report is about. */
export interface StackFlags {
  readonly stack?: string;
  readonly project: string;
  readonly state?: string;
}

export interface PlannedStack {
  readonly state: DesiredState;
  /** Of the accounts that it is planned for; none of a real stack. */
  readonly quotas: readonly QuotaReport[];
}

/** What a stack of the project would be, or what a real one is. */
export async function plannedStack({ stack, project, state }: StackFlags, progress: Progress): Promise<PlannedStack> {
  if (state !== undefined) {
    if (stack !== undefined)
      throw new BadInput(`--stack ${stack} and --state ${state} name two stacks: leave one of them out`);
    return { state: readExportedState(state), quotas: [] };
  }
  if (stack === undefined)
    throw new BadInput("no stack is named: write --stack <name>, or --state <file> of `pulumi stack export`");
  // before the engine works for half a minute
  readAssumptions(project, stack);
  return desiredState({ project, stack, progress: (line) => progress.line(stack, line) });
}
