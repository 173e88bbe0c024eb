import { formatCpu, formatMemory, parseCpu, parseMemory } from "@groundwork/lib/quantity";
import type { Memory, Size } from "@groundwork/lib/quantity";
import { mostPods } from "../workload/rollout.ts";
import type { PlannedWorkload } from "../workload/rollout.ts";

/** A namespace's `spec.hard`. https://kubernetes.io/docs/concepts/policy/resource-quotas/ */
export type Quota = Readonly<Record<string, string>>;

/**
 * Exactly what the namespace's workloads can come to: all of them at their most replicas while all are being rolled
 * out. A workload more, or a larger one, therefore shows up as a change of the quota too.
 */
export function quotaFor(workloads: readonly PlannedWorkload[]): Quota {
  const sum = (amount: (spec: PlannedWorkload["spec"]) => number): number =>
    workloads.reduce((total, workload) => total + amount(workload.spec) * mostPods(workload), 0);
  const exposed = workloads.filter(({ spec }) => spec.exposure !== undefined).length;
  const gpus = sum(({ gpu }) => gpu?.count ?? 0);
  return {
    pods: String(sum(() => 1)),
    "requests.cpu": formatCpu(sum(({ resources }) => parseCpu(resources.requests.cpu))),
    "requests.memory": formatMemory(sum(({ resources }) => parseMemory(resources.requests.memory))),
    "limits.cpu": formatCpu(sum(({ resources }) => parseCpu(resources.limits.cpu))),
    "limits.memory": formatMemory(sum(({ resources }) => parseMemory(resources.limits.memory))),
    ...(gpus > 0 && { "requests.nvidia.com/gpu": String(gpus) }),
    "services.nodeports": String(exposed),
    "services.loadbalancers": "0",
    persistentvolumeclaims: "0",
  };
}

/** One container's CPU and memory, as Kubernetes writes them. */
export type ContainerSize = { readonly cpu: string; readonly memory: Memory };

/** The largest container that any of the workloads asks for: the limit range's maximum. */
export function largestContainer(workloads: readonly PlannedWorkload[]): ContainerSize {
  const largest = (amount: (limits: Size) => number) =>
    Math.max(...workloads.map(({ spec }) => amount(spec.resources.limits)));
  return {
    cpu: formatCpu(largest(({ cpu }) => parseCpu(cpu))),
    memory: formatMemory(largest(({ memory }) => parseMemory(memory))),
  };
}

/** The size, cut down to the maximum: a limit range whose default is above its maximum is refused. */
export function within(size: ContainerSize, max: ContainerSize): ContainerSize {
  return {
    cpu: parseCpu(size.cpu) <= parseCpu(max.cpu) ? size.cpu : max.cpu,
    memory: parseMemory(size.memory) <= parseMemory(max.memory) ? size.memory : max.memory,
  };
}
