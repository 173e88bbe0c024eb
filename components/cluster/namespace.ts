import * as kubernetes from "@pulumi/kubernetes";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions } from "@pulumi/pulumi";
import type { PlannedWorkload } from "../workload/rollout.ts";
import { WAYPOINT } from "./mesh-names.ts";
import { largestContainer, quotaFor, within } from "./quota.ts";
import type { ContainerSize } from "./quota.ts";

/** Traffic that a workload may have, beside DNS and, in the mesh, the mesh's own. */
export interface Flow {
  /** The workload's name. */
  readonly workload: string;
  /** Ports on which it is reached, and from where. */
  readonly ingress: readonly Peers[];
  /** Where it may connect to, e.g. the database's subnets on 5432 or another workload's pods. */
  readonly egress: readonly Peers[];
}

/** Who is on the other side: addresses, or pods. */
export type Peers = {
  /** TCP port. */
  readonly port: number;
} & ({ readonly cidrs: readonly string[] } | { readonly pods: PodPeers });

export interface PodPeers {
  /** Default: the own namespace. */
  readonly namespace?: string;
  /** What the pods carry; empty: all pods of the namespace. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface SystemNamespaceArgs {
  /** The namespace's name: a DNS label. */
  readonly namespace: string;
  /** Everything that will run in it; quota and limit range follow from them. */
  readonly workloads: readonly PlannedWorkload[];
  readonly flows: readonly Flow[];
  /**
   * Whether the pods are in the Istio mesh (ambient mode): mutual TLS between them, on a port of the mesh's own beside the
   * named ones. Default false.
   */
  readonly mesh?: boolean;
  /** Namespace of the waypoint through which the mesh leads calls to its Services. Default: straight to the pods. */
  readonly waypoint?: string;
}

/**
 * A system's own namespace, in which nothing runs without limits, nothing outgrows what the system was planned for,
 * nothing runs privileged, and no packet flows that is not named. Needs the cluster's Kubernetes provider.
 */
export class SystemNamespace extends ComponentResource {
  readonly namespace: string;

  constructor(name: string, args: SystemNamespaceArgs, opts: ComponentResourceOptions) {
    super("groundwork:cluster:SystemNamespace", name, {}, opts);
    this.namespace = args.namespace;
    const namespace = createNamespace(name, args, this);
    // The name as an output makes every object wait for its namespace.
    const metadata = (object: string) => ({ name: object, namespace: namespace.metadata.name });
    createQuota(name, metadata("quota"), args.workloads, this);
    createLimitRange(name, metadata("limits"), args.workloads, this);
    createPolicies(name, metadata, args, this);
    this.registerOutputs({ namespace: namespace.metadata.name });
  }
}

type Metadata = kubernetes.types.input.meta.v1.ObjectMeta;

function createNamespace(
  name: string,
  { namespace, mesh = false, waypoint }: SystemNamespaceArgs,
  parent: ComponentResource,
): kubernetes.core.v1.Namespace {
  return new kubernetes.core.v1.Namespace(
    `${name}-namespace`,
    {
      metadata: {
        name: namespace,
        // https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
        labels: {
          "pod-security.kubernetes.io/enforce": "restricted",
          "pod-security.kubernetes.io/audit": "restricted",
          "pod-security.kubernetes.io/warn": "restricted",
          ...(mesh && { "istio.io/dataplane-mode": "ambient" }),
          // https://istio.io/latest/docs/ambient/usage/waypoint/#cross-namespace-waypoint-use
          ...(waypoint !== undefined && {
            "istio.io/use-waypoint": WAYPOINT,
            "istio.io/use-waypoint-namespace": waypoint,
          }),
        },
      },
    },
    { parent },
  );
}

function createQuota(
  name: string,
  metadata: Metadata,
  workloads: readonly PlannedWorkload[],
  parent: ComponentResource,
): void {
  new kubernetes.core.v1.ResourceQuota(`${name}-quota`, { metadata, spec: { hard: quotaFor(workloads) } }, { parent });
}

