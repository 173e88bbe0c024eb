import { BadInput } from "@groundwork/lib/errors";
import type { Memory } from "@groundwork/lib/quantity";
import { parseMemory, toMebibytes } from "@groundwork/lib/quantity";
import { IMAGES } from "../images.ts";
import type { RabbitmqClusterSpec } from "./operator-kinds.ts";
import type { RabbitmqSpec } from "./spec.ts";

export interface BrokerShape {
  /** Name of the custom resource. */
  readonly name: string;
  readonly spec: RabbitmqSpec;
  /** Nodes, an odd number; default 3. */
  readonly nodes?: number;
  /** Of each node; default `10Gi`. */
  readonly storage?: Memory;
  readonly storageClass?: string;
  readonly placement?: Pick<RabbitmqClusterSpec, "tolerations"> & {
    readonly nodeSelector?: Readonly<Record<string, string>>;
  };
  /** Secret with `tls.crt` and `tls.key`; plain listeners stay, for what defines queues, and network policies keep clients from them. */
  readonly tlsSecret?: string;
  /** Secret with user and password. */
  readonly userSecret: string;
}

const NODES = 3;
/** RabbitMQ's own default share, above which it blocks publishers; absolute, because of what the container may use. https://www.rabbitmq.com/docs/memory */
const HIGH_WATERMARK = 0.6;
/** Long enough to hand over the leaders of some thousand queues; then the node is stopped all the same, and the others elect. */
const GRACE_SECONDS = 600;
/** `rabbitmq` in the official images. https://github.com/docker-library/rabbitmq/blob/master/Dockerfile-ubuntu.template */
const USER = 999;

export function checkBroker({ name, nodes = NODES, spec }: BrokerShape): void {
  if (!Number.isInteger(nodes) || nodes < 1 || nodes % 2 === 0)
    throw new BadInput(`${name}: nodes is ${nodes}; write an odd number such as 3, of which a majority can be told.`);
  if (spec.managementHostPort !== undefined)
    throw new BadInput(`${name}: managementHostPort is for a Docker host; remove it, the page is found on port 15672.`);
}

export function rabbitmqClusterSpec(shape: BrokerShape): RabbitmqClusterSpec {
  const { name, spec, nodes = NODES, storage = "10Gi", storageClass, placement = {}, tlsSecret, userSecret } = shape;
  const { nodeSelector, ...tolerations } = placement;
  parseMemory(storage, `${name}: storage`);
  return {
    replicas: nodes,
    image: IMAGES.rabbitmq,
    resources: { requests: spec.size, limits: spec.size },
    persistence: { storage, ...(storageClass !== undefined && { storageClassName: storageClass }) },
    rabbitmq: { additionalConfig: configuration(spec) },
    secretBackend: { externalSecret: { name: userSecret } },
    ...(tlsSecret !== undefined && { tls: { secretName: tlsSecret, disableNonTLSListeners: false } }),
    ...tolerations,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    override: { statefulSet: { spec: { template: { spec: pod(name, nodeSelector) } } } },
  };
}

/**
 * rabbitmq.conf (https://www.rabbitmq.com/docs/configure). Queues that nobody gives a type are quorum queues: each is on
 * all nodes, and what is confirmed is on a majority of them.
 */
function configuration({ size, vhost }: RabbitmqSpec): string {
  const lines = [
    `default_vhost = ${vhost}`,
    "default_queue_type = quorum",
    `vm_memory_high_watermark.absolute = ${Math.floor(toMebibytes(parseMemory(size.memory)) * HIGH_WATERMARK)}MiB`,
    "disk_free_limit.absolute = 1GiB",
    // the smaller part of a split stops to serve, so that it does not answer with what is old
    "cluster_partition_handling = pause_minority",
    // leaders where the fewest are, not where a queue was declared
    "queue_leader_locator = balanced",
  ];
  return `${lines.join("\n")}\n`;
}

/** What the `restricted` Pod Security standard asks for and the operator leaves open. https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
function pod(name: string, nodeSelector: Readonly<Record<string, string>> | undefined) {
  const securityContext = { allowPrivilegeEscalation: false, runAsNonRoot: true, capabilities: { drop: ["ALL"] } };
  return {
    securityContext: {
      runAsUser: USER,
      runAsGroup: USER,
      fsGroup: USER,
      runAsNonRoot: true,
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...(nodeSelector !== undefined && { nodeSelector }),
    topologySpreadConstraints: ["topology.kubernetes.io/zone", "kubernetes.io/hostname"].map((topologyKey) => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: "ScheduleAnyway",
      labelSelector: { matchLabels: { "app.kubernetes.io/name": name } },
    })),
    containers: [{ name: "rabbitmq", securityContext }],
    initContainers: [{ name: "setup-container", securityContext }],
  };
}
