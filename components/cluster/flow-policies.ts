import * as kubernetes from "@pulumi/kubernetes";
import type { Input, Resource } from "@pulumi/pulumi";

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

/** Traffic that pods of a tier may have, beside DNS; a direction that is left out is not opened. */
export interface TierFlow {
  /** Part of the policy's name. */
  readonly name: string;
  /** Labels of the pods that it holds for. */
  readonly pods: Readonly<Record<string, string>>;
  readonly ingress?: readonly Peers[];
  readonly egress?: readonly Peers[];
}

/** Where the kubelet's probes of a pod in the mesh come from. https://istio.io/latest/docs/ambient/usage/networkpolicy/ */
export const MESH_PROBES = "169.254.7.127/32";
/** HBONE, in which pods of the mesh wrap what they say to each other. https://istio.io/latest/docs/ambient/usage/networkpolicy/ */
export const MESH_PORT = 15008;

export interface FlowPoliciesArgs {
  /** Prefix of logical names. */
  readonly name: string;
  readonly namespace: Input<string>;
  readonly flows: readonly TierFlow[];
  /** Whether the pods are in the mesh: flows between pods open its port too. Default false. */
  readonly mesh?: boolean;
  readonly parent: Resource;
  readonly dependsOn?: readonly Resource[];
}

/** Nothing flows in a namespace that is not named, beside questions to DNS. */
export function createFlowPolicies(args: FlowPoliciesArgs): readonly Resource[] {
  const { name, namespace, flows, mesh = false, parent, dependsOn = [] } = args;
  const policy = (object: string, spec: kubernetes.types.input.networking.v1.NetworkPolicySpec) =>
    new kubernetes.networking.v1.NetworkPolicy(
      `${name}-${object}`,
      { metadata: { name: object, namespace }, spec },
      { parent, dependsOn: [...dependsOn] },
    );
  return [
    policy("default-deny", { podSelector: {}, policyTypes: ["Ingress", "Egress"] }),
    policy("dns", { podSelector: {}, policyTypes: ["Egress"], egress: [DNS] }),
    ...(mesh
      ? [
          policy("mesh-probes", {
            podSelector: {},
            policyTypes: ["Ingress"],
            ingress: [{ from: [{ ipBlock: { cidr: MESH_PROBES } }] }],
          }),
        ]
      : []),
    ...flows.map((flow) => policy(`${flow.name}-flows`, flowSpec(flow, mesh))),
  ];
}

function flowSpec(
  { pods, ingress, egress }: TierFlow,
  mesh: boolean,
): kubernetes.types.input.networking.v1.NetworkPolicySpec {
  return {
    podSelector: { matchLabels: { ...pods } },
    policyTypes: [...(ingress === undefined ? [] : ["Ingress"]), ...(egress === undefined ? [] : ["Egress"])],
    ...(ingress && { ingress: ingress.map((peers) => ({ from: others(peers), ports: ports(peers, mesh) })) }),
    ...(egress && { egress: egress.map((peers) => ({ to: others(peers), ports: ports(peers, mesh) })) }),
  };
}

/** Between pods of the mesh the named port is inside of the mesh's own. */
function ports(peers: Peers, mesh: boolean): { protocol: string; port: number }[] {
  const own = { protocol: "TCP", port: peers.port };
  return mesh && "pods" in peers ? [own, { protocol: "TCP", port: MESH_PORT }] : [own];
}

/** CoreDNS carries the label of its predecessor. https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/ */
const DNS: kubernetes.types.input.networking.v1.NetworkPolicyEgressRule = {
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

type Peer = kubernetes.types.input.networking.v1.NetworkPolicyPeer;

/** The other side as a policy names it. */
function others(peers: Peers): Peer[] {
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
