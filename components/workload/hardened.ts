import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";
import { parseCpu, parseMemory, toMebibytes } from "@groundwork/lib/quantity";
import { partLabels } from "./labels.ts";
import type { Gpu } from "./spec.ts";
import { SECRETS_FOLDER } from "./spec.ts";

/** A check that Docker runs inside the container; durations in seconds. */
export interface ContainerCheck {
  /** Docker's own form: `["CMD", ...]` or `["CMD-SHELL", "..."]`. */
  readonly test: readonly string[];
  readonly interval: number;
  readonly timeout: number;
  readonly retries: number;
  readonly startPeriod: number;
}

export interface HardenedContainerArgs {
  /** Name in the engine, host name and DNS name on its networks; default the logical name. */
  readonly host?: string;
  /** What it belongs to, as labels for `docker ps --filter label=groundwork.dev/system=...`. */
  readonly system: string;
  readonly part: string;
  /** Image id or reference. */
  readonly image: pulumi.Input<string>;
  /** `uid:gid`, never root. */
  readonly user: string;
  readonly command?: pulumi.Input<string>[];
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** What the kernel enforces. */
  readonly limits: Size;
  /** Weight of its CPU and what memory it keeps when the host runs short; default the limits. */
  readonly requests?: Size;
  readonly networks: readonly docker.Network[];
  /** Other names under which it is found on its networks; its container name always is one. */
  readonly aliases?: readonly string[];
  /** `ip` is the host's address that answers, e.g. {@link LOOPBACK}; default every address. */
  readonly ports?: readonly { readonly internal: number; readonly external: number; readonly ip?: string }[];
  readonly check: ContainerCheck;
  /** Files of {@link SECRETS_FOLDER}, by name; only `user` can read them. */
  readonly files?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Files without secrets that everyone in the container may read, by absolute path. */
  readonly configuration?: Readonly<Record<string, pulumi.Input<string>>>;
  /** Folders of the host that it may look at and not change, by the path where they are mounted. */
  readonly hostFolders?: Readonly<Record<string, string>>;
  /** Named volumes by the path where they are mounted. */
  readonly volumes?: Readonly<Record<string, docker.Volume>>;
  /** The same for volumes that it may read and not change. */
  readonly readOnlyVolumes?: Readonly<Record<string, docker.Volume>>;
  /** Paths that live in memory and that `user` can write. */
  readonly scratch?: readonly string[];
  /** MiB of /dev/shm; default Docker's 64. */
  readonly sharedMemory?: number;
  /** Open files; default the engine's. */
  readonly openFiles?: number;
  /** Seconds between the stop signal and the kill. */
  readonly stopTimeout: number;
  /** NVIDIA GPUs of the host; the provider gives a container all of them or none. Default none. */
  readonly gpu?: Gpu;
  /** Runs a tiny init as process 1 that reaps zombies and forwards signals; default false. */
  readonly init?: boolean;
}

/** One log of a container is at most 3 files of 10 MB, so that a chatty one cannot fill the host's disk. https://docs.docker.com/engine/logging/drivers/json-file/ */
const LOGS = { logDriver: "json-file", logOpts: { "max-size": "10m", "max-file": "3" } };

/** Docker's own unit: 1024 shares are one CPU's worth of weight; 2 is the kernel's least. https://docs.docker.com/engine/containers/resource_constraints/#cpu */
const SHARES_OF_ONE_CPU = 1024;
const LEAST_SHARES = 2;

/** For what people of the host itself use: tiers, pages of the monitoring. */
export const LOOPBACK = "127.0.0.1";

/** How often health is looked at while a container starts; without it the first look comes after a whole interval. Needs Docker Engine 25. https://docs.docker.com/reference/dockerfile/#healthcheck */
const START_INTERVAL = "5s";

/** How much longer than its own checks need a container may take to become healthy. */
const PATIENCE_SECONDS = 60;

/**
 * The one place that decides how a container is confined: non-root, no new privileges, no capabilities, limits without
 * swap, a health check that `up` waits for, restart, bounded logs.
 *
 * The root file system is read-only unless there are files: the provider unpacks uploads at `/` before the start, which
 * Docker refuses on a read-only root even for paths in a volume ("container rootfs is marked read-only"; tried). A process
 * that is not root and has no capabilities can write none of the image's own files either way.
 */
