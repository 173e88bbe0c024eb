import { allocatable, instanceType } from "../instances.ts";
import type { Allocatable, InstanceType } from "../instances.ts";

/** EKS's own default. https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html */
export const DEFAULT_INSTANCE_TYPE = "t3.medium";

/** Instance types that the catalogue does not have, by name. */
export type ExtraTypes = Readonly<Record<string, { vcpu: number; memoryGiB: number; maxPods: number }>>;

/**
 * What a node leaves to pods; the weakest of several instance types, because any may be launched. The name of the type
 * that nobody knows, where there is one.
 */
export function nodeSize(instanceTypes: readonly string[], extra: ExtraTypes = {}): Allocatable | string {
  const found: Allocatable[] = [];
  for (const name of instanceTypes) {
    const type = lookUp(name, extra);
    if (!type) return name;
    found.push(allocatable(type));
  }
  const gpus = Math.min(...found.map((size) => size.gpus ?? 0));
  return {
    cpu: Math.min(...found.map(({ cpu }) => cpu)),
    memory: Math.min(...found.map(({ memory }) => memory)),
    pods: Math.min(...found.map(({ pods }) => pods)),
    ...(gpus > 0 && { gpus }),
  };
}

function lookUp(name: string, extra: ExtraTypes): InstanceType | undefined {
  const own = Object.hasOwn(extra, name) ? extra[name] : undefined;
  return own ? { vcpu: own.vcpu, memory: own.memoryGiB * 2 ** 30, maxPods: own.maxPods } : instanceType(name);
}
