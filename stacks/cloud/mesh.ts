import type * as pulumi from "@pulumi/pulumi";
import { ClusterMesh } from "../../components/cluster/cluster-mesh.ts";
import type { Account } from "../../components/cluster/mesh.ts";
import { SystemMesh } from "../../components/cluster/mesh.ts";
import { HBONE, MeshWaypoint } from "../../components/cluster/mesh-waypoint.ts";
import type { CloudConfig } from "../config/types.ts";
import type { System } from "../systems/system.ts";
import type { Place } from "./place.ts";
import { MONITORING, PROMETHEUS_ACCOUNT, prometheusUrl } from "./platform.ts";
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

/** The system's part of the mesh in one region; `namespace` is its own. */
export function createSystemMesh(where: TierPlace, namespace: pulumi.Resource): void {
  const { config, system, place, platform } = where;
  const traffic = trafficOf(config, system);
  if (!traffic.mesh) return;
  const name = `${place.region.name}-${system.name}`;
  const inCluster = { providers: [place.cluster.kubernetes] };
  const after = [...platform.ready, namespace];
  const waypoint = traffic.waypoint && createWaypoint(`${name}-waypoint`, traffic.waypoint, where, after);
  const gateway = frontOf(traffic);
  const traces = tracesTo(config);
  new SystemMesh(
    `${name}-mesh`,
    {
      namespace: system.name,
      workloads: system.workloads,
      ...(gateway && { gateway }),
      ...(prometheusUrl(platform) !== undefined && { monitoring: PROMETHEUS_ACCOUNT }),
      ...(waypoint && { waypoint: waypoint.account }),
      ...(waypoint && traces?.percent !== undefined && { tracePercent: traces.percent }),
      after: [...after, ...(waypoint ? waypoint.ready : [])],
    },
    inCluster,
  );
}

function createWaypoint(
  name: string,
  namespace: string,
  { config, system, place, platform }: TierPlace,
  after: readonly pulumi.Resource[],
): MeshWaypoint {
  const traces = tracesTo(config);
  const called = new Set(system.workloads.flatMap(({ calls = [] }) => calls));
  return new MeshWaypoint(
    name,
    {
      namespace,
      clients: [system.name],
      routesFrom: [system.name],
      egress: [
        ...[...called].sort().map((workload) => ({
          pods: { namespace: system.name, labels: { "app.kubernetes.io/name": workload } },
          port: HBONE,
        })),
        ...(traces ? [{ pods: { namespace: traces.namespace, labels: traces.labels }, port: traces.port }] : []),
      ],
      ...watchedIn(platform),
      after,
    },
    { providers: [place.cluster.kubernetes] },
  );
}

function watchedIn(platform: Platform): { readonly monitoring?: string } {
  return prometheusUrl(platform) === undefined ? {} : { monitoring: MONITORING };
}