export function hardenedContainer(
  name: string,
  args: HardenedContainerArgs,
  opts: pulumi.CustomResourceOptions,
): docker.Container {
  const files = Object.entries(args.files ?? {});
  const host = args.host ?? name;
  return new docker.Container(
    name,
    {
      name: host,
      hostname: host,
      image: args.image,
      command: args.command,
      envs: environmentList(args.environment),
      labels: Object.entries(partLabels(args.system, args.part)).map(([label, value]) => ({ label, value })),
      ...confinement(args),
      ...(args.gpu !== undefined && { gpus: "all" }),
      ...resources(args),
      ...LOGS,
      healthcheck: healthcheck(args.check),
      wait: true,
      waitTimeout: args.check.startPeriod + args.check.interval * args.check.retries + PATIENCE_SECONDS,
      restart: "unless-stopped",
      stopTimeout: args.stopTimeout,
      destroyGraceSeconds: args.stopTimeout,
      networksAdvanced: args.networks.map((network) => ({ name: network.name, aliases: [...(args.aliases ?? [])] })),
      ports: args.ports?.map((port) => ({ ...port })),
      uploads: [
        ...files.map(([file, content]) => upload(args.user, file, content)),
        ...Object.entries(args.configuration ?? {}).map(([file, content]) => ({ file, content, permissions: "0444" })),
      ],
      volumes: [
        ...mounts(args.volumes ?? {}),
        ...mounts(args.readOnlyVolumes ?? {}).map((mount) => ({ ...mount, readOnly: true })),
        ...hostMounts(args.hostFolders ?? {}),
      ],
    },
    opts,
  );
}

/** Sorted, so that the order in which a program names variables replaces no container. */
function environmentList(environment: Readonly<Record<string, pulumi.Input<string>>>): pulumi.Input<string>[] {
  return Object.entries(environment)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => pulumi.interpolate`${name}=${value}`);
}

function confinement(args: HardenedContainerArgs) {
  return {
    user: args.user,
    init: args.init ?? false,
    readOnly: Object.keys({ ...args.files, ...args.configuration }).length === 0,
    tmpfs: Object.fromEntries((args.scratch ?? []).map((path) => [path, "rw,noexec,nosuid,nodev"])),
    capabilities: { drops: ["ALL"] },
    securityOpts: ["no-new-privileges:true"],
  };
}

function resources({ limits, requests = limits, sharedMemory, openFiles }: HardenedContainerArgs) {
  const memory = toMebibytes(parseMemory(limits.memory));
  return {
    cpus: String(parseCpu(limits.cpu)),
    cpuShares: Math.max(LEAST_SHARES, Math.round(parseCpu(requests.cpu) * SHARES_OF_ONE_CPU)),
    memory,
    // the same as memory means: no swap, so that a leak ends in a restart and not in a slow host
    memorySwap: memory,
    memoryReservation: toMebibytes(parseMemory(requests.memory)),
    shmSize: sharedMemory,
    ulimits: openFiles === undefined ? undefined : [{ name: "nofile", soft: openFiles, hard: openFiles }],
  };
}

function healthcheck(check: ContainerCheck) {
  return {
    tests: [...check.test],
    interval: `${check.interval}s`,
    timeout: `${check.timeout}s`,
    retries: check.retries,
    startPeriod: `${check.startPeriod}s`,
    startInterval: START_INTERVAL,
  };
}

function upload(user: string, file: string, content: pulumi.Input<string>) {
  const [owner, group] = user.split(":");
  return { file: `${SECRETS_FOLDER}/${file}`, content, owner, group, permissions: "0400" };
}

function mounts(volumes: Readonly<Record<string, docker.Volume>>) {
  return Object.entries(volumes).map(([containerPath, volume]) => ({ containerPath, volumeName: volume.name }));
}

function hostMounts(folders: Readonly<Record<string, string>>) {
  return Object.entries(folders).map(([containerPath, hostPath]) => ({ containerPath, hostPath, readOnly: true }));
}
