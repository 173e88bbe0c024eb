import type { Amounts, PodContainer, Pods } from "@groundwork/lib/pods";
import { podSpecPath, WORKLOAD } from "./kubernetes.ts";
import { at, textAt, unknownAt } from "./known.ts";
import type { Resource } from "./policy.ts";

const DOCKER_CONTAINER = "docker:index/container:Container";
const DOCKER_SERVICE = "docker:index/service:Service";

/** Everything that runs containers and shows them to the engine. */
export const CONTAINER_TYPES = [DOCKER_CONTAINER, DOCKER_SERVICE, WORKLOAD] as const;

type Bound = "limit" | "request";

/** A container and where in the inputs it says what it may use. */
export interface Place {
  readonly container: PodContainer;
  /** For messages, e.g. `Container api of Deployment shop`. */
  readonly name: string;
  /** Where a bound is written, the usual place first. */
  paths(bound: Bound, amount: keyof Amounts): readonly [string, ...string[]];
  /** What is written there, readable or not. */
  written(bound: Bound, amount: keyof Amounts): unknown;
  /** A value in the notation of that place. */
  example(amount: keyof Amounts): string;
}

/** The containers of a resource; `unknown` where the list itself is not known yet. */
export function containersOf(resource: Resource, pods: Pods): { places: Place[]; unknown?: string } {
  if (!WORKLOAD.test(resource.type))
    return { places: pods.containers.map((container) => dockerPlace(resource, container)) };
  const spec = podSpecPath(resource.type);
  const unknown = pods.containers.some(({ kind }) => kind === "container")
    ? undefined
    : unknownAt(resource.unknown, `${spec}.containers`);
  const inits = pods.containers.filter(({ kind }) => kind !== "container").length;
  const places = pods.containers.map((container, index) => {
    const list = index < inits ? `${spec}.initContainers[${index}]` : `${spec}.containers[${index - inits}]`;
    return kubernetesPlace(resource, container, list, spec);
  });
  return unknown === undefined ? { places } : { places, unknown };
}

function kubernetesPlace(resource: Resource, container: PodContainer, list: string, spec: string): Place {
  const paths = (bound: Bound, amount: keyof Amounts): readonly [string, string] => [
    `${list}.resources.${bound}s.${amount}`,
    `${spec}.resources.${bound}s.${amount}`,
  ];
  return {
    container,
    name: `Container ${container.name || list}`,
    paths,
    written: (bound, amount) => at(resource.inputs, dotted(paths(bound, amount)[0])),
    example: (amount) => (amount === "cpu" ? '"500m"' : '"512Mi"'),
  };
}

function dockerPlace(resource: Resource, container: PodContainer): Place {
  const service = resource.type === DOCKER_SERVICE;
  const paths = service ? servicePaths : containerPaths;
  return {
    container,
    name: `${service ? "Service" : "Container"} ${textAt(resource.inputs, "name") ?? resource.name}`,
    paths,
    written: (bound, amount) => at(resource.inputs, paths(bound, amount)[0]),
    example: (amount) =>
      amount === "cpu" ? (service ? "500000000, half a core" : '"0.5"') : service ? "536870912" : "512, in MiB",
  };
}

function containerPaths(bound: Bound, amount: keyof Amounts): readonly [string, ...string[]] {
  if (amount === "cpu") return ["cpus", "cpuQuota"];
  return bound === "limit" ? ["memory"] : ["memoryReservation"];
}

function servicePaths(bound: Bound, amount: keyof Amounts): readonly [string] {
  const size = bound === "limit" ? "limits" : "reservation";
  return [`taskSpec.resources.${size}.${amount === "cpu" ? "nanoCpus" : "memoryBytes"}`];
}

function dotted(path: string): string {
  return path.replaceAll(/\[(\d+)\]/g, ".$1");
}
