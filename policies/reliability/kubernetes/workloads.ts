import { clustersOf, NAMESPACE, podLabelsPath, SCALERS } from "../../framework/kubernetes.ts";
import type { Cluster, Workload } from "../../framework/kubernetes.ts";
import { at, plainAt, unknownAt } from "../../framework/known.ts";
import type { Plain } from "../../framework/known.ts";
import { podOf } from "../../framework/pod-specs.ts";
import type { Pod } from "../../framework/pod-specs.ts";
import type { Resource } from "../../framework/policy.ts";
import type { Stack } from "../../framework/stack.ts";

/** What is meant to be there all the time in several copies. */
export const LASTING =
  /^kubernetes:(?:apps\/v\w+:(?:Deployment|StatefulSet|ReplicaSet)|argoproj\.io\/v1alpha1:Rollout)$/;

/** What a policy over lasting workloads looks at beside its own types. */
export const WORKLOAD_TYPES: readonly (string | RegExp)[] = [LASTING, ...SCALERS, NAMESPACE];

export interface Lasting {
  readonly resource: Resource;
  readonly pod: Pod;
  readonly namespace: string;
  /** The labels of its pods. */
  readonly labels: Plain;
  /** The fewest pods; what scales it decides where there is one. */
  readonly least: number;
  readonly scaler?: Resource;
  /** The input that decides on the fewest pods, while it is not known. */
  readonly unknown?: string;
}

/** The lasting workloads of each cluster, beside everything else of the cluster that the policy looks at. */
export function lastingIn(stack: Stack): { cluster: Cluster; workloads: Lasting[] }[] {
  return clustersOf(stack).map((cluster) => ({ cluster, workloads: cluster.workloads.flatMap(toLasting) }));
}

function toLasting({ resource, namespace, labels, min = 0, autoscaler }: Workload): Lasting[] {
  const pod = LASTING.test(resource.type) ? podOf(resource) : undefined;
  if (!pod) return [];
  const scaler = autoscaler?.resource;
  const path = autoscaler ? `spec.${autoscaler.bounds.min}` : "spec.replicas";
  const decides = scaler ?? resource;
  const isOpen = unknownAt(decides.unknown, path) !== undefined;
  return [
    {
      ...{ resource, pod, namespace, labels, least: min },
      ...(scaler && { scaler }),
      ...(isOpen && { unknown: `${path} of ${decides.name}` }),
    },
  ];
}

/**
 * Whether a label selector takes pods with these labels; `undefined` while that is not known. Expressions count as taking
 * them: they are rare, and a policy that asks for a companion is to find it.
 */
export function selects(
  selector: { readonly inputs: Plain; readonly path: string; readonly unknown: Resource["unknown"] },
  { labels, resource }: Pick<Lasting, "labels" | "resource">,
): boolean | undefined {
  const wanted = Object.entries(plainAt(selector.inputs, selector.path));
  const differs = wanted.some(([key, value]) => labels[key] !== undefined && labels[key] !== value);
  if (differs) return false;
  const isOpen = unknownAt(selector.unknown, selector.path) !== undefined;
  const missing = wanted.filter(([key]) => labels[key] === undefined);
  const labelsOpen = unknownAt(resource.unknown, podLabelsPath(resource.type)) !== undefined;
  if (missing.length > 0) return labelsOpen ? undefined : false;
  return isOpen ? undefined : true;
}

/** Whether a pod's spec holds storage of its own, so that two versions of it cannot run side by side. */
export function holdsClaim({ fields }: Pod): boolean {
  const volumes = at(fields, "volumes");
  return Array.isArray(volumes) && volumes.some((volume) => at(volume, "persistentVolumeClaim") !== undefined);
}
