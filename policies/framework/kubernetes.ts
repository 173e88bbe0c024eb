import {
  AUTOSCALER,
  EKS_CLUSTER,
  NAMESPACE,
  WORKLOAD,
  isPatch,
  kindOf,
  podLabelsPath,
  podSpecPath,
} from "@groundwork/lib/capacity/kinds";
import { podsOf } from "@groundwork/lib/pods";
import type { Pods } from "@groundwork/lib/pods";
import type { ExpandedWorkload } from "@groundwork/lib/expanders/expand";
import { hiddenWorkloads, MANAGED_ADDON, RELEASE, unknownHiddenSize } from "./hidden.ts";
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
  isPatch,
  kindOf,
  podLabelsPath,
  podSpecPath,
} from "@groundwork/lib/capacity/kinds";

/** KEDA makes an autoscaler of each. https://keda.sh/docs/latest/reference/scaledobject-spec/ */
export const SCALED_OBJECT = /^kubernetes:keda\.sh\/v\w+:ScaledObject$/;
/** Everything that scales a workload by itself. */
export const SCALERS = [AUTOSCALER, SCALED_OBJECT] as const;
/** Pods of a Rollout are scaled and guarded as those of a Deployment. */
export const ROLLOUT = /^kubernetes:argoproj\.io\/v\w+:Rollout$/;

/** How many pods of a workload there are; `undefined`: one for each node. */
interface Range {
  readonly min: number | undefined;
  readonly max: number | undefined;
}

export interface Workload extends Range {
  /** What makes it: itself, or the release, add-on or custom resource that hides it. */
  readonly resource: Resource;
  /** For messages: `Deployment web`, `Deployment kong of Release gateway`. */
  readonly name: string;
  /** Whether the engine never sees it as a resource. */
  readonly hidden: boolean;
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
  /** What the two bounds are called in its spec. */
  readonly bounds: { readonly min: string; readonly max: string };
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
  if (resource.type === MANAGED_ADDON) return `EKS add-on ${textAt(resource.inputs, "addonName") ?? resource.name}`;
  const name = textAt(resource.inputs, resource.type === RELEASE ? "name" : "metadata.name");
  return `${kindOf(resource.type)} ${name ?? resource.name}`;
}

export function clustersOf(stack: Stack): Cluster[] {
  const groups = new Map<string, { readonly eks: boolean; readonly resources: Resource[] }>();
  for (const resource of stack.resources) {
    const { key, eks } = clusterOf(stack, resource);
    if (key === undefined) continue;
    const group = groups.get(key) ?? { eks, resources: [] };
    group.resources.push(resource);
    groups.set(key, group);
  }
  return [...groups].map(([key, { eks, resources }]) => toCluster(stack, key, eks, resources));
}

/** A provider belongs to the cluster that its kubeconfig is made from; an EKS add-on names its cluster. */
function clusterOf(stack: Stack, resource: Resource): { key: string | undefined; eks: boolean } {
  if (resource.type === MANAGED_ADDON)
    return { key: stack.nearest(resource.urn, EKS_CLUSTER, "clusterName")[0], eks: true };
  if (!resource.type.startsWith("kubernetes:")) return { key: undefined, eks: false };
  const provider = resource.provider?.urn ?? "default";
  const [only, ...others] = stack.nearest(provider, EKS_CLUSTER);
  return only !== undefined && others.length === 0 ? { key: only, eks: true } : { key: provider, eks: false };
}

function toCluster(stack: Stack, key: string, eks: boolean, resources: readonly Resource[]): Cluster {
  const autoscalers = resources
    .filter(({ type }) => SCALERS.some((scaler) => scaler.test(type)))
    .map((resource) => toAutoscaler(stack, resource, resources));
  const workloads = resources.flatMap((resource) => {
    if (isPatch(resource.type)) return [];
    const scaler = (namespace: string) =>
      autoscalers.find((candidate) => scales(stack, candidate, resource, namespace));
    const pods = WORKLOAD.test(resource.type) ? podsOf(resource.type, resource.inputs) : undefined;
    if (!pods) return hiddenWorkloads(resource).map((one) => toHidden(stack, resource, one, resources, scaler));
    const namespace = namespaceOf(stack, resource, resources);
    return [toWorkload(resource, namespace, pods, scaler(namespace))];
  });
  return { key, ...(eks && { eks: key }), workloads, autoscalers, resources };
}

