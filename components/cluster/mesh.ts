import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { createMeshObject } from "./mesh-create.ts";
import { authorizations, circuitBreakers, meshRoutes, strictTls, tracing } from "./mesh-objects.ts";
import type { MeshPlan } from "./mesh-objects.ts";

export type { Account, MeshPlan } from "./mesh-objects.ts";

export interface SystemMeshArgs extends MeshPlan {
  /** Share of what passes the waypoint that is traced, in percent. Default: none; needs the add-on opentelemetry-collector. */
  readonly tracePercent?: number;
  /** What must stand before: the add-ons of the mesh, and the namespace, made with `mesh: true`. */
  readonly after: readonly Resource[];
}

/**
 * A system in the service mesh: mutual TLS and nothing else between its pods, each of which only those may call who are
 * named by their service accounts; with a waypoint also circuit breakers, timeouts, retries and traces of the calls
 * between them. Needs the add-ons istiod, istio-cni and ztunnel, and the cluster's Kubernetes provider.
 */
export class SystemMesh extends ComponentResource {
  constructor(name: string, args: SystemMeshArgs, opts: ComponentResourceOptions) {
    super("groundwork:cluster:SystemMesh", name, {}, opts);
    check(name, args);
    const objects = [strictTls(args.namespace), ...authorizations(args), ...behindWaypoint(args)];
    for (const object of objects) createMeshObject(name, object, this, args.after);
    this.registerOutputs({ namespace: args.namespace });
  }
}

function check(name: string, { workloads, tracePercent = 0, waypoint }: SystemMeshArgs): void {
  const names = workloads.map((workload) => workload.name);
  for (const workload of workloads) {
    const unknown = workload.calls?.find((callee) => !names.includes(callee));
    if (unknown !== undefined)
      throw new BadInput(`${name}: ${workload.name}.calls has ${unknown}; write one of ${names.join(", ")}.`);
  }
  if (tracePercent < 0 || tracePercent > 100)
    throw new BadInput(`${name}: tracePercent is ${tracePercent}; write a share from 0 to 100.`);
  if (tracePercent > 0 && waypoint === undefined)
    throw new BadInput(`${name}: tracePercent is ${tracePercent}; write a waypoint too, since only waypoints trace.`);
}

/** What is looked into at layer 7: a node's proxy would leave it undone without a word. */
function behindWaypoint(args: SystemMeshArgs) {
  if (args.waypoint === undefined) return [];
  const { tracePercent = 0 } = args;
  return [
    ...circuitBreakers(args),
    ...meshRoutes(args),
    ...(tracePercent === 0 ? [] : [tracing(args.namespace, tracePercent)]),
  ];
}
