import type { Cpu, Memory, Size } from "@groundwork/lib/quantity";
import { formatCpu, formatMemory, parseCpu, parseMemory } from "@groundwork/lib/quantity";
import type { PostgresSpec } from "../../components/postgres/spec.ts";
import type { RabbitmqSpec } from "../../components/rabbitmq/spec.ts";
import type { RedisSpec } from "../../components/redis/spec.ts";
import type { Autoscaling, HealthCheck, Resources, WorkloadSpec } from "../../components/workload/spec.ts";
import type { Scale, System } from "./system.ts";

/** What a stack may change about one workload. */
export interface WorkloadOverride {
  /** A fixed number; where the workload scales by load, the least it scales down to. */
  readonly replicas?: number;
  /** CPU request of each replica; the limit keeps its proportion to the request. */
  readonly cpu?: Cpu;
  /** Memory request of each replica; the limit keeps its proportion to the request. */
  readonly memory?: Memory;
  /** Path at which an image of the stack's own tells whether it can serve; default its health path. */
  readonly readiness?: string;
}

/** What a memory setting may take of the memory of its server: more is dropped, and derived from the memory instead. */
const MOST_SHARED_BUFFERS = 0.4;
const MOST_REDIS_DATA = 0.75;

/** The system at its laptop size: replicas, limits and tiers as its Docker form says. */
export function atLaptopSize(system: System): System {
  const form = system.docker;
  if (form === undefined) return system;
  const size = <T extends { size: Size }>(tier: T, name: string): T => ({
    ...tier,
    size: sizeOf(form.laptop[name]) ?? tier.size,
  });
  const { postgres, redis, rabbitmq, mongodb } = system.tiers;
  const workloads = system.workloads.map((workload) => atScale(workload, form.laptop[workload.name]));
  return {
    ...system,
    ...pipelineAt(system, workloads),
    tiers: {
      ...(postgres && { postgres: withFittingBuffers(size(postgres, "postgres")) }),
      ...(redis && { redis: withFittingData(size(redis, "redis")) }),
      ...(rabbitmq && { rabbitmq: size(rabbitmq, "rabbitmq") }),
      ...(mongodb && { mongodb: size(mongodb, "mongodb") }),
    },
    workloads,
    docker: { ...form, gateway: sizeOf(form.laptop["gateway"]) ?? form.gateway },
  };
}

/** What is promised an hour follows the replicas that bring it in, so that no alert asks of a laptop what a server does. */
function pipelineAt({ pipeline, workloads }: System, scaled: readonly WorkloadSpec[]): Pick<System, "pipeline"> {
  if (pipeline === undefined) return {};
  const count = (all: readonly WorkloadSpec[]) =>
    all.filter(({ name }) => name === pipeline.source).reduce((sum, workload) => sum + leastReplicas(workload), 0);
  const itemsPerHour = Math.round((pipeline.itemsPerHour * count(scaled)) / count(workloads));
  return { pipeline: { ...pipeline, itemsPerHour } };
}

function withFittingBuffers(spec: PostgresSpec): PostgresSpec {
  const { shared_buffers: buffers, ...others } = spec.parameters ?? {};
  if (buffers === undefined || parseBytes(buffers) <= parseMemory(spec.size.memory) * MOST_SHARED_BUFFERS) return spec;
  return { ...spec, parameters: others };
}

function withFittingData(spec: RedisSpec): RedisSpec {
  const { maxMemory, ...others } = spec;
  if (maxMemory === undefined || parseMemory(maxMemory) <= parseMemory(spec.size.memory) * MOST_REDIS_DATA) return spec;
  return others;
}

/** PostgreSQL's own notation, e.g. `256MB`. */
function parseBytes(text: string): number {
  const [, number = "", unit = ""] = /^(\d+)\s*([kmg])b$/i.exec(text) ?? [];
  return Number(number) * 1024 ** ("kmg".indexOf(unit.toLowerCase()) + 1);
}

/** Where the workloads that one calls answer, in the same variables whatever runs them: `ASSISTANT_API_URL`. */
function addresses({ calls = [] }: WorkloadSpec, { workloads }: System): Readonly<Record<string, string>> {
  const called = workloads.filter(({ name }) => calls.includes(name));
  return Object.fromEntries(
    called.flatMap(({ name, ports: [port] }) =>
      port === undefined
        ? []
        : [[`${name.toUpperCase().replaceAll("-", "_")}_URL`, `http://${name}:${port.containerPort}`]],
    ),
  );
}

