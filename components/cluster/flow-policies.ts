import * as kubernetes from "@pulumi/kubernetes";
import type { Input, Resource } from "@pulumi/pulumi";
import { DNS, others } from "./namespace.ts";
import type { Peers } from "./namespace.ts";
import type { TierFlow } from "./tier-namespace.ts";

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

/** Nothing flows in a namespace that is not named, beside questions to DNS: for namespaces that an add-on has made. */
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

function ports(peers: Peers, mesh: boolean): { protocol: string; port: number }[] {
  const own = { protocol: "TCP", port: peers.port };
  return mesh && "pods" in peers ? [own, { protocol: "TCP", port: MESH_PORT }] : [own];
}
