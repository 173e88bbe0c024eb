import type { RuntimeReplicas } from "@groundwork/lib/runtime-override";
import type { WorkloadSpec } from "../../components/workload/spec.ts";

/** Replicas of a workload, and why they are not its minimum. */
export interface Running {
  readonly replicas: number;
  readonly note?: string;
}

/** What an autoscaler decided counts for a workload that scales, and within the declared range only. */
export function runningReplicas(system: string, { name, replicas }: WorkloadSpec, overrides: RuntimeReplicas): Running {
  if (typeof replicas === "number") return { replicas };
  const wanted = overrides[`${system}/${name}`];
  if (wanted === undefined) return { replicas: replicas.min };
  const kept = Math.min(replicas.max, Math.max(replicas.min, wanted));
  const range = `the declared range is ${replicas.min} to ${replicas.max}`;
  const note =
    kept === wanted
      ? `${system}/${name} keeps the ${kept} replicas that groundwork autoscale decided; ${range}`
      : `${system}/${name} runs ${kept} replicas, not the ${wanted} that groundwork autoscale decided: ${range}`;
  return { replicas: kept, note };
}
