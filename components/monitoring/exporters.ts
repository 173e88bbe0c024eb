import type * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";
import { IMAGES } from "../images.ts";
import type { HardenedContainerArgs } from "../workload/hardened.ts";
import { hardenedContainer } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import type { ScrapeTarget } from "./prometheus.ts";

export interface ExporterArgs {
  readonly system: string;
  readonly networks: readonly docker.Network[];
  readonly size: Size;
}

/**
 * How cAdvisor gets at the engine. Whoever may talk to the engine's socket rules the host, and a read-only mount of a socket
 * can be written to all the same: that cannot be hardened. What can be is that it has no capability and sees no file of the
 * host but `/sys`, `/proc` and these.
 *
 * - `classic`: Docker's own image store. Nobody in the group of the socket; the folder that tells the layers of a container
 *   is world-readable once its parents, which are not, are out of the way.
 * - `containerd`: the store of new installations since Engine 29. containerd's socket opens to root only, so cAdvisor is
 *   root here, without a single capability.
 *
 * `docker info -f '{{.DriverStatus}}'` names `io.containerd.snapshotter` in the second case.
 * https://docs.docker.com/engine/storage/containerd/ https://github.com/google/cadvisor/blob/v0.60.5/container/docker/handler.go
 */
export type EngineAccess =
  | {
      readonly imageStore: "classic";
      /** Group id of the socket: `stat -c %g /var/run/docker.sock`. */
      readonly group: number;
    }
  | { readonly imageStore: "containerd" };

export interface ContainerExporterArgs extends ExporterArgs {
  readonly engine: EngineAccess;
}

/** `nobody` in the images of the Prometheus project. https://github.com/prometheus/busybox */
export const NOBODY = "65534:65534";
const ROOT = "0:0";
/** cAdvisor looks for the host's /proc below /rootfs, for each container's network counters. */
const EVERYWHERE = {
  "/rootfs/proc": "/proc",
  "/sys": "/sys",
  "/var/run/docker.sock": "/var/run/docker.sock",
};
const LAYERS = "/var/lib/docker/image/overlay2/layerdb/mounts";
const CONTAINERD = "/run/containerd/containerd.sock";
const STORES: Readonly<Record<EngineAccess["imageStore"], Readonly<Record<string, string>>>> = {
  classic: { [`/rootfs${LAYERS}`]: LAYERS },
  containerd: { [CONTAINERD]: CONTAINERD },
};
const NODE_PORT = 9100;
const CONTAINERS_PORT = 8080;
/** Where node_exporter finds the host. */
const HOST = "/host";

const health = (url: string): HardenedContainerArgs["check"] => ({
  test: ["CMD", "wget", "-q", "-T", "5", "-O", "/dev/null", url],
  interval: 30,
  timeout: 10,
  retries: 3,
  startPeriod: 10,
});

/**
 * Flags of node_exporter. It sees the host's processes, disks and kernel through a read-only mount as nobody, so files that
 * not everyone can read stay closed to it. The network is left out: what it would show is its own container's, and sharing
 * the host's would open its port to the world. https://github.com/prometheus/node_exporter#docker
 */
export function nodeExporterFlags(host: string): string[] {
  const root = host === "/" ? "" : host;
  return [
    `--path.procfs=${root}/proc`,
    `--path.sysfs=${root}/sys`,
    `--path.rootfs=${host}`,
    "--collector.filesystem.mount-points-exclude=^/(dev|proc|run|sys|var/lib/docker/.+)($|/)",
    ...["arp", "conntrack", "netclass", "netdev", "netstat", "sockstat", "softnet", "udp_queues"].map(
      (collector) => `--no-collector.${collector}`,
    ),
  ];
}

/**
 * Flags of cAdvisor: containers only, by the labels that hardenedContainer sets. Sizes of layers need root and are left out;
 * without /dev/kmsg, which needs a capability, it counts no out-of-memory kills: node_exporter and restarts tell of them.
 * https://github.com/google/cadvisor/blob/master/docs/runtime_options.md
 */
export function cadvisorFlags(): string[] {
  return [
    `--port=${CONTAINERS_PORT}`,
    "--docker_only=true",
    "--store_container_labels=false",
    "--whitelisted_container_labels=groundwork.dev/system,groundwork.dev/part",
    "--housekeeping_interval=15s",
    "--disable_metrics=advtcp,cpu_topology,cpuset,disk,hugetlb,memory_numa,percpu,process,referenced_memory,resctrl,sched,tcp,udp",
  ];
}

/** The host, as far as an ordinary user may look at it. */
export function nodeExporter(name: string, args: ExporterArgs, parent: pulumi.Resource): ScrapeTarget {
  container(name, args, parent, {
    part: "node",
    image: IMAGES.nodeExporter,
    user: NOBODY,
    command: nodeExporterFlags(HOST),
    hostFolders: { [HOST]: "/" },
    check: health(`http://127.0.0.1:${NODE_PORT}/`),
  });
  return { part: "node", hosts: [name], port: NODE_PORT };
}

/** Every container of the host; Prometheus keeps those of its own system. */
export function containerExporter(name: string, args: ContainerExporterArgs, parent: pulumi.Resource): ScrapeTarget {
  container(name, args, parent, {
    part: "containers",
    image: IMAGES.cadvisor,
    user: args.engine.imageStore === "classic" ? `65534:${args.engine.group}` : ROOT,
    command: cadvisorFlags(),
    hostFolders: { ...EVERYWHERE, ...STORES[args.engine.imageStore] },
    check: health(`http://127.0.0.1:${CONTAINERS_PORT}/healthz`),
  });
  return { part: "containers", hosts: [name], port: CONTAINERS_PORT, ofContainers: true };
}

type Own = Pick<HardenedContainerArgs, "part" | "user" | "hostFolders" | "check"> & {
  readonly image: string;
  readonly command: readonly string[];
};

function container(name: string, { system, networks, size }: ExporterArgs, parent: pulumi.Resource, own: Own): void {
  const image = engineImage(`${name}-image`, own.image, { parent });
  hardenedContainer(
    `${name}-container`,
    {
      ...own,
      host: name,
      system,
      image: image.imageId,
      command: [...own.command],
      environment: {},
      limits: size,
      networks,
      stopTimeout: 10,
    },
    { parent },
  );
}
