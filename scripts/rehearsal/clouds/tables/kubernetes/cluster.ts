import type { Ctx, Properties, Thing } from "../../table.ts";
import { plain, text } from "../values.ts";

export const NAMESPACE = "kubernetes:core/v1:Namespace";
export const DEPLOYMENT = "kubernetes:apps/v1:Deployment";
export const AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
export const QUOTA = "kubernetes:core/v1:ResourceQuota";
export const LIMIT_RANGE = "kubernetes:core/v1:LimitRange";
/** Kinds that make pods. */
export const WORKLOADS = [
  DEPLOYMENT,
  "kubernetes:apps/v1:StatefulSet",
  "kubernetes:apps/v1:ReplicaSet",
  "kubernetes:apps/v1:DaemonSet",
  "kubernetes:batch/v1:Job",
  "kubernetes:core/v1:Pod",
];

/** Every cluster has them from the start. https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces */
export const INITIAL_NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];

export function nameOf(inputs: Properties): string {
  return text(plain(inputs.metadata).name);
}

/** The provider's own namespace stands in where an object names none. */
export function namespaceOf(inputs: Properties, provider: Properties): string {
  return text(plain(inputs.metadata).namespace) || text(provider.namespace) || "default";
}

/** Objects of a kind in a namespace, without the one that is being changed. */
export function others(ctx: Ctx, token: string, namespace: string): readonly Thing[] {
  return ctx
    .all(token)
    .filter((thing) => !isSame(thing, ctx.old) && namespaceOf(thing.inputs, ctx.provider) === namespace);
}

/** Ids repeat between kinds: a ServiceAccount and a Deployment may both be `shop/web`. */
function isSame(thing: Thing, old: Thing | undefined): boolean {
  return thing.id === old?.id && thing.token === old.token;
}

export function findObject(ctx: Ctx, token: string, namespace: string, name: string): Thing | undefined {
  return others(ctx, token, namespace).find((thing) => nameOf(thing.inputs) === name);
}

/** The number of replicas that runs: an autoscaler's minimum where the workload leaves the number to it. */
export function replicasOf(
  inputs: Properties,
  own: number | undefined,
  minimum: number | undefined,
): number | undefined {
  const written = plain(inputs.spec).replicas;
  return own === undefined || typeof written === "number" || minimum === undefined ? own : minimum;
}