/** Where a release or object says nothing of its namespace yet, it is that of what it depends on. */
function toHidden(
  stack: Stack,
  resource: Resource,
  one: ExpandedWorkload,
  peers: readonly Resource[],
  scaler: (namespace: string) => Autoscaler | undefined,
): Workload {
  const isObject = resource.type !== RELEASE && resource.type !== MANAGED_ADDON;
  const unknown = unknownHiddenSize(resource);
  const namespace = isObject
    ? namespaceOf(stack, resource, peers)
    : unknownAt(resource.unknown, "namespace") === undefined
      ? one.namespace
      : namespaceThrough(stack, resource.urn, "namespace", peers);
  const autoscaler = isObject ? scaler(namespace) : undefined;
  const isTransient = one.kind === "CronJob" || one.kind === "Job";
  return {
    resource,
    name: ROLLOUT.test(resource.type) ? label(resource) : `${one.kind} ${one.name} of ${label(resource)}`,
    hidden: true,
    kind: one.kind,
    namespace,
    pods: one.pods,
    labels: one.labels ?? {},
    ...range(isTransient ? "CronJob" : one.kind, one.pods, autoscaler),
    ...(autoscaler && { autoscaler }),
    ...(unknown !== undefined && { unknown }),
  };
}

function toAutoscaler(stack: Stack, resource: Resource, peers: readonly Resource[]): Autoscaler {
  const isKeda = SCALED_OBJECT.test(resource.type);
  const bounds = isKeda ? KEDA_BOUNDS : { min: "minReplicas", max: "maxReplicas" };
  const max = numberAt(resource.inputs, `spec.${bounds.max}`);
  const isOpen = isKeda && max === undefined && unknownAt(resource.unknown, `spec.${bounds.max}`) === undefined;
  return {
    resource,
    namespace: namespaceOf(stack, resource, peers),
    min: numberAt(resource.inputs, `spec.${bounds.min}`) ?? (isKeda ? 0 : 1),
    max: isOpen ? KEDA_MAX : max,
    bounds,
  };
}

const KEDA_BOUNDS = { min: "minReplicaCount", max: "maxReplicaCount" };
/** Its default. https://keda.sh/docs/latest/reference/scaledobject-spec/#maxreplicacount */
const KEDA_MAX = 100;

/** By kind and name; while the name is not known, by what the autoscaler's spec depends on. */
function scales(stack: Stack, autoscaler: Autoscaler, workload: Resource, namespace: string): boolean {
  if (autoscaler.namespace !== namespace) return false;
  const target = plainAt(autoscaler.resource.inputs, "spec.scaleTargetRef");
  if ((textAt(target, "kind") ?? "Deployment") !== kindOf(workload.type)) return false;
  const name = textAt(target, "name");
  if (name !== undefined) return name === textAt(workload.inputs, "metadata.name");
  return stack.nearest(autoscaler.resource.urn, workload.type, "spec").includes(workload.urn);
}

function toWorkload(resource: Resource, namespace: string, pods: Pods, autoscaler: Autoscaler | undefined): Workload {
  const kind = kindOf(resource.type);
  const unknown = unknownSize(resource, autoscaler);
  return {
    resource,
    name: label(resource),
    hidden: false,
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
  const bounds = autoscaler && unknownRange(autoscaler);
  return unknownAt(resource.unknown, ...sizes, ...counts, ...replicas) ?? bounds;
}

/** The bound of an autoscaler that is not known yet. */
export function unknownRange({ resource, bounds }: Autoscaler): string | undefined {
  return unknownAt(resource.unknown, `spec.${bounds.min}`, `spec.${bounds.max}`);
}

/**
 * The namespace's name; while that is not known, the URN of the Namespace that the object's metadata comes from, so that
 * objects of one namespace are still found together.
 */
export function namespaceOf(stack: Stack, resource: Resource, peers: readonly Resource[]): string {
  if (resource.type === NAMESPACE) return textAt(resource.inputs, "metadata.name") ?? resource.urn;
  const written = textAt(resource.inputs, "metadata.namespace");
  if (written !== undefined) return written;
  if (unknownNamespace(resource) === undefined) {
    return textAt(resource.provider?.properties, "namespace") ?? "default";
  }
  const { provider } = resource;
  const isItsOwn = provider === undefined || unknownAt(resource.unknown, "metadata.namespace") !== undefined;
  return isItsOwn
    ? namespaceThrough(stack, resource.urn, "metadata", peers)
    : namespaceThrough(stack, provider.urn, "namespace", peers);
}

/** What decides on an object's namespace and is not known yet: its own metadata or, where they name none, its provider. */
export function unknownNamespace({ inputs, unknown, provider }: Resource): string | undefined {
  const own = unknownAt(unknown, "metadata.namespace");
  if (own !== undefined || provider === undefined || textAt(inputs, "metadata.namespace") !== undefined) return own;
  return unknownAt(provider.unknown, "namespace") === undefined ? undefined : "namespace of the provider";
}

function namespaceThrough(stack: Stack, from: string, property: string, peers: readonly Resource[]): string {
  const [urn] = stack.nearest(from, NAMESPACE, property);
  const made = peers.find((peer) => peer.urn === urn);
  return made ? namespaceOf(stack, made, peers) : (urn ?? "(not known yet)");
}
