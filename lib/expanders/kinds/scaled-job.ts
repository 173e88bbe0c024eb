import { podsOf } from "../../pods.ts";
import { NOTHING } from "../expansion.ts";
import type { KindExpander } from "../expansion.ts";
import { at, count, placement } from "../read.ts";

/** KEDA's own default. https://keda.sh/docs/latest/reference/scaledjob-spec/ */
const MAX_REPLICAS = 100;

/** At its most, a ScaledJob runs as many jobs at once as it may. */
export const scaledJob: KindExpander = ({ namespace, name, spec }) => {
  const job = at(spec, "jobTargetRef");
  const pods = podsOf("kubernetes:batch/v1:Job", { spec: job });
  if (pods === undefined) return NOTHING;
  const replicas = (pods.replicas ?? 1) * count(spec.maxReplicaCount, MAX_REPLICAS);
  return {
    workloads: [
      { kind: "Job", namespace, name, pods: { ...pods, replicas }, ...placement(at(job, "template", "spec")) },
    ],
    claims: [],
  };
};
