import type { CapacityReport } from "@groundwork/lib/capacity-report";
import type { CostReport } from "@groundwork/lib/cost-report";
import type { DesiredState } from "@groundwork/lib/desired-state";
import type { DiffReport } from "@groundwork/lib/diff-report";
import type { PlannedChange } from "@groundwork/lib/planned-change";
import type { QuotaReport, ViolationReport } from "@groundwork/lib/rehearsal-report";
import { capacityDiff, costDiff, policyDiff, quotaDiff } from "./figures.ts";
import { resourceDiff } from "./resources.ts";

/** All that is known of one side of a comparison; of a stack that is not there, the reports of nothing. */
export interface Compared {
  readonly state: DesiredState;
  readonly capacity: CapacityReport;
  readonly cost: CostReport;
  readonly quotas: readonly QuotaReport[];
  readonly violations: readonly ViolationReport[];
  readonly pack: string | null;
}

export interface Comparison extends Pick<DiffReport, "project" | "stack" | "base" | "head" | "notes" | "seconds"> {
  readonly before: Compared;
  readonly after: Compared;
  /** From `before` to `after`, as the engine plans it. */
  readonly changes: readonly PlannedChange[];
}

/** What one version of a stack makes of another, as people look at it. */
export function compare(comparison: Comparison): DiffReport {
  const { project, stack, base, head, before, after, notes, seconds } = comparison;
  const resources = resourceDiff(before.state.resources, after.state.resources, comparison.changes);
  const capacity = capacityDiff(before.capacity, after.capacity);
  const cost = costDiff(before.cost, after.cost);
  const policy = policyDiff(after.pack ?? before.pack, before.violations, after.violations);
  const quotas = quotaDiff(before.quotas, after.quotas);
  const changed =
    resources.changes.length + capacity.places.length + capacity.throughput.length > 0 ||
    cost.items.length + policy.added.length + policy.fixed.length > 0 ||
    JSON.stringify(before.quotas) !== JSON.stringify(after.quotas);
  return {
    schema: 1,
    project,
    stack,
    target: after.state.target ?? before.state.target,
    base,
    head,
    changed,
    resources,
    capacity,
    cost,
    policy,
    quotas,
    notes,
    seconds,
  };
}
