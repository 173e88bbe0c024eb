import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import type { WorkloadSource } from "./forms.ts";
import { httpCheck, replicaCount, workloadForm } from "./forms.ts";
import { hardenedContainer } from "./hardened.ts";
import type { WorkloadSpec } from "./spec.ts";

export interface ContainerWorkloadArgs extends WorkloadSource {
  /** Image id or reference that the engine already has. */
  readonly image: pulumi.Input<string>;
  readonly networks: readonly docker.Network[];
  /** What must be healthy before the first replica starts; a component's own `dependsOn` does not reach its children. */
  readonly after?: readonly pulumi.Resource[];
  /** `uid:gid` that the processes run as; default 1000:1000, `node` in Node's own images. */
  readonly user?: string;
  /** How many replicas run, within the spec's range; default its fixed number or its minimum. */
  readonly replicas?: number;
}

const DEFAULT_USER = "1000:1000";

/**
 * How long a replica that is told to stop goes on answering, where the gateway spreads requests over several: nginx may
 * have met the replica before it while that one started, and leaves it out for 10 s (`fail_timeout`) and up to a second,
 * though it is healthy by then. Who stopped sooner would leave nobody who answers; the rest is for a slow machine. The
 * reference service's own default is 5.
 */
export const DRAIN_SECONDS = 15;

/** Time to finish the requests in flight. */
const STOP_SECONDS = 30;

/**
 * A workload as containers of one Docker Engine, one for each replica, all found under the workload's name. Replicas are
 * made and replaced one after the other, each when the one before is healthy: so a change rolls through without a moment
 * where none answers. One Docker Engine has no autoscaler of its own; a workload that scales by load runs its minimum, or
 * `replicas`.
 */
export class ContainerWorkload extends pulumi.ComponentResource {
  readonly containers: readonly docker.Container[];

  constructor(name: string, args: ContainerWorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:workload:ContainerWorkload", name, {}, opts);
    const count = replicaCount(name, args.spec, args.replicas);
    refuseSharedHostPorts(name, args.spec, count);
    this.containers = this.replicas(name, args, count);
    this.registerOutputs({});
  }

  private replicas(name: string, args: ContainerWorkloadArgs, count: number): docker.Container[] {
    const containers: docker.Container[] = [];
    for (let index = 1; index <= count; index++) {
      const previous = containers.at(-1);
      containers.push(
        this.replica(`${name}-${index}`, args, count, [
          ...(args.after ?? []),
          ...(previous === undefined ? [] : [previous]),
        ]),
      );
    }
    return containers;
  }

  private replica(
    name: string,
    args: ContainerWorkloadArgs,
    count: number,
    dependsOn: pulumi.Resource[],
  ): docker.Container {
    const { system, spec, image, networks, user = DEFAULT_USER } = args;
    const form = workloadForm(args);
    return hardenedContainer(
      name,
      {
        system,
        part: form.host,
        image,
        user,
        command: spec.command && [...spec.command],
        environment: {
          ...(spec.exposure !== undefined && count > 1 && { DRAIN_GRACE_SECONDS: String(DRAIN_SECONDS) }),
          ...form.environment,
        },
        limits: spec.resources.limits,
        requests: spec.resources.requests,
        networks,
        aliases: [form.host],
        ports: form.published,
        check: httpCheck(spec.health),
        files: form.secretFiles,
        scratch: ["/tmp"],
        stopTimeout: STOP_SECONDS,
        init: true,
        ...(spec.gpu !== undefined && { gpu: spec.gpu }),
      },
      { parent: this, dependsOn },
    );
  }
}

function refuseSharedHostPorts(name: string, spec: WorkloadSpec, count: number): void {
  const published = spec.ports.find((port) => port.hostPort !== undefined);
  if (published !== undefined && count > 1) {
    throw new BadInput(
      `${name}: port ${published.name} has hostPort ${published.hostPort}, which ${count} replicas cannot share; use exposure, so that the gateway publishes it.`,
    );
  }
}
