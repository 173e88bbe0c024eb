import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import type { ContainerCheck } from "./hardened.ts";
import { hardenedContainer } from "./hardened.ts";
import type { Connection, HealthCheck, WorkloadSpec } from "./spec.ts";
import { workloadEnvironment, workloadSecrets } from "./spec.ts";

export interface ContainerWorkloadArgs {
  /** The system that it belongs to, for labels. */
  readonly system: string;
  readonly spec: WorkloadSpec;
  /** Image id or reference that the engine already has. */
  readonly image: pulumi.Input<string>;
  /** Of the tiers that `spec.needs` names. */
  readonly connections: readonly Connection[];
  readonly networks: readonly docker.Network[];
  /** What must be healthy before the first replica starts; a component's own `dependsOn` does not reach its children. */
  readonly after?: readonly pulumi.Resource[];
  /** `uid:gid` that the processes run as; default 1000:1000, `node` in Node's own images. */
  readonly user?: string;
}

const DEFAULT_USER = "1000:1000";

/** Time to finish the requests in flight. */
const STOP_SECONDS = 30;

/**
 * A workload as containers of one Docker Engine, one for each replica, all found under the workload's name. Replicas are
 * made and replaced one after the other, each when the one before is healthy: so a change rolls through without a moment
 * where none answers. One Docker Engine has no autoscaler of its own; a workload that scales by load runs its minimum.
 */
export class ContainerWorkload extends pulumi.ComponentResource {
  readonly containers: readonly docker.Container[];

  constructor(name: string, args: ContainerWorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:workload:ContainerWorkload", name, {}, opts);
    refuseSharedHostPorts(name, args.spec);
    this.containers = this.replicas(name, args);
    this.registerOutputs({});
  }

  private replicas(name: string, args: ContainerWorkloadArgs): docker.Container[] {
    const containers: docker.Container[] = [];
    for (let index = 1; index <= replicaCount(args.spec); index++) {
      const previous = containers.at(-1);
      containers.push(
        this.replica(`${name}-${index}`, args, [...(args.after ?? []), ...(previous === undefined ? [] : [previous])]),
      );
    }
    return containers;
  }

  private replica(
    name: string,
    { system, spec, image, connections, networks, user = DEFAULT_USER }: ContainerWorkloadArgs,
    dependsOn: pulumi.Resource[],
  ): docker.Container {
    const secrets = Object.entries(workloadSecrets(spec, connections));
    return hardenedContainer(
      name,
      {
        system,
        part: spec.name,
        image,
        user,
        command: spec.command && [...spec.command],
        environment: workloadEnvironment(spec, connections),
        limits: spec.resources.limits,
        requests: spec.resources.requests,
        networks,
        aliases: [spec.name],
        ports: spec.ports.flatMap((port) =>
          port.hostPort === undefined ? [] : [{ internal: port.containerPort, external: port.hostPort }],
        ),
        check: httpCheck(spec.health),
        files: Object.fromEntries(secrets.map(([variable, value]) => [variable.toLowerCase(), value])),
        scratch: ["/tmp"],
        stopTimeout: STOP_SECONDS,
        init: true,
      },
      { parent: this, dependsOn },
    );
  }
}

/** Replicas that one Docker Engine runs: a fixed number, or the minimum of a range. */
function replicaCount(spec: WorkloadSpec): number {
  return typeof spec.replicas === "number" ? spec.replicas : spec.replicas.min;
}

/** Tries what is there: images hold wget (Alpine), curl or Node, rarely all of them. */
function httpCheck(health: HealthCheck): ContainerCheck {
  const url = `http://127.0.0.1:${health.port}${health.path}`;
  const attempts = [
    `wget -q -T ${health.timeout} -O /dev/null ${url} 2>/dev/null`,
    `curl -fs -m ${health.timeout} -o /dev/null ${url} 2>/dev/null`,
    `node -e "fetch('${url}').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))" 2>/dev/null`,
  ];
  const { interval, timeout, retries, startPeriod } = health;
  return { test: ["CMD-SHELL", attempts.join(" || ")], interval, timeout, retries, startPeriod };
}

function refuseSharedHostPorts(name: string, spec: WorkloadSpec): void {
  const published = spec.ports.find((port) => port.hostPort !== undefined);
  if (published !== undefined && replicaCount(spec) > 1) {
    throw new BadInput(
      `${name}: port ${published.name} has hostPort ${published.hostPort}, which ${replicaCount(spec)} replicas cannot share; use exposure, so that the gateway publishes it.`,
    );
  }
}
