import {
  AUTOSCALER,
  DISRUPTION_BUDGET,
  EKS_CLUSTER,
  LIMIT_RANGE,
  NAMESPACE,
  RESOURCE_QUOTA,
  WORKLOAD,
  kindOf,
  podLabelsPath,
  podSpecPath,
} from "@groundwork/lib/capacity/kinds";
import { podsOf } from "@groundwork/lib/pods";
import type { Pods } from "@groundwork/lib/pods";
import { numberAt, plainAt, textAt, unknownAt } from "./known.ts";
import type { Plain } from "./known.ts";
import type { Resource } from "./policy.ts";
import type { Stack } from "./stack.ts";

export {
  AUTOSCALER,
  DISRUPTION_BUDGET,
  EKS_CLUSTER,
  LIMIT_RANGE,
  NAMESPACE,
  RESOURCE_QUOTA,
  WORKLOAD,
  kindOf,
  podLabelsPath,
  podSpecPath,
};

/** How many pods of a workload there are; `undefined`: one for each node. */
interface Range {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

export interface Workload extends Range {
  readonly resource: Resource;
  readonly kind: string;
  readonly namespace: string;
  readonly pods: Pods;
  readonly labels: Plain;
  readonly autoscaler?: Autoscaler;
  /** The first input that decides how much it needs and is not known yet. */
  readonly unknown?: string;
}

export interface Autoscaler {
  readonly resource: Resource;
  readonly namespace: string;
  readonly min: number;
  readonly max: number | undefined;
}

/** All objects of one Kubernetes cluster, whichever of its providers made them. */
export interface Cluster {
  /** The EKS cluster's URN where the stack makes it, else the provider's. */
  readonly key: string;
  readonly eks?: string;
  readonly workloads: readonly Workload[];
  readonly autoscalers: readonly Autoscaler[];
  readonly resources: readonly Resource[];
}

/** What people call it: its own name in the namespace, or the logical name while that is not known. */
export function label(resource: Resource): string {
  return `${kindOf(resource.type)} ${textAt(resource.inputs, "metadata.name") ?? resource.name}`;
}

export function clustersOf(stack: Stack): Cluster[] {
  const groups = new Map<string, { readonly eks: boolean; readonly resources: Resource[] }>();
  for (const resource of stack.resources) {
    if (!resource.type.startsWith("kubernetes:")) continue;
    const { key, eks } = clusterOf(stack, resource);
    const group = groups.get(key) ?? { eks, resources: [] };
    group.resources.push(resource);
    groups.set(key, group);
  }
  return [...groups].map(([key, { eks, resources }]) => toCluster(stack, key, eks, resources));
}

/** A provider belongs to the cluster that its kubeconfig is made from. */
function clusterOf(stack: Stack, resource: Resource): { key: string; eks: boolean } {
  const provider = resource.provider?.urn ?? "default";
  const [only, ...others] = stack.nearest(provider, EKS_CLUSTER);
  return only !== undefined && others.length === 0 ? { key: only, eks: true } : { key: provider, eks: false };
}

function toCluster(stack: Stack, key: string, eks: boolean, resources: readonly Resource[]): Cluster {
  const autoscalers = resources
    .filter(({ type }) => AUTOSCALER.test(type))
    .map((resource) => toAutoscaler(stack, resource, resources));
  const workloads = resources.flatMap((resource) => {
    const pods = WORKLOAD.test(resource.type) ? podsOf(resource.type, resource.inputs) : undefined;
    if (!pods) return [];
    const namespace = namespaceOf(stack, resource, resources);
    const autoscaler = autoscalers.find((candidate) => scales(stack, candidate, resource, namespace));
    return [toWorkload(resource, namespace, pods, autoscaler)];
  });
  return { key, ...(eks && { eks: key }), workloads, autoscalers, resources };
}

function toAutoscaler(stack: Stack, resource: Resource, peers: readonly Resource[]): Autoscaler {
  return {
    resource,
    namespace: namespaceOf(stack, resource, peers),
    min: numberAt(resource.inputs, "spec.minReplicas") ?? 1,
    max: numberAt(resource.inputs, "spec.maxReplicas"),
  };
}

/** By kind and name; while the name is not known, by what the autoscaler's spec depends on. */
function scales(stack: Stack, autoscaler: Autoscaler, workload: Resource, namespace: string): boolean {
  if (autoscaler.namespace !== namespace) return false;
  const target = plainAt(autoscaler.resource.inputs, "spec.scaleTargetRef");
  if (textAt(target, "kind") !== kindOf(workload.type)) return false;
  const name = textAt(target, "name");
  if (name !== undefined) return name === textAt(workload.inputs, "metadata.name");
  return stack.nearest(autoscaler.resource.urn, workload.type, "spec").includes(workload.urn);
}

function toWorkload(resource: Resource, namespace: string, pods: Pods, autoscaler: Autoscaler | undefined): Workload {
  const kind = kindOf(resource.type);
  const unknown = unknownSize(resource, autoscaler);
  return {
    resource,
    kind,
    namespace,
    pods,
    labels: plainAt(resource.inputs, podLabelsPath(resource.type)),
    ...range(kind, pods, autoscaler),
    ...(autoscaler && { autoscaler }),
    ...(unknown !== undefined && { unknown }),
  };
}

/** A CronJob's pods come and go, so that at the least there are none. */
function range(kind: string, pods: Pods, autoscaler: Autoscaler | undefined): Range {
  if (autoscaler) return { min: autoscaler.min, max: Math.max(autoscaler.min, autoscaler.max ?? autoscaler.min) };
  return { min: kind === "CronJob" ? 0 : pods.replicas, max: pods.replicas };
}

function unknownSize(resource: Resource, autoscaler: Autoscaler | undefined): string | undefined {
  const pod = podSpecPath(resource.type);
  const sizes = ["resources", "containers[].resources", "initContainers[].resources"].map((part) => `${pod}.${part}`);
  const counts = ["spec.parallelism", "spec.completions", "spec.jobTemplate.spec.parallelism"];
  const replicas = autoscaler ? [] : ["spec.replicas"];
  const bounds = autoscaler && unknownAt(autoscaler.resource.unknown, "spec.minReplicas", "spec.maxReplicas");
  return unknownAt(resource.unknown, ...sizes, ...counts, ...replicas) ?? bounds;
}

/**
 * The namespace's name; while that is not known, the URN of the Namespace that the object's metadata comes from, so that
 * objects of one namespace are still found together.
 */
export function namespaceOf(stack: Stack, resource: Resource, peers: readonly Resource[]): string {
  if (resource.type === NAMESPACE) return textAt(resource.inputs, "metadata.name") ?? resource.urn;
  const written = textAt(resource.inputs, "metadata.namespace");
  if (written !== undefined) return written;
  if (unknownAt(resource.unknown, "metadata.namespace") === undefined) {
    return textAt(resource.provider?.properties, "namespace") ?? "default";
  }
  const [urn] = stack.nearest(resource.urn, NAMESPACE, "metadata");
  const made = peers.find((peer) => peer.urn === urn);
  return made ? namespaceOf(stack, made, peers) : (urn ?? "(not known yet)");
}
