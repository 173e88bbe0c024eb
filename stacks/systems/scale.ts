import type { Cpu, Memory, Size } from "@groundwork/lib/quantity";
import { formatCpu, formatMemory, parseCpu, parseMemory } from "@groundwork/lib/quantity";
import type { Autoscaling, Resources, WorkloadSpec } from "../../components/workload/spec.ts";
import type { Scale, System } from "./system.ts";

/** What a stack may change about one workload. */
export interface WorkloadOverride {
  /** A fixed number; where the workload scales by load, the least it scales down to. */
  readonly replicas?: number;
  /** CPU request of each replica; the limit keeps its proportion to the request. */
  readonly cpu?: Cpu;
  /** Memory request of each replica; the limit keeps its proportion to the request. */
  readonly memory?: Memory;
}

/** CPU cores and bytes of memory. */
export interface Demand {
  readonly cores: number;
  readonly memory: number;
}

/** The system at its laptop size: replicas, limits and tiers as its Docker form says. */
export function atLaptopSize(system: System): System {
  const form = system.docker;
  if (form === undefined) return system;
  const size = <T extends { size: Size }>(tier: T | undefined, name: string): T | undefined =>
    tier && { ...tier, size: sizeOf(form.laptop[name]) ?? tier.size };
  return {
    ...system,
    tiers: {
      postgres: size(system.tiers.postgres, "postgres"),
      redis: size(system.tiers.redis, "redis"),
      rabbitmq: size(system.tiers.rabbitmq, "rabbitmq"),
    },
    workloads: system.workloads.map((workload) => atScale(workload, form.laptop[workload.name])),
    docker: { ...form, gateway: sizeOf(form.laptop["gateway"]) ?? form.gateway },
  };
}

/** The system with a stack's overrides and images, each by workload name. */
export function customised(
  system: System,
  overrides: Readonly<Record<string, WorkloadOverride>>,
  images: Readonly<Record<string, string>>,
): System {
  return {
    ...system,
    workloads: system.workloads.map((workload) => ({
      ...overridden(workload, overrides[workload.name]),
      ...(images[workload.name] === undefined ? {} : { image: images[workload.name] }),
    })),
  };
}

/** What all replicas of all tiers and workloads may use together on one Docker Engine. */
export function demand(systems: readonly System[]): Demand {
  const parts = systems.flatMap((system) => [
    ...Object.values(system.tiers).flatMap((tier) => (tier === undefined ? [] : [of(tier.size, 1)])),
    ...system.workloads.map((workload) => of(workload.resources.limits, leastReplicas(workload))),
    ...(system.docker !== undefined && isExposed(system) ? [of(system.docker.gateway, 1)] : []),
  ]);
  return parts.reduce((sum, part) => ({ cores: sum.cores + part.cores, memory: sum.memory + part.memory }), {
    cores: 0,
    memory: 0,
  });
}

/** Whether any workload is reached from outside, so that a gateway is needed. */
export function isExposed(system: System): boolean {
  return system.workloads.some((workload) => workload.exposure !== undefined);
}

/** Replicas that always run. */
export function leastReplicas(workload: WorkloadSpec): number {
  return typeof workload.replicas === "number" ? workload.replicas : workload.replicas.min;
}

function of(size: Size, count: number): Demand {
  return { cores: parseCpu(size.cpu) * count, memory: parseMemory(size.memory) * count };
}

function sizeOf(scale: Scale | undefined): Size | undefined {
  return scale && { cpu: scale.cpu, memory: scale.memory };
}

function atScale(workload: WorkloadSpec, scale: Scale | undefined): WorkloadSpec {
  const size = sizeOf(scale);
  return scale === undefined || size === undefined
    ? workload
    : { ...workload, replicas: scale.replicas, resources: { requests: size, limits: size } };
}

function overridden(workload: WorkloadSpec, override: WorkloadOverride = {}): WorkloadSpec {
  return {
    ...workload,
    replicas: scaled(workload.replicas, override.replicas),
    resources: resized(workload.resources, override),
  };
}

function scaled(replicas: number | Autoscaling, wanted: number | undefined): number | Autoscaling {
  if (wanted === undefined) return replicas;
  return typeof replicas === "number" ? wanted : { ...replicas, min: wanted, max: Math.max(wanted, replicas.max) };
}

function resized(
  { requests, limits }: Resources,
  { cpu = requests.cpu, memory = requests.memory }: WorkloadOverride,
): Resources {
  const cpuLimit = (parseCpu(limits.cpu) / parseCpu(requests.cpu)) * parseCpu(cpu);
  const memoryLimit = (parseMemory(limits.memory) / parseMemory(requests.memory)) * parseMemory(memory);
  return {
    requests: { cpu, memory },
    limits: { cpu: formatCpu(cpuLimit), memory: formatMemory(Math.round(memoryLimit)) },
  };
}
