import type { Resource } from "@pulumi/pulumi";
import { MESH_NAMESPACE, MESH_NODES_NAMESPACE } from "./addons/istio.ts";
import { createFlowPolicies } from "./flow-policies.ts";
import type { Peers, TierFlow } from "./flow-policies.ts";
import { HTTPS } from "./tier-namespace.ts";

/** https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio */
const PORTS = { control: 15_012, webhook: 15_017, metrics: 15_014, nodeMetrics: 15_020 } as const;
const ISTIOD = { app: "istiod" };
const ZTUNNEL = { app: "ztunnel" };
const CNI = { "k8s-app": "istio-cni-node" };

export interface MeshNetwork {
  /** From where the API server asks webhooks: the network's own addresses. */
  readonly controlPlaneCidrs: readonly string[];
  /** Namespaces with waypoints, beside the nodes' own. */
  readonly waypoints: readonly string[];
  /** Namespace of Prometheus; none: nobody asks for metrics. */
  readonly monitoring?: string;
}

/**
 * What may flow in the mesh's own namespaces. A node's proxy opens connections in the pods' own networks, where the pods'
 * policies hold, so that its own namespace needs nothing but the control plane.
 */
export function meshFlows(network: MeshNetwork): Readonly<Record<string, readonly TierFlow[]>> {
  const { controlPlaneCidrs, waypoints, monitoring } = network;
  const metrics = (port: number): Peers[] =>
    monitoring === undefined ? [] : [{ pods: { namespace: monitoring, labels: {} }, port }];
  const nodes = [MESH_NODES_NAMESPACE, ...waypoints];
  return {
    [MESH_NAMESPACE]: [
      {
        name: "istiod",
        pods: ISTIOD,
        ingress: [
          ...nodes.map((namespace) => ({ pods: { namespace, labels: {} }, port: PORTS.control })),
          { cidrs: controlPlaneCidrs, port: PORTS.webhook },
          ...metrics(PORTS.metrics),
        ],
        egress: [HTTPS],
      },
    ],
    [MESH_NODES_NAMESPACE]: [
      {
        name: "ztunnel",
        pods: ZTUNNEL,
        ingress: metrics(PORTS.nodeMetrics),
        egress: [{ pods: { namespace: MESH_NAMESPACE, labels: ISTIOD }, port: PORTS.control }],
      },
      { name: "istio-cni", pods: CNI, ingress: metrics(PORTS.metrics), egress: [HTTPS] },
    ],
  };
}

/** Denies everything else in them; `after` are the add-ons, which make the namespaces. */
export function createMeshNetwork(
  name: string,
  network: MeshNetwork,
  parent: Resource,
  after: readonly Resource[],
): readonly Resource[] {
  return Object.entries(meshFlows(network)).flatMap(([namespace, flows]) =>
    createFlowPolicies({ name: `${name}-${namespace}`, namespace, flows, parent, dependsOn: after }),
  );
}
