import type { CapacityReport } from "../capacity-report.ts";
import type { DesiredState } from "../desired-state.ts";
import type { QuotaReport } from "../rehearsal-report.ts";
import type { Assumptions } from "./assumptions.ts";
import { Growth } from "./growth.ts";
import { limitsOf } from "./limits.ts";
import { clustersOf, hostCapacity, nodeCapacity } from "./nodes.ts";
import { notesOf } from "./notes.ts";
import { partsOf } from "./parts.ts";
import { placesOf } from "./places.ts";
import { MONTHS, projectionOf } from "./projection.ts";
import { throughputOf } from "./throughput.ts";
import { viewOf } from "./view.ts";

export interface CapacityOptions {
  /** How far the projection looks ahead. Default: {@link MONTHS}. */
  readonly months?: number;
  /** Use and limits of AWS's quotas, where somebody knows them. Default: none is projected. */
  readonly quotas?: readonly QuotaReport[];
}

/** What a stack has room for, what it can carry, and when that is no longer enough. */
export function capacityOf(
  state: DesiredState,
  assumptions: Assumptions,
  { months = MONTHS, quotas = [] }: CapacityOptions = {},
): CapacityReport {
  const view = viewOf(state, assumptions);
  const parts = partsOf(view);
  const places = placesOf(view);
  const { clusters, notes } = clustersOf(view);
  const packed = nodeCapacity(clusters);
  const limits = limitsOf(view, parts, clusters, new Growth(view, parts), quotas);
  return {
    stack: state.stack,
    places,
    nodes: [...packed.nodes, ...hostCapacity(view)],
    throughput: throughputOf(parts, assumptions),
    projection: projectionOf(limits, months),
    notes: [...view.notes, ...notes, ...packed.notes, ...notesOf(view, parts, places)],
  };
}
