import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import { EGRESS_NAMESPACE, MeshEgress } from "./mesh-egress.ts";
import type { MeshEgressArgs } from "./mesh-egress.ts";
import { createMeshNetwork } from "./mesh-network.ts";

export interface ClusterMeshArgs {
  /** From where the API server asks webhooks: the network's own addresses. */
  readonly controlPlaneCidrs: readonly string[];
  /** By DNS name on the internet, who may call it by HTTPS; empty: nobody calls anything out there. */
  readonly hosts: MeshEgressArgs["hosts"];
  /** Namespaces of the systems' waypoints. */
  readonly waypoints: readonly string[];
  /** Namespace of Prometheus; default: nobody asks for metrics. */
  readonly monitoring?: string;
  /** What must stand before: the add-ons of the mesh and the Gateway API's kinds. */
  readonly after: readonly Resource[];
}

/** What a cluster's mesh has once for all systems: its own network policies, and the way out to named hosts. */
export class ClusterMesh extends ComponentResource {
  constructor(name: string, args: ClusterMeshArgs, opts: ComponentResourceOptions) {
    super("groundwork:cluster:ClusterMesh", name, {}, opts);
    const { hosts, waypoints, controlPlaneCidrs, monitoring, after } = args;
    const leaves = Object.keys(hosts).length > 0;
    const watched = monitoring === undefined ? {} : { monitoring };
    createMeshNetwork(
      name,
      { controlPlaneCidrs, waypoints: [...waypoints, ...(leaves ? [EGRESS_NAMESPACE] : [])], ...watched },
      this,
      after,
    );
    if (leaves) new MeshEgress(`${name}-egress`, { hosts, ...watched, after }, { parent: this });
    this.registerOutputs({});
  }
}
