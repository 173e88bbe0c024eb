import { setTimeout as sleep } from "node:timers/promises";
import type { ScalingReport } from "@groundwork/lib/drill-report";
import type { ControlPlanes } from "../rehearsal/control-planes/index.ts";
import type { StateResource } from "../rehearsal/deployment.ts";
import { type Workload, workloadsOf } from "./replicas.ts";

const POLL_MS = 1_000;
/** An autoscaler doubles at most every 15 s by its default policy, and new pods have to become ready. */
const PATIENCE_MS = 120_000;
/** Of what a pod requests: over every target that is usual. */
const BUSY = 1.5;

/** Lets the workloads of a region have the load of both, and watches their autoscalers. */
export async function raiseLoad(
  planes: ControlPlanes,
  resources: readonly StateResource[],
  lost: string,
  remaining: string,
): Promise<readonly ScalingReport[]> {
  const all = workloadsOf(resources);
  const own = all.filter(({ region, least, most }) => region === remaining && most > least);
  const wanted = new Map(
    own.map((workload) => [workload, Math.min(workload.most, workload.least + leastIn(all, lost, workload))]),
  );
  const [region] = planes.inRegion(remaining);
  if (region === undefined) return [];
  const before = await replicasNow(planes, remaining);
  const began = performance.now();
  for (const { namespace, name } of own) region.loads.set(`${namespace}/${name}`, { share: BUSY });
  const reached = new Map<Workload, { replicas: number; seconds: number }>();
  try {
    while (performance.now() - began < PATIENCE_MS) {
      const now = await replicasNow(planes, remaining);
      for (const workload of own) {
        const replicas = now.get(keyOf(workload)) ?? 0;
        const isThere = (reached.get(workload)?.replicas ?? 0) >= (wanted.get(workload) ?? 0);
        if (!isThere) reached.set(workload, { replicas, seconds: Math.round((performance.now() - began) / 100) / 10 });
      }
      if (own.every((workload) => (reached.get(workload)?.replicas ?? 0) >= (wanted.get(workload) ?? 0))) break;
      await sleep(POLL_MS);
    }
    const { pendingPods } = await planes.report();
    return own.map((workload) => ({
      workload: keyOf(workload),
      region: remaining,
      from: before.get(keyOf(workload)) ?? workload.least,
      to: reached.get(workload)?.replicas ?? 0,
      wanted: wanted.get(workload) ?? 0,
      seconds: reached.get(workload)?.seconds ?? 0,
      pending: pendingPods
        .filter(
          (pod) =>
            pod.region === remaining && pod.namespace === workload.namespace && pod.pod.startsWith(workload.name),
        )
        .map(({ pod, reason }) => `${pod}: ${reason}`),
    }));
  } finally {
    for (const { namespace, name } of own) region.loads.delete(`${namespace}/${name}`);
  }
}

function leastIn(all: readonly Workload[], region: string, { namespace, name }: Workload): number {
  return (
    all.find((other) => other.region === region && other.namespace === namespace && other.name === name)?.least ?? 0
  );
}

async function replicasNow(planes: ControlPlanes, region: string): Promise<ReadonlyMap<string, number>> {
  const { autoscalers } = await planes.report();
  return new Map(
    autoscalers
      .filter((one) => one.region === region)
      .map(({ namespace, workload, replicas }) => [`${namespace}/${workload}`, replicas]),
  );
}

function keyOf({ namespace, name }: Workload): string {
  return `${namespace}/${name}`;
}
