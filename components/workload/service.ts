import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { WorkloadSource } from "./forms.ts";
import { httpCheck, replicaCount, workloadForm } from "./forms.ts";
import type { WorkloadSpec } from "./spec.ts";
import type { SwarmPlacement } from "./swarm-service.ts";
import { hardenedService } from "./swarm-service.ts";

export interface SwarmWorkloadArgs extends WorkloadSource {
  /** `RemoteImage.repoDigest` where the swarm has several nodes, the image's id where it has one; see `HardenedServiceArgs`. */
  readonly image: pulumi.Input<string>;
  /** Overlay networks. */
  readonly networks: readonly docker.Network[];
  /** What must be healthy before the first replica starts; a component's own `dependsOn` does not reach its children. */
  readonly after?: readonly pulumi.Resource[];
  /** `uid:gid` that the processes run as; default 1000:1000, `node` in Node's own images. */
  readonly user?: string;
  /** How many replicas run, within the spec's range; default its fixed number or its minimum. */
  readonly replicas?: number;
  /** Default: any node. */
  readonly placement?: SwarmPlacement;
  /** How `hostPort`s are published. Default `ingress`: every node answers for all replicas. */
  readonly publish?: "ingress" | "host";
}

const DEFAULT_USER = "1000:1000";

/** Time to finish the requests in flight. */
const STOP_SECONDS = 30;

/**
 * A workload as a service of a Docker Swarm: found under the workload's name at one virtual address that spreads over its
 * replicas, updated and rolled back as the spec says. Swarm has no autoscaler of its own: `groundwork autoscale` moves
 * `replicas`. It counts GPUs and not their memory: a node that offers its GPUs to Swarm must have enough of it.
 */
export class SwarmWorkload extends pulumi.ComponentResource {
  readonly service: docker.Service;

  constructor(name: string, args: SwarmWorkloadArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:workload:SwarmWorkload", name, {}, opts);
    const replicas = replicaCount(name, args.spec, args.replicas);
    warnOfDeadlock(args.spec, this);
    this.service = this.create(name, args, replicas);
    this.registerOutputs({ service: this.service.name });
  }

  private create(name: string, args: SwarmWorkloadArgs, replicas: number): docker.Service {
    const { system, spec, image, networks, user = DEFAULT_USER, placement, publish, after = [] } = args;
    const form = workloadForm(args);
    return hardenedService(
      `${name}-service`,
      {
        host: name,
        system,
        part: form.host,
        image,
        user,
        ...(spec.command === undefined ? {} : { command: [...spec.command] }),
        environment: form.environment,
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
        replicas,
        ...(placement === undefined ? {} : { placement }),
        ...(publish === undefined ? {} : { publish }),
        ...(spec.rollout === undefined ? {} : { rollout: spec.rollout }),
        ...(spec.gpu === undefined ? {} : { gpu: spec.gpu }),
      },
      { parent: this, dependsOn: [...after] },
    );
  }
}

/** Said and not refused: with a GPU to spare on some node it works. */
function warnOfDeadlock({ name, gpu, rollout }: WorkloadSpec, component: pulumi.Resource): void {
  if (gpu === undefined || rollout?.update.order !== "start-first") return;
  void pulumi.log.warn(
    `${name} asks for ${gpu.count} GPU and rolls start-first: an update waits for a free GPU beside the one in use; write order "stop-first" unless a node has one to spare`,
    component,
  );
}
