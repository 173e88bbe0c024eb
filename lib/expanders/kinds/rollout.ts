import { podsOf } from "../../pods.ts";
import { NOTHING } from "../expansion.ts";
import type { KindExpander } from "../expansion.ts";
import { at, count, placement } from "../read.ts";

/**
 * A Rollout makes pods as a Deployment does, unless it takes over those of a Deployment. While it is released, blue-green
 * runs the new version beside the old one in full.
 * https://argo-rollouts.readthedocs.io/en/stable/features/specification/
 */
export const rollout: KindExpander = ({ namespace, name, spec }) => {
  const pods = podsOf("kubernetes:apps/v1:Deployment", { spec: { ...spec, replicas: count(spec.replicas, 1) } });
  if (spec.workloadRef !== undefined || pods === undefined) return NOTHING;
  const pod = at(spec, "template", "spec");
  const labels = at(spec, "template", "metadata", "labels") as Readonly<Record<string, string>>;
  return { workloads: [{ kind: "Deployment", namespace, name, pods, labels, ...placement(pod) }], claims: [] };
};
