import { MANAGED_ADDON, RELEASE, expand, isUnexpanded } from "@groundwork/lib/expanders/expand";
import type { ExpandedWorkload, Expansion, Unexpanded } from "@groundwork/lib/expanders/expand";
import type { Resource } from "./policy.ts";

export { MANAGED_ADDON, RELEASE };

/** Kinds that an add-on has declared, by their group; Kubernetes' own groups have few that anybody mistakes for one. */
const CUSTOM =
  /^kubernetes:(?!(?:networking|rbac\.authorization|storage)\.k8s\.io\/)(?:[a-z0-9-]+\.)+[a-z0-9-]+\/v\w+:\w+$/;

/** Everything that may make pods which the engine never sees as resources: Helm releases, EKS add-ons, custom resources. */
export const HIDING_TYPES: readonly (string | RegExp)[] = [MANAGED_ADDON, CUSTOM];

/** Names of inputs on which the number and size of pods hang, wherever a chart or kind has them. */
const SIZE =
  /^(?:replicas?|\w*Replicas|\w*Count|count|instances|parallelism|resources|requests|limits|cpu|memory|size|storage|enabled)$/;

const expanded = new WeakMap<Resource, Expansion | Unexpanded | undefined>();

/** What a resource makes out of sight; several policies ask for it, and a chart is unfolded once. */
export function hiddenBy(resource: Resource): Expansion | Unexpanded | undefined {
  if (!expanded.has(resource)) expanded.set(resource, unfold(resource));
  return expanded.get(resource);
}

export function hiddenWorkloads(resource: Resource): readonly ExpandedWorkload[] {
  const hidden = hiddenBy(resource);
  return hidden === undefined || isUnexpanded(hidden) ? [] : hidden.workloads;
}

/** The first input on which sizes hang and that is not known yet. */
export function unknownHiddenSize({ unknown }: Resource): string | undefined {
  return unknown.find((path) => path.some((key) => SIZE.test(String(key))))?.join(".");
}

/** Expanders take what people write, and inputs may be anything. */
function unfold({ type, inputs }: Resource): Expansion | Unexpanded | undefined {
  try {
    return expand(type, inputs);
  } catch (error) {
    return { unknown: `its inputs cannot be read (${(error as Error).message}); correct them` };
  }
}
