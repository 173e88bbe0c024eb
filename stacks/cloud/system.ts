import type * as pulumi from "@pulumi/pulumi";
import { SystemNamespace } from "../../components/cluster/namespace.ts";
import { WorkloadIdentities } from "../../components/cluster/workload-identities.ts";
import { KubernetesWorkload } from "../../components/workload/deployment.ts";
import { workloadSecrets } from "../../components/workload/spec.ts";
import { SYSTEMS } from "../systems/index.ts";
import { workloadsIn } from "../systems/regional.ts";
import { accessConnection } from "../tokens.ts";
import type { TokenSecret } from "../tokens.ts";
import { createMongodb, createRabbitmq } from "./cluster-tiers.ts";
import type { RabbitmqTier } from "./cluster-tiers.ts";
import { flowsOf } from "./flows.ts";
import { createSystemMesh, createSystemWaypoint } from "./mesh.ts";
import { createSystemMonitoring } from "./monitoring.ts";
import { prometheusUrl } from "./platform.ts";
import { serviceOf } from "./routes.ts";
import { secretsOf } from "./secret-drift.ts";
import type { WorkloadSecret } from "./secret-drift.ts";
import type { TierPlace, Tiers } from "./tier.ts";
import { sharedIn, tierOf } from "./tiers.ts";
import type { SharedTiers } from "./tiers.ts";
import { traceConnections } from "./traces.ts";
import { trafficOf } from "./traffic.ts";

/** What a system's regions share, beside its place in each. */
export interface Shared {
  readonly tiers: SharedTiers;
  /** Undefined: none of its workloads asks who calls. */
  readonly tokens: TokenSecret | undefined;
  /** The port of each service on the nodes, by `<system>-<workload>`; empty where requests come by the gateway alone. */
  readonly ports: Readonly<Record<string, number>>;
}

/** What others need of a system in one region. */
export interface DeployedSystem {
  readonly namespace: pulumi.Resource;
  /** Every secret of its workloads, with the Kubernetes Secret that it is in. */
  readonly secrets: readonly WorkloadSecret[];
}

/** Everything of the system that runs in one region. */
export function deploySystem(where: TierPlace, { tiers: shared, tokens, ports }: Shared): DeployedSystem {
  const { config, system, place, platform } = where;
  const name = `${place.region.name}-${system.name}`;
  const workloads = workloadsIn(place.region.role, system, SYSTEMS[system.name] ?? system);
  const { rabbitmq, tiers } = createTiers(where, shared);
  const inCluster = { providers: [place.cluster.kubernetes] };
  const watcher = prometheusUrl(platform);
  const traffic = trafficOf(config, system);
  const waypoint = createSystemWaypoint(where);
  const namespace = new SystemNamespace(
    name,
    {
      namespace: system.name,
      workloads,
      flows: flowsOf(workloads, tiers, traffic, where),
      mesh: traffic.mesh,
      ...(traffic.waypoint !== undefined && { waypoint: traffic.waypoint }),
    },
    { ...inCluster, dependsOn: waypoint ? [...waypoint.ready] : [] },
  );
  createSystemMesh(where, namespace, waypoint);
  createSystemMonitoring(
    where,
    workloads.map(({ spec }) => spec),
    namespace,
  );
  const roles = new WorkloadIdentities(
    name,
    {
      clusterName: place.cluster.clusterName,
      namespace: system.name,
      workloads: workloads.map(({ spec }) => spec),
    },
    { providers: [place.provider] },
  );
  const secrets = workloads.flatMap(({ spec, queue, ...planned }) => {
    const connections = [
      ...spec.needs.map((need) => tierOf(spec, need, tiers).connection),
      // whoever calls is a pod of the network, or its balancer
      accessConnection(spec, tokens, place.cluster.network.cidr),
      ...traceConnections(config, system, spec),
    ];
    const { secretName } = new KubernetesWorkload(
      `${name}-${spec.name}`,
      {
        ...planned,
        ...(queue && rabbitmq && { queue: { ...queue, uri: rabbitmq.uri } }),
        ...(watcher !== undefined && { prometheusUrl: watcher }),
        system: system.name,
        spec,
        namespace: namespace.namespace,
        image: spec.image ?? place.image,
        connections,
        nodePort: ports[serviceOf(system, spec)],
      },
      // Quota, limits and policies stand before the first pod, its role, and the kinds that it is made of.
      { ...inCluster, dependsOn: [namespace, ...platform.ready, ...roles.ready] },
    );
    return secretsOf(system, spec, workloadSecrets(spec, connections), secretName);
  });
  return { namespace, secrets };
}

function createTiers(
  where: TierPlace,
  shared: SharedTiers,
): { readonly rabbitmq: RabbitmqTier | undefined; readonly tiers: Tiers } {
  const rabbitmq = createRabbitmq(where);
  const mongodb = createMongodb(where);
  const tiers = { ...sharedIn(where, shared), ...(rabbitmq && { rabbitmq }), ...(mongodb && { mongodb }) };
  return { rabbitmq, tiers };
}
