import { expandManaged } from "./managed.ts";
import type { Expansion, Plain, Unexpanded } from "./expansion.ts";
import { expandRelease } from "./releases.ts";
import { expandResource } from "./resources.ts";

export { isUnexpanded, merged } from "./expansion.ts";
export type { ExpandedClaim, ExpandedService, ExpandedWorkload, Expansion, Plain, Unexpanded } from "./expansion.ts";

export const RELEASE = "kubernetes:helm.sh/v3:Release";
export const MANAGED_ADDON = "aws:eks/addon:Addon";

/** Groups that the SDK has as kinds of its own; what makes pods there is `podsOf`'s business (lib/pods.ts). */
const BUILT_IN = /^(?:core|apps|batch|autoscaling|policy|extensions|helm\.sh|pulumi|\w+(?:\.\w+)*\.k8s\.io)$/;
/** Custom resources live in groups of Kubernetes' own suffix, too. */
const CUSTOM_K8S_IO = /^(?:gateway\.networking|inference\.networking|snapshot\.storage|eks\.amazonaws)\./;

/**
 * The pods, claims and services that a resource hides from the engine: those of a Helm release, of an EKS managed
 * add-on, of a custom resource. `undefined` for a type that hides none; `{ unknown }` for one that may hide some and has
 * no expander.
 */
export function expand(type: string, inputs: Plain): Expansion | Unexpanded | undefined {
  if (type === RELEASE) return expandRelease(inputs);
  if (type === MANAGED_ADDON) return expandManaged(inputs);
  const [, group = "", kind = ""] = /^kubernetes:([a-z0-9.-]+)\/v\w+:(\w+?)$/.exec(type) ?? [];
  return kind === "" || !isCustomGroup(group) ? undefined : expandResource(group, kind, inputs);
}

/** Whether objects of an API group exist only where an add-on has declared them. */
export function isCustomGroup(group: string): boolean {
  return CUSTOM_K8S_IO.test(group) || !BUILT_IN.test(group);
}
