import type { Account } from "../../components/cluster/mesh.ts";
import { GATEWAY_NAMESPACE } from "../../components/cluster/addons/envoy-gateway.ts";
import { KONG } from "../../components/cluster/addons/kong.ts";
import type { Peers } from "../../components/cluster/flow-policies.ts";
import { kongPeers } from "../../components/gateway/kong.ts";
import { GATEWAY_NAME, gatewayPeers } from "../../components/gateway/kubernetes.ts";
import type { CloudConfig } from "../config/types.ts";
import type { System } from "../systems/system.ts";
import type { Place } from "./place.ts";

/** How requests come to a system's workloads, and go between them. */
export interface Traffic {
  /** What sends requests to what is exposed; undefined: the balancer, to the nodes' ports. */
  readonly through: "envoy" | "kong" | undefined;
  /** Whether services have a port on the nodes, for all requests or while a stack moves to the gateway. */
  readonly nodePorts: boolean;
  readonly mesh: boolean;
  /** Namespace of the proxy through which workloads call each other; undefined: they do not, or without one. */
  readonly waypoint: string | undefined;
}

export function trafficOf({ gateway, mesh }: CloudConfig, { name, workloads }: System): Traffic {
  const isEnvoy = gateway.kind === "envoy";
  const isInMesh = mesh.systems.includes(name);
  const isCalled = workloads.some(({ calls = [] }) => calls.length > 0);
  return {
    through: isEnvoy ? (gateway.kong.includes(name) ? "kong" : "envoy") : undefined,
    // what comes by a node's port speaks no mutual TLS, which the mesh would turn away
    nodePorts: hasNodePorts(gateway) && !isInMesh,
    mesh: isInMesh,
    waypoint: isInMesh && isCalled ? `${name}-waypoint` : undefined,
  };
}

function hasNodePorts({ kind, nodePortPercent }: CloudConfig["gateway"]): boolean {
  return kind === "nodePorts" || nodePortPercent !== undefined;
}

/** Who the requests from outside come from, as the mesh knows it. */
export function frontOf({ through }: Traffic): Account | undefined {
  if (through === undefined) return undefined;
  return through === "kong" ? { namespace: KONG, name: KONG } : { namespace: GATEWAY_NAMESPACE, name: GATEWAY_NAME };
}

/** The same as policies of the network know it. */
export function frontPeers({ through, nodePorts }: Traffic, { cluster }: Place, port: number): Peers[] {
  return [
    // From the whole VPC: the balancer's requests pass the nodes, whose addresses are among those of the pods.
    ...(nodePorts ? [{ cidrs: [cluster.network.cidr], port }] : []),
    ...(through === "kong" ? [kongPeers(port)] : []),
    ...(through === "envoy" ? [gatewayPeers(port)] : []),
  ];
}
