import type { Input } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import type { ContainerCheck } from "./hardened.ts";
import { partLabels } from "./labels.ts";
import type { Connection, HealthCheck, Port, WorkloadSpec } from "./spec.ts";
import { workloadEnvironment, workloadSecrets } from "./spec.ts";

/** What a workload belongs to and what it is given, whatever runs it. */
export interface WorkloadSource {
  /** The system that it belongs to. */
  readonly system: string;
  readonly spec: WorkloadSpec;
  /** Of the tiers that the spec `needs`. */
  readonly connections: readonly Connection[];
}

/**
 * What its surroundings see of a workload. Container, Swarm service and Kubernetes Deployment are all made of this, so that
 * a workload meets the same variables, is reached at the same name and ports and is found by the same labels in each.
 */
export interface WorkloadForm {
  /** The name by which the other workloads reach it: an alias on Docker's networks, a Service on Kubernetes. */
  readonly host: string;
  readonly ports: readonly Port[];
  /** The ports that also the Docker host listens on. */
  readonly published: readonly { readonly internal: number; readonly external: number }[];
  readonly labels: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, Input<string>>>;
  /** Contents by the file's name in the folder of secrets. */
  readonly secretFiles: Readonly<Record<string, Input<string>>>;
}

export function workloadForm({ system, spec, connections }: WorkloadSource): WorkloadForm {
  return {
    host: spec.name,
    ports: spec.ports,
    published: spec.ports.flatMap(({ containerPort, hostPort }) =>
      hostPort === undefined ? [] : [{ internal: containerPort, external: hostPort }],
    ),
    labels: partLabels(system, spec.name),
    environment: { SERVICE_SYSTEM: system, SERVICE_NAME: spec.name, ...workloadEnvironment(spec, connections) },
    secretFiles: Object.fromEntries(
      Object.entries(workloadSecrets(spec, connections)).map(([name, value]) => [name.toLowerCase(), value]),
    ),
  };
}

/**
 * How many replicas run: what an autoscaler has decided within the spec's range, or the fixed number, or the minimum of the
 * range. `name` is for the error.
 */
export function replicaCount(name: string, { replicas: declared }: WorkloadSpec, decided?: number): number {
  const { min, max } = typeof declared === "number" ? { min: declared, max: declared } : declared;
  const count = decided ?? min;
  if (Number.isInteger(count) && count >= min && count <= max) return count;
  const range = min === max ? `${min}` : `a whole number from ${min} to ${max}`;
  throw new BadInput(`${name}: replicas is ${count}; write ${range}, as the workload's spec says.`);
}

/**
 * An HTTP check from inside the container, of the process alone: a swarm replaces whoever fails it, and a new replica brings
 * no database back. Tries what is there: images hold wget (Alpine), curl or Node, rarely all of them.
 */
export function httpCheck({ path, port, interval, timeout, retries, startPeriod }: HealthCheck): ContainerCheck {
  const url = `http://127.0.0.1:${port}${path}`;
  const attempts = [
    `wget -q -T ${timeout} -O /dev/null ${url} 2>/dev/null`,
    `curl -fs -m ${timeout} -o /dev/null ${url} 2>/dev/null`,
    `node -e "fetch('${url}').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))" 2>/dev/null`,
  ];
  return { test: ["CMD-SHELL", attempts.join(" || ")], interval, timeout, retries, startPeriod };
}
