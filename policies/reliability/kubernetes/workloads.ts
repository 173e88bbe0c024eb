import { AUTOSCALER, clustersOf, kindOf, NAMESPACE, namespaceOf, podLabelsPath } from "../../framework/kubernetes.ts";
import type { Cluster } from "../../framework/kubernetes.ts";
import { at, numberAt, plainAt, textAt, unknownAt } from "../../framework/known.ts";
import type { Plain } from "../../framework/known.ts";
import { podOf } from "../../framework/pod-specs.ts";
import type { Pod } from "../../framework/pod-specs.ts";
import type { Resource } from "../../framework/policy.ts";
import type { Stack } from "../../framework/stack.ts";

/** What is meant to be there all the time in several copies. */
export const LASTING =
  /^kubernetes:(?:apps\/v\w+:(?:Deployment|StatefulSet|ReplicaSet)|argoproj\.io\/v1alpha1:Rollout)$/;
const SCALED_OBJECT = "kubernetes:keda.sh/v1alpha1:ScaledObject";

/** What a policy over lasting workloads looks at beside its own types. */
export const WORKLOAD_TYPES: readonly (string | RegExp)[] = [LASTING, AUTOSCALER, SCALED_OBJECT, NAMESPACE];

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
  return clustersOf(stack).map((cluster) => {
    const scalers = scalersOf(stack, cluster);
    const workloads = cluster.resources.flatMap((resource) => {
      const pod = LASTING.test(resource.type) ? podOf(resource) : undefined;
      return pod ? [toLasting(stack, cluster, resource, pod, scalers)] : [];
    });
    return { cluster, workloads };
  });
}

type Scalers = ReadonlyMap<string, Resource>;

function scalersOf(stack: Stack, cluster: Cluster): Scalers {
  const scalers = new Map<string, Resource>();
  for (const resource of cluster.resources) {
    if (!AUTOSCALER.test(resource.type) && resource.type !== SCALED_OBJECT) continue;
    const target = plainAt(resource.inputs, "spec.scaleTargetRef");
    const kind = textAt(target, "kind") ?? "Deployment";
    const name = textAt(target, "name");
    if (name !== undefined) scalers.set(`${namespaceOf(stack, resource, cluster.resources)}/${kind}/${name}`, resource);
    // while the name is not known, what the reference comes from is
    else for (const urn of targets(stack, cluster, resource, kind)) scalers.set(urn, resource);
  }
  return scalers;
}

function targets(stack: Stack, cluster: Cluster, scaler: Resource, kind: string): readonly string[] {
  const types = new Set(
    cluster.resources.filter(({ type }) => LASTING.test(type) && kindOf(type) === kind).map(({ type }) => type),
  );
  return [...types].flatMap((type) => stack.nearest(scaler.urn, type, "spec"));
}

function toLasting(stack: Stack, cluster: Cluster, resource: Resource, pod: Pod, scalers: Scalers): Lasting {
  const namespace = namespaceOf(stack, resource, cluster.resources);
  const name = textAt(resource.inputs, "metadata.name") ?? resource.name;
  const scaler = scalers.get(`${namespace}/${kindOf(resource.type)}/${name}`) ?? scalers.get(resource.urn);
  const [decides, path, otherwise] =
    scaler === undefined
      ? ([resource, "spec.replicas", 1] as const)
      : scaler.type === SCALED_OBJECT
        ? ([scaler, "spec.minReplicaCount", 0] as const)
        : ([scaler, "spec.minReplicas", 1] as const);
  const unknown = unknownAt(decides.unknown, path);
  return {
    resource,
    pod,
    namespace,
    labels: plainAt(resource.inputs, podLabelsPath(resource.type)),
    least: numberAt(decides.inputs, path) ?? otherwise,
    ...(scaler && { scaler }),
    ...(unknown !== undefined && { unknown: `${path} of ${decides.name}` }),
  };
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
