import type { ExpandedWorkload, Expansion, Plain, PodContainer } from "./expansion.ts";
import { at, container, count, placement } from "./read.ts";

interface Controller {
  readonly namespace: string;
  readonly name: string;
  readonly containers: readonly PodContainer[];
  /** Default: one for each node of a DaemonSet, else 1. */
  readonly replicas?: number;
  /** Values with `nodeSelector`, `tolerations` and `priorityClassName`. */
  readonly placedBy?: unknown;
}

export function workload(
  kind: ExpandedWorkload["kind"],
  { namespace, name, containers, replicas, placedBy }: Controller,
): ExpandedWorkload {
  return {
    kind,
    namespace,
    name,
    pods: { replicas: kind === "DaemonSet" ? undefined : (replicas ?? 1), containers },
    ...placement(placedBy),
  };
}

export function expansionOf(...workloads: readonly ExpandedWorkload[]): Expansion {
  return { workloads, claims: [] };
}

/** The usual part of a chart: one Deployment of one container with `replicas`, `resources` and placement in one map. */
export function simpleDeployment(
  namespace: string,
  name: string,
  containerName: string,
  values: Plain,
  { replicasKey = "replicaCount", replicas = 1 }: { replicasKey?: string; replicas?: number } = {},
): ExpandedWorkload {
  return workload("Deployment", {
    namespace,
    name,
    replicas: count(values[replicasKey], replicas),
    containers: [container(containerName, at(values, "resources"))],
    placedBy: values,
  });
}
