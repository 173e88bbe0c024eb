import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { parseCpu, parseMemory } from "@groundwork/lib/quantity";
import { partLabels } from "./labels.ts";
import type { HardenedContainerArgs } from "./hardened.ts";
import type { Gpu, Rollout } from "./spec.ts";
import { swarmConfigs, swarmSecrets } from "./swarm-files.ts";
import { convergenceSeconds, defaultRollout, goDuration, swarmStrategy } from "./swarm-rollout.ts";

type ServiceArgs = docker.ServiceArgs;
type TaskSpec = docker.types.input.ServiceTaskSpec;
type ContainerSpec = docker.types.input.ServiceTaskSpecContainerSpec;
type Resources = docker.types.input.ServiceTaskSpecResources;

/** On which nodes the replicas may run. https://docs.docker.com/engine/swarm/services/#control-service-placement */
export interface SwarmPlacement {
  /** All must hold, e.g. `node.role==worker`, `node.labels.disk==ssd`; label names have no `/`. Default: any node. */
  readonly constraints?: readonly string[];
  /** Node label over whose values replicas are spread evenly, e.g. `node.labels.zone`. Default: over nodes only. */
  readonly spreadOver?: string;
  /** Default: no limit. */
  readonly maxReplicasPerNode?: number;
}

/**
 * As of a container, so that a part can be either; `image` must be one that every node can pull (`RemoteImage.repoDigest`),
 * or on a swarm of one node an image id. A plain tag is no good: Swarm adds the digest that it finds, and the next update
 * would see a difference. `openFiles` cannot be had: see {@link hardenedService}.
 */
export interface HardenedServiceArgs extends HardenedContainerArgs {
  /** Default 1. */
  readonly replicas?: number;
  /** Default: any node; with volumes, the node with the label of {@link DATA_NODE}. */
  readonly placement?: SwarmPlacement;
  /** Default: see {@link defaultRollout}; a replica with volumes, a GPU or a port of its node stops before its successor starts. */
  readonly rollout?: Rollout;
  /** Default: none. */
  readonly gpu?: Gpu;
  /** `ingress`: every node listens and passes on; `host`: only nodes that run a replica, one each. Default `ingress`. */
  readonly publish?: "ingress" | "host";
  /** Whether the image needs to write outside of volumes and scratch; the root file system is read-only by default. */
  readonly writableRoot?: boolean;
}

/**
 * Where volumes are: a local volume is on one node and stays there. `docker node update --label-add groundwork.data=true
 * NODE` once; with several nodes it must be the one whose engine Pulumi talks to, because that is where volumes are made.
 */
export const DATA_NODE = "node.labels.groundwork.data==true";

/**
 * What `node-generic-resources` in a GPU node's daemon.json calls its GPUs. Such a node also needs `"default-runtime":
 * "nvidia"`, because a service cannot name a runtime, and in the runtime's own config.toml `swarm-resource =
 * "DOCKER_RESOURCE_NVIDIA-GPU"`, the variable in which Swarm says which GPU it has given.
 * https://docs.docker.com/reference/cli/dockerd/#node-generic-resources
 */
export const GPU_RESOURCE = "NVIDIA-GPU";

/** As containers have it: 3 files of 10 MB each. */
const LOGS = { name: "json-file", options: { "max-size": "10m", "max-file": "3" } };

const RESTART = { condition: "any", delay: "5s", maxAttempts: 0, window: "0s" };

const NANO = 1e9;

/** Swarm makes a DNS label of it. https://github.com/moby/swarmkit/blob/master/manager/controlapi/common.go, validateAnnotations */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

/** Both settings of the daemon reach services as well (tried). */
const UNSETTABLE =
  "Docker's provider cannot set no-new-privileges, swap, process and open-file limits of Swarm services: write " +
  '"no-new-privileges": true and "default-ulimits" into daemon.json of every node, and give nodes no swap';

/**
 * A hardened container's sibling as a Swarm service: non-root, no capabilities, a read-only root, limits and reservations, a
 * health check that `up` waits for, secrets as Swarm secrets, roll back on failure.
 *
 * Capabilities, user, read-only root and secrets are the service's own. What Engine API 1.44 can set but the provider (5.2,
 * that is kreuzwerker's 4.x) cannot is said in a warning: `no-new-privileges`, seccomp and AppArmor profiles, process
 * and open-file limits, swap (Docker allows as much again as memory where the node has any), the start interval of
 * health checks. With all capabilities dropped from the bounding set a set-uid program gains none of them either way.
 * https://docs.docker.com/reference/api/engine/version/v1.44/#tag/Service/operation/ServiceCreate
 */
