import { MESH_PORT } from "../../components/cluster/flow-policies.ts";
import { MONITORING_NAMESPACE } from "../../components/cluster/addons/network.ts";
import type * as pulumi from "@pulumi/pulumi";
import { ClusterMesh } from "../../components/cluster/cluster-mesh.ts";
import type { Account } from "../../components/cluster/mesh.ts";
import { SystemMesh } from "../../components/cluster/mesh.ts";
import { MeshWaypoint } from "../../components/cluster/mesh-waypoint.ts";
import type { CloudConfig } from "../config/types.ts";
import type { System } from "../systems/system.ts";
import type { Place } from "./place.ts";
import { PROMETHEUS_ACCOUNT, prometheusUrl } from "./platform.ts";
import type { Platform } from "./platform.ts";
import type { TierPlace } from "./tier.ts";
import { tracesTo } from "./traces.ts";
import { frontOf, trafficOf } from "./traffic.ts";

/** What the region's mesh has once for all systems. */
export function createClusterMesh(config: CloudConfig, place: Place, platform: Platform): void {
  const systems = config.systems.filter(({ name }) => config.mesh.systems.includes(name));
  if (systems.length === 0) return;
  const waypoints = systems.flatMap((system) => trafficOf(config, system).waypoint ?? []);
  new ClusterMesh(
    `${place.region.name}-mesh`,
    {
      controlPlaneCidrs: [place.cluster.network.cidr],
      hosts: hostsOf(systems),
      waypoints,
      ...watchedIn(platform),
      after: platform.ready,
    },
    { providers: [place.cluster.kubernetes] },
  );
}

/** Each host on the internet that a workload names, with all workloads that do. */
function hostsOf(systems: readonly System[]): Record<string, readonly Account[]> {
  const hosts: Record<string, Account[]> = {};
  for (const { name: namespace, workloads } of systems)
    for (const { name, internetHosts = [] } of workloads)
      for (const host of internetHosts) (hosts[host] ??= []).push({ namespace, name });
  return hosts;
}

/**
 * The proxy through which the system's workloads call each other; undefined: they call nobody, or without one. It stands
 * before the namespace leads calls to it.
 */
export function createSystemWaypoint({ config, system, place, platform }: TierPlace): MeshWaypoint | undefined {
  const { waypoint: namespace } = trafficOf(config, system);
  if (namespace === undefined) return undefined;
  const traces = tracesTo(config);
  const called = new Set(system.workloads.flatMap(({ calls = [] }) => calls));
  return new MeshWaypoint(
    `${place.region.name}-${system.name}-waypoint`,
    {
      namespace,
      clients: [system.name],
      routesFrom: [system.name],
      egress: [
        ...[...called].sort().map((workload) => ({
          pods: { namespace: system.name, labels: { "app.kubernetes.io/name": workload } },
          port: MESH_PORT,
        })),
        ...(traces ? [{ pods: { namespace: traces.namespace, labels: traces.labels }, port: traces.port }] : []),
      ],
      ...watchedIn(platform),
      after: platform.ready,
    },
    { providers: [place.cluster.kubernetes] },
  );
}

/** The system's part of the mesh in one region; `namespace` is its own. */
export function createSystemMesh(
  where: TierPlace,
  namespace: pulumi.Resource,
  waypoint: MeshWaypoint | undefined,
): void {
  const { config, system, place, platform } = where;
  const traffic = trafficOf(config, system);
  if (!traffic.mesh) return;
  const gateway = frontOf(traffic);
  const traces = tracesTo(config);
  new SystemMesh(
    `${place.region.name}-${system.name}-mesh`,
    {
      namespace: system.name,
      workloads: system.workloads,
      ...(gateway && { gateway }),
      ...(prometheusUrl(platform) !== undefined && { monitoring: PROMETHEUS_ACCOUNT }),
      ...(waypoint && { waypoint: waypoint.account }),
      ...(waypoint && traces?.percent !== undefined && { tracePercent: traces.percent }),
      after: [...platform.ready, namespace, ...(waypoint ? waypoint.ready : [])],
    },
    { providers: [place.cluster.kubernetes] },
  );
}

function watchedIn(platform: Platform): { readonly monitoring?: string } {
  return prometheusUrl(platform) === undefined ? {} : { monitoring: MONITORING_NAMESPACE };
}