/** The system as Docker runs it: with the tiers and needs that its Docker form adds, and GPUs only where there are some. */
export function onDocker(system: System, hasGpu: boolean): System {
  const form = system.docker;
  if (form === undefined) return system;
  return {
    ...system,
    tiers: { ...system.tiers, ...form.tiers },
    workloads: system.workloads.map(({ gpu, ...workload }) => ({
      ...workload,
      ...(gpu !== undefined && hasGpu && { gpu }),
      environment: { ...addresses(workload, system), ...workload.environment },
      needs: [...workload.needs, ...(form.needs?.[workload.name] ?? [])],
    })),
  };
}

/** Of what somebody waits for: one that is moved to another node leaves one that answers. */
const LEAST_ANSWERING = 2;

/**
 * The system as the cloud runs it: with the tiers and needs that its cloud form adds, and at least two replicas of all that
 * is public or called. What has a GPU is exchanged like everything else: where one machine has one GPU the old replica must
 * go first, here a node comes for the new one.
 */
export function inCloud(system: System): System {
  const form = system.cloud;
  if (form === undefined) return system;
  const { rabbitmq, ...tiers } = { ...system.tiers, ...form.tiers };
  return {
    ...system,
    tiers: { ...tiers, ...(rabbitmq && { rabbitmq: withoutHostPort(rabbitmq) }) },
    workloads: system.workloads.map(({ rollout, ...workload }) => ({
      ...workload,
      ...(rollout && workload.gpu === undefined && { rollout }),
      environment: { ...addresses(workload, system), ...workload.environment },
      replicas: atLeast(isAnswering(workload, system) ? LEAST_ANSWERING : 1, workload.replicas),
      needs: [...workload.needs, ...(form.needs?.[workload.name] ?? [])],
    })),
  };
}

function isAnswering({ name, exposure }: WorkloadSpec, { workloads }: System): boolean {
  return exposure?.public === true || workloads.some(({ calls = [] }) => calls.includes(name));
}

function atLeast(least: number, replicas: WorkloadSpec["replicas"]): WorkloadSpec["replicas"] {
  if (typeof replicas === "number") return Math.max(least, replicas);
  return { ...replicas, min: Math.max(least, replicas.min), max: Math.max(least, replicas.max) };
}

/** There is no one host whose port it could be. */
function withoutHostPort({ managementHostPort: _, ...spec }: RabbitmqSpec): RabbitmqSpec {
  return spec;
}

/** The system with a stack's overrides and images, each by workload name. */
export function customised(
  system: System,
  overrides: Readonly<Record<string, WorkloadOverride>>,
  images: Readonly<Record<string, string>>,
): System {
  const workloads = system.workloads.map((workload) => {
    const image = images[workload.name];
    return { ...overridden(workload, overrides[workload.name], image !== undefined), ...(image && { image }) };
  });
  return { ...system, ...pipelineAt(system, workloads), workloads };
}

/** Whether any workload is reached from outside, so that a gateway is needed. */
export function isExposed(system: System): boolean {
  return system.workloads.some((workload) => workload.exposure !== undefined);
}

/** Replicas that always run. */
export function leastReplicas(workload: WorkloadSpec): number {
  return typeof workload.replicas === "number" ? workload.replicas : workload.replicas.min;
}

function sizeOf(scale: Scale | undefined): Size | undefined {
  return scale && { cpu: scale.cpu, memory: scale.memory };
}

function atScale(workload: WorkloadSpec, scale: Scale | undefined): WorkloadSpec {
  const size = sizeOf(scale);
  return scale === undefined || size === undefined
    ? workload
    : {
        ...workload,
        replicas: scaled(workload.replicas, scale.replicas),
        resources: { requests: size, limits: size },
      };
}

function overridden(workload: WorkloadSpec, override: WorkloadOverride = {}, hasOwnImage = false): WorkloadSpec {
  return {
    ...workload,
    health: healthOf(workload.health, override, hasOwnImage),
    replicas: scaled(workload.replicas, override.replicas),
    resources: resized(workload.resources, override),
  };
}

/** The path of readiness is the reference service's: an image of somebody else promises the health path alone. */
function healthOf(
  { readiness: own, ...health }: HealthCheck,
  { readiness }: WorkloadOverride,
  hasOwnImage: boolean,
): HealthCheck {
  const path = readiness ?? (hasOwnImage ? undefined : own);
  return { ...health, ...(path !== undefined && { readiness: path }) };
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