export function hardenedService(
  name: string,
  args: HardenedServiceArgs,
  opts: pulumi.CustomResourceOptions,
): docker.Service {
  const host = args.host ?? name;
  if (!NAME.test(host)) {
    throw new BadInput(
      `${name}: host is ${host}; write at most 63 letters, digits and inner hyphens, as Swarm wants it.`,
    );
  }
  warnOnce(UNSETTABLE);
  const { replicas = 1, rollout = defaultRollout(args.check, orderOf(args)) } = args;
  return new docker.Service(
    name,
    {
      name: host,
      labels: labels(args),
      mode: { replicated: { replicas } },
      taskSpec: taskSpec(name, host, args, opts),
      ...endpoint(args),
      updateConfig: swarmStrategy(rollout.update, name, "update"),
      rollbackConfig: swarmStrategy(rollout.rollback, name, "rollback"),
      convergeConfig: { delay: "7s", timeout: goDuration(convergenceSeconds(replicas, args.check, rollout)) },
    },
    opts,
  );
}

/** Two of them cannot hold one volume, one GPU or one port of a node at the same time. */
function orderOf({ volumes = {}, gpu, ports = [], publish }: HardenedServiceArgs): "start-first" | "stop-first" {
  const exclusive = Object.keys(volumes).length > 0 || gpu !== undefined || (publish === "host" && ports.length > 0);
  return exclusive ? "stop-first" : "start-first";
}

function taskSpec(name: string, host: string, args: HardenedServiceArgs, opts: pulumi.CustomResourceOptions): TaskSpec {
  return {
    containerSpec: containerSpec(name, host, args, opts),
    resources: resources(args),
    placement: placement(args),
    networksAdvanceds: args.networks.map((network) => ({ id: network.id, aliases: [...(args.aliases ?? [])] })),
    restartPolicy: RESTART,
    logDriver: LOGS,
  };
}

function containerSpec(
  name: string,
  host: string,
  args: HardenedServiceArgs,
  opts: pulumi.CustomResourceOptions,
): ContainerSpec {
  const { image, command, environment, user, init = false, check, writableRoot = false } = args;
  return {
    image,
    // a service's `command` replaces the image's entry point, its `args` what containers call command
    ...(command === undefined ? {} : { args: command }),
    ...((args.replicas ?? 1) === 1 ? { hostname: host } : {}),
    env: { ...environment },
    labels: labels(args),
    user,
    init,
    readOnly: !writableRoot,
    capDrops: ["ALL"],
    healthcheck: {
      tests: [...check.test],
      interval: goDuration(check.interval),
      timeout: goDuration(check.timeout),
      retries: check.retries,
      startPeriod: goDuration(check.startPeriod),
    },
    secrets: swarmSecrets(name, args.files ?? {}, user, opts),
    configs: swarmConfigs(name, args.configuration ?? {}, opts),
    mounts: mounts(args),
    stopGracePeriod: goDuration(args.stopTimeout),
  };
}

function labels({ system, part }: HardenedServiceArgs) {
  return Object.entries(partLabels(system, part)).map(([label, value]) => ({ label, value }));
}

function resources({ limits, requests = limits, gpu }: HardenedServiceArgs): Resources {
  const amount = ({ cpu, memory }: typeof limits) => ({
    nanoCpus: Math.round(parseCpu(cpu) * NANO),
    memoryBytes: parseMemory(memory),
  });
  const gpus = gpu && { genericResources: { discreteResourcesSpecs: [`${GPU_RESOURCE}=${gpu.count}`] } };
  return { limits: amount(limits), reservation: { ...amount(requests), ...gpus } };
}

function placement({ placement: given = {}, volumes = {} }: HardenedServiceArgs) {
  const fallback = Object.keys(volumes).length > 0 ? [DATA_NODE] : [];
  const { constraints = fallback, spreadOver, maxReplicasPerNode = 0 } = given;
  return {
    constraints: [...constraints],
    prefs: spreadOver === undefined ? [] : [spreadOver],
    maxReplicas: maxReplicasPerNode,
  };
}

/** No `tmpfsOptions`: the provider reads their size with a conversion that fails. Docker's own are noexec, nosuid and nodev. */
function mounts({ volumes = {}, hostFolders = {}, scratch = [], sharedMemory }: HardenedServiceArgs) {
  const memory = [...scratch, ...(sharedMemory === undefined ? [] : ["/dev/shm"])];
  return [
    ...Object.entries(volumes).map(([target, volume]) => ({ type: "volume", source: volume.name, target })),
    ...Object.entries(hostFolders).map(([target, source]) => ({ type: "bind", source, target, readOnly: true })),
    ...memory.map((target) => ({ type: "tmpfs", target })),
  ];
}

function endpoint({ ports = [], publish = "ingress" }: HardenedServiceArgs): Pick<ServiceArgs, "endpointSpec"> {
  if (ports.length === 0) return {};
  return {
    endpointSpec: {
      mode: "vip",
      ports: ports.map(({ internal, external }) => ({
        targetPort: internal,
        publishedPort: external,
        protocol: "tcp",
        publishMode: publish,
      })),
    },
  };
}

const warned = new Set<string>();

/** The same for all services of a program. */
function warnOnce(warning: string): void {
  if (warned.has(warning)) return;
  warned.add(warning);
  void pulumi.log.warn(warning);
}
