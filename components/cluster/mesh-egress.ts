import type { IServiceEntry } from "@kubernetes-models/istio/networking.istio.io/v1";
import type { IAuthorizationPolicy } from "@kubernetes-models/istio/security.istio.io/v1";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { createMeshObject } from "./mesh-create.ts";
import { principal } from "./mesh-objects.ts";
import type { Account } from "./mesh-objects.ts";
import { MeshWaypoint, waypointPeers } from "./mesh-waypoint.ts";
import type { Peers } from "./flow-policies.ts";
import { HTTPS } from "./tier-namespace.ts";

/** Where everything leaves the cluster that calls the internet by name. */
export const EGRESS_NAMESPACE = "istio-egress";

export interface MeshEgressArgs {
  /** By DNS name on the internet, who may call it by HTTPS. */
  readonly hosts: Readonly<Record<string, readonly Account[]>>;
  /** Default: nobody asks for metrics. */
  readonly monitoring?: string;
  /** What must stand before: the add-ons of the mesh and the Gateway API's kinds. */
  readonly after: readonly Resource[];
}

/**
 * The way out to named hosts on the internet. NetworkPolicies know addresses and no names (on EKS only Auto Mode has
 * policies by name, https://docs.aws.amazon.com/eks/latest/userguide/auto-net-pol.html), so a workload may reach one
 * waypoint and nothing else out there; the waypoint knows each host and who may call it, and alone reaches the internet
 * on 443. TLS stays the workload's own, end to end. https://istio.io/latest/docs/ambient/usage/egress-gateway/
 */
export class MeshEgress extends ComponentResource {
  constructor(name: string, args: MeshEgressArgs, opts: ComponentResourceOptions) {
    super("groundwork:cluster:MeshEgress", name, {}, opts);
    check(name, args);
    const clients = [
      ...new Set(Object.values(args.hosts).flatMap((accounts) => accounts.map((each) => each.namespace))),
    ];
    const { ready } = new MeshWaypoint(
      `${name}-waypoint`,
      {
        namespace: EGRESS_NAMESPACE,
        clients: clients.sort(),
        egress: [HTTPS],
        ...(args.monitoring !== undefined && { monitoring: args.monitoring }),
        after: args.after,
      },
      { parent: this },
    );
    for (const { policy, entry } of egressObjects(args.hosts)) {
      const guard = createMeshObject(name, policy, this, ready);
      createMeshObject(name, entry, this, [...ready, guard]);
    }
    this.registerOutputs({ hosts: Object.keys(args.hosts) });
  }
}

/** What the namespace of a workload with `internetHosts` must let out, in place of the internet. */
export const EGRESS_PEERS: Peers = waypointPeers(EGRESS_NAMESPACE);

/** A host as the mesh knows it, and who may call it. */
export interface EgressHost {
  readonly policy: IAuthorizationPolicy;
  /** Made after its policy: without one it would be open to all. */
  readonly entry: IServiceEntry;
}

export function egressObjects(hosts: MeshEgressArgs["hosts"]): readonly EgressHost[] {
  return Object.entries(hosts).map(([host, accounts]) => {
    const name = host.replaceAll(".", "-");
    const metadata = { name, namespace: EGRESS_NAMESPACE };
    return {
      policy: {
        apiVersion: "security.istio.io/v1",
        kind: "AuthorizationPolicy",
        metadata,
        spec: {
          targetRefs: [{ group: "networking.istio.io", kind: "ServiceEntry", name }],
          action: "ALLOW",
          rules: [{ from: [{ source: { principals: accounts.map(principal) } }] }],
        },
      },
      entry: {
        apiVersion: "networking.istio.io/v1",
        kind: "ServiceEntry",
        metadata,
        spec: {
          hosts: [host],
          location: "MESH_EXTERNAL",
          resolution: "DNS",
          ports: [{ number: 443, name: "tls", protocol: "TLS" }],
        },
      },
    };
  });
}

const HOST = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)+$/;

function check(name: string, { hosts }: MeshEgressArgs): void {
  for (const [host, accounts] of Object.entries(hosts)) {
    if (!HOST.test(host)) throw new BadInput(`${name}: hosts has ${host}; write a DNS name without a wildcard.`);
    if (accounts.length === 0) throw new BadInput(`${name}: hosts.${host} is []; write who may call it, or no line.`);
  }
}
