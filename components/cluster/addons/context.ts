import type { Input } from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";
import type { AddonName } from "./names.ts";
import type { AddonSettings } from "./settings.ts";

/** A toleration as Kubernetes writes it. */
export interface Toleration {
  readonly key?: string;
  readonly operator?: "Exists" | "Equal";
  readonly value?: string;
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** Everything that an add-on may know of the cluster that it goes into. */
export interface AddonContext {
  /** AWS's name of the region, e.g. `us-west-2`. */
  readonly region: string;
  readonly accountId: string;
  /** The EKS cluster's name; its resources at AWS are found by it, so it is plain. */
  readonly clusterName: string;
  readonly vpcId: Input<string>;
  /** IPv4 block of the network, from which the API server asks webhooks, and in which nodes and pods are. */
  readonly networkCidr: string;
  /** ARN of the region's own KMS key, for volumes and backups. */
  readonly keyArn: Input<string>;
  /** The zone's name, e.g. `example.com`. */
  readonly domain: string;
  /** Pods of each controller that can have several; 2 survive the loss of a node. */
  readonly replicas: number;
  /** Everything that will run in this cluster, this add-on included. */
  readonly installed: ReadonlySet<AddonName>;
  /** Where controllers run, e.g. on the system nodes. */
  readonly placement: Placement;
  /** What single add-ons need to be told: tokens, buckets, rules. */
  readonly settings: AddonSettings;
}

export interface Placement {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly Toleration[];
}

/** Kubernetes' `resources` of a container. */
export interface Resources {
  readonly requests: Size;
  readonly limits: Size;
}

/**
 * Requests with limits: memory is limited to what is requested or to `memoryLimit`, as the node has no more to give;
 * CPU may burst to `cpuLimit`, by default four times the request.
 */
export function resources(
  cpu: `${number}m`,
  memory: Size["memory"],
  limits: { readonly cpu?: Size["cpu"]; readonly memory?: Size["memory"] } = {},
): Resources {
  return {
    requests: { cpu, memory },
    limits: { cpu: limits.cpu ?? `${Number.parseInt(cpu, 10) * 4}m`, memory: limits.memory ?? memory },
  };
}

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
export const RESTRICTED_POD = { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } } as const;
export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
} as const;

/** Whether objects of the Prometheus operator's kinds may be made. */
export function isMonitored({ installed }: AddonContext): boolean {
  return installed.has("kube-prometheus-stack");
}

/**
 * Wherever there is room, the managed nodes too while they refuse everything else (`systemOnly` of nodes.ts): what makes
 * nodes cannot wait for them. Controllers tolerate that from the start, so that the taint finds them ready.
 */
export const ON_SYSTEM_NODES: Placement = {
  nodeSelector: {},
  tolerations: [{ key: "CriticalAddonsOnly", operator: "Exists" }],
};