/** What a container gets that says nothing: a debug container, an injected sidecar. */
const DEFAULT_REQUEST: ContainerSize = { cpu: "100m", memory: "128Mi" };
const DEFAULT_LIMIT: ContainerSize = { cpu: "250m", memory: "256Mi" };

function createLimitRange(
  name: string,
  metadata: Metadata,
  workloads: readonly PlannedWorkload[],
  parent: ComponentResource,
): void {
  const max = largestContainer(workloads);
  new kubernetes.core.v1.LimitRange(
    `${name}-limits`,
    {
      metadata,
      spec: {
        limits: [
          { type: "Container", defaultRequest: within(DEFAULT_REQUEST, max), default: within(DEFAULT_LIMIT, max), max },
        ],
      },
    },
    { parent },
  );
}

function createPolicies(
  name: string,
  metadata: (object: string) => Metadata,
  { flows, mesh = false }: SystemNamespaceArgs,
  parent: ComponentResource,
): void {
  const policy = (object: string, spec: kubernetes.types.input.networking.v1.NetworkPolicySpec) =>
    new kubernetes.networking.v1.NetworkPolicy(`${name}-${object}`, { metadata: metadata(object), spec }, { parent });
  policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  policy("dns", { podSelector: {}, policyTypes: ["Egress"], egress: [DNS] });
  if (mesh) policy("mesh-probes", { podSelector: {}, policyTypes: ["Ingress"], ingress: [MESH_PROBES] });
  for (const { workload, ingress, egress } of flows) {
    if (ingress.length + egress.length === 0) continue;
    policy(`${workload}-flows`, {
      podSelector: { matchLabels: { "app.kubernetes.io/name": workload } },
      policyTypes: [...(ingress.length > 0 ? ["Ingress"] : []), ...(egress.length > 0 ? ["Egress"] : [])],
      ...(ingress.length > 0 && {
        ingress: ingress.map((peers) => ({ from: others(peers), ports: ports(peers, mesh) })),
      }),
      ...(egress.length > 0 && { egress: egress.map((peers) => ({ to: others(peers), ports: ports(peers, mesh) })) }),
    });
  }
}

/** CoreDNS carries the label of its predecessor. https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/ */
export const DNS: kubernetes.types.input.networking.v1.NetworkPolicyEgressRule = {
  to: [
    {
      namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } },
      podSelector: { matchLabels: { "k8s-app": "kube-dns" } },
    },
  ],
  ports: [
    { protocol: "UDP", port: 53 },
    { protocol: "TCP", port: 53 },
  ],
};

/** In the mesh the kubelet's probes come from this address. https://istio.io/latest/docs/ambient/usage/networkpolicy/ */
const MESH_PROBES: kubernetes.types.input.networking.v1.NetworkPolicyIngressRule = {
  from: [{ ipBlock: { cidr: "169.254.7.127/32" } }],
};

/** HBONE, in which ambient mode wraps what pods say to each other. https://istio.io/latest/docs/ambient/usage/networkpolicy/ */
const MESH_PORT = 15008;

type Peer = kubernetes.types.input.networking.v1.NetworkPolicyPeer;

/** The other side as a policy names it. */
export function others(peers: Peers): Peer[] {
  if ("cidrs" in peers) return peers.cidrs.map((cidr) => ({ ipBlock: { cidr } }));
  const { namespace, labels } = peers.pods;
  return [
    {
      ...(namespace !== undefined && {
        namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
      }),
      podSelector: Object.keys(labels).length === 0 ? {} : { matchLabels: { ...labels } },
    },
  ];
}

/** Between pods of the mesh the named port is inside of the mesh's own. */
function ports(peers: Peers, mesh: boolean): { protocol: string; port: number }[] {
  const own = { protocol: "TCP", port: peers.port };
  return mesh && "pods" in peers ? [own, { protocol: "TCP", port: MESH_PORT }] : [own];
}
