import type { QueueScaling } from "./queue-scaling.ts";
import type { Release } from "./release.ts";
import type { WorkloadSpec } from "./spec.ts";

/** A workload with the ways in which Kubernetes scales and exchanges it. */
export interface PlannedWorkload {
  readonly spec: WorkloadSpec;
  /** Default: a rolling update. */
  readonly release?: Release;
  /** Default: scales as the spec says. */
  readonly queue?: QueueScaling;
}

/** Pods that a rolling update may run above the wanted number, in percent; none is taken away before its successor serves. */
export const SURGE_PERCENT = 25;

/** How many pods there can be at once: all replicas and, while versions are exchanged, those of the new one beside them. */
export function mostPods({ spec, release, queue }: PlannedWorkload): number {
  const scaled = typeof spec.replicas === "number" ? spec.replicas : spec.replicas.max;
  const most = queue?.max ?? scaled;
  if (release?.kind === "blueGreen") return 2 * most;
  if (exchangesInPlace(spec)) return most;
  // rounded up, as Kubernetes does
  return most + Math.ceil((most * SURGE_PERCENT) / 100);
}

/** Whether the old replica must go before the new one can start, as where there is one GPU for both. */
export function exchangesInPlace({ rollout }: Pick<WorkloadSpec, "rollout">): boolean {
  return rollout?.update.order === "stop-first";
}
