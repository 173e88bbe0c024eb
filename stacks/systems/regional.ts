import type { PlannedWorkload } from "../../components/workload/rollout.ts";
import type { QueueScaling } from "../../components/workload/queue-scaling.ts";
import type { WorkloadSpec } from "../../components/workload/spec.ts";
import { leastReplicas } from "./scale.ts";
import type { QueueRange, RegionRole, System } from "./system.ts";

/**
 * The system's workloads as they run in regions of one role. A stack that asks for another number of replicas than the
 * system's own gets it in the primary region, and in the others the same share of it as the system's table says.
 */
export function workloadsIn(role: RegionRole, system: System, original: System): PlannedWorkload[] {
  return specsIn(role, system, original).map((spec) => {
    const release = system.cloud?.releases?.[spec.name];
    const queue = system.cloud?.queues?.[spec.name];
    return { spec, ...(release && { release }), ...(queue && { queue: ranged(queue, leastReplicas(spec)) }) };
  });
}

/** The least is the workload's own number, in this region and as the stack has changed it. */
function ranged(queue: QueueRange, min: number): QueueScaling {
  return { ...queue, min, max: Math.max(min, queue.max) };
}

function specsIn(role: RegionRole, system: System, original: System): WorkloadSpec[] {
  return system.workloads.map((workload) => {
    const own = original.workloads.find(({ name }) => name === workload.name);
    const listed = system.cloud?.minReplicas[role][workload.name];
    if (own === undefined || listed === undefined) return workload;
    const wanted = leastReplicas(workload);
    const usual = leastReplicas(own);
    return withReplicas(workload, wanted === usual ? listed : Math.ceil((wanted * listed) / usual));
  });
}

function withReplicas(workload: WorkloadSpec, count: number): WorkloadSpec {
  const { replicas } = workload;
  return {
    ...workload,
    replicas: typeof replicas === "number" ? count : { ...replicas, min: count, max: Math.max(count, replicas.max) },
  };
}
