import { podsOf } from "@groundwork/lib/pods";
import type { Amounts } from "@groundwork/lib/pods";
import { CONTAINER_TYPES, containersOf } from "../framework/containers.ts";
import type { Place } from "../framework/containers.ts";
import { cores, memoryText } from "../framework/format.ts";
import { unknownAt } from "../framework/known.ts";
import { resourcePolicy } from "../framework/policy.ts";
import type { Report, Resource } from "../framework/policy.ts";
import { bytes, memory, number } from "../framework/settings.ts";
import type { Values } from "../framework/settings.ts";

const settings = {
  minCpu: number(0.01, "Least CPU limit or request of a container, in cores."),
  maxCpu: number(8, "Most CPU that one container may be given, in cores."),
  minMemory: memory("16Mi", "Least memory limit or request of a container."),
  maxMemory: memory("32Gi", "Most memory that one container may be given."),
  maxCpuRatio: number(10, "CPU limit / request: how far a node may be overcommitted.", 1),
  maxMemoryRatio: number(2, "Memory limit / request; memory that was promised twice ends in an out-of-memory kill.", 1),
};

interface Bounds {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly ratio: number;
  readonly text: (value: number) => string;
  /** The settings' names, for the message. */
  readonly names: { readonly min: string; readonly max: string; readonly ratio: string };
}

export const containerLimitsWithinBounds = resourcePolicy({
  name: "container-limits-within-bounds",
  family: "resource-limits",
  severity: "medium",
  level: "mandatory",
  description:
    "Each container's limits and requests lie within its environment's bounds, and limits are not far above requests.",
  why: "A slip of a unit (8Gi for 8Mi, 1000 cores for 1000m) otherwise reaches the scheduler or the invoice, and limits far above requests overcommit the node.",
  fix: "Bring the value inside the bounds, or widen them for this stack in the policy config.",
  control: {
    name: "NSA Kubernetes Hardening: resource policies; AWS EKS best practices: cost optimization, compute",
    url: "https://kubernetes.io/docs/concepts/policy/limit-range/",
  },
  settings,
  types: CONTAINER_TYPES,
  check(resource, values, report) {
    const pods = podsOf(resource.type, resource.inputs);
    if (!pods) return;
    const { places, unknown } = containersOf(resource, pods);
    if (unknown !== undefined) report.undecided(unknown, "whether the containers' limits lie within bounds");
    for (const place of places) {
      checkAmount(resource, place, "cpu", cpuBounds(values), report);
      checkAmount(resource, place, "memory", memoryBounds(values), report);
    }
  },
});

function cpuBounds({ minCpu, maxCpu, maxCpuRatio }: Values<typeof settings>): Bounds {
  const names = { min: "minCpu", max: "maxCpu", ratio: "maxCpuRatio" };
  return { label: "CPU", min: minCpu, max: maxCpu, ratio: maxCpuRatio, text: cores, names };
}

function memoryBounds({ minMemory, maxMemory, maxMemoryRatio }: Values<typeof settings>): Bounds {
  const names = { min: "minMemory", max: "maxMemory", ratio: "maxMemoryRatio" };
  return {
    label: "memory",
    min: bytes(minMemory),
    max: bytes(maxMemory),
    ratio: maxMemoryRatio,
    text: memoryText,
    names,
  };
}

function checkAmount(resource: Resource, place: Place, amount: keyof Amounts, bounds: Bounds, report: Report): void {
  const limit = place.container.limits[amount];
  const request = place.container.requests[amount];
  const [limitPath] = place.paths("limit", amount);
  const [requestPath] = place.paths("request", amount);
  checkBound(resource, place, "limit", limit, bounds, report);
  // a Docker container has no CPU request: there is one place for both
  if (requestPath !== limitPath) checkBound(resource, place, "request", request, bounds, report);
  if (limit !== undefined && request !== undefined) checkRatio(place, limit, request, bounds, report);
}

function checkBound(
  resource: Resource,
  place: Place,
  bound: "limit" | "request",
  value: number | undefined,
  bounds: Bounds,
  report: Report,
): void {
  const { label, min, max, text, names } = bounds;
  if (value === undefined) {
    const unknown = unknownAt(resource.unknown, place.paths(bound, label === "CPU" ? "cpu" : "memory")[0]);
    if (unknown !== undefined)
      report.undecided(unknown, `whether the ${label} ${bound} of ${place.name} lies within bounds`);
    return;
  }
  const subject = `${place.name} has a ${label} ${bound} of ${text(value)}`;
  if (value < min) report.violation(`${subject}, below the ${text(min)} of ${names.min}; raise it to at least that.`);
  if (value > max)
    report.violation(
      `${subject}, above the ${text(max)} of ${names.max}; lower it, or split the work over more replicas.`,
    );
}

function checkRatio(place: Place, limit: number, request: number, bounds: Bounds, report: Report): void {
  const { label, ratio, text, names } = bounds;
  const sizes = `${text(limit)} with a request of ${text(request)}`;
  if (limit < request) {
    report.violation(
      `${place.name} has a ${label} limit of ${sizes}, so it can never start; raise the limit to the request.`,
    );
  } else if (limit > request * ratio) {
    const times = Math.round((limit / request) * 10) / 10;
    report.violation(
      `${place.name} has a ${label} limit of ${sizes}, ${times} times as much where ${names.ratio} is ${ratio}; raise the request to at least ${text(limit / ratio)}.`,
    );
  }
}
