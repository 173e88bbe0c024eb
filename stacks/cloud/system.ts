import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { boundedName } from "@groundwork/lib/names";
import { SystemNamespace } from "../../components/cluster/namespace.ts";
import type { Flow, Peers } from "../../components/cluster/namespace.ts";
import { AuroraGlobal } from "../../components/postgres/aurora.ts";
import type { AuroraPlace } from "../../components/postgres/aurora.ts";
import { postgresConnection } from "../../components/postgres/spec.ts";
import { ElastiCache } from "../../components/redis/elasticache.ts";
import { redisConnection } from "../../components/redis/spec.ts";
import { KubernetesWorkload } from "../../components/workload/deployment.ts";
import type { Connection, TierName, WorkloadSpec } from "../../components/workload/spec.ts";
import type { CloudConfig } from "../config/types.ts";
import { SYSTEMS } from "../systems/index.ts";
import { workloadsIn } from "../systems/regional.ts";
import type { System } from "../systems/system.ts";
import type { Place } from "./place.ts";
import { serviceOf } from "./routes.ts";

/** A tier as a workload meets it in one region. */
interface Tier {
  readonly connection: Connection;
  readonly port: number;
}
type Tiers = Readonly<Partial<Record<TierName, Tier>>>;

/** Global database identifiers. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateGlobalCluster.html */
const IDENTIFIER_LIMIT = 63;

/** The system's database over all regions; undefined when it needs none. */
export function createDatabase(
  config: CloudConfig,
  system: System,
  places: readonly Place[],
): AuroraGlobal | undefined {
  const spec = system.tiers.postgres;
  if (spec === undefined) return undefined;
  return new AuroraGlobal(`${system.name}-postgres`, {
    spec,
    identifier: boundedName(`${pulumi.getProject()}-${pulumi.getStack()}-${system.name}`, IDENTIFIER_LIMIT),
    instanceClass: config.database.instanceClass,
    places: places.map((place) => databasePlace(config, place)) as [AuroraPlace],
    protect: config.protect,
  });
}

function databasePlace(config: CloudConfig, { region, provider, cluster }: Place): AuroraPlace {
  return {
    region: region.name,
    provider,
    ...dataNetwork(cluster),
    readers: config.database.readers[region.role],
  };
}

function dataNetwork(cluster: Place["cluster"]) {
  return {
    vpcId: cluster.network.vpcId,
    subnetIds: cluster.network.subnets.isolated.map(({ id }) => id),
    clientGroupId: cluster.securityGroupId,
    keyArn: cluster.key.arn,
  };
}

/** Everything of the system that runs in one region. */
export function deploySystem(
  config: CloudConfig,
  system: System,
  place: Place,
  database: AuroraGlobal | undefined,
  ports: Readonly<Record<string, number>>,
): void {
  const name = `${place.region.name}-${system.name}`;
  const workloads = workloadsIn(place.region.role, system, SYSTEMS[system.name] ?? system);
  const tiers = createTiers(name, config, system, place, database);
  const inCluster = { providers: [place.cluster.kubernetes] };
  const namespace = new SystemNamespace(
    name,
    {
      namespace: system.name,
      workloads,
      flows: workloads.map((workload) => flowOf(workload, tiers, place)),
    },
    inCluster,
  );
  for (const spec of workloads) {
    new KubernetesWorkload(
      `${name}-${spec.name}`,
      {
        system: system.name,
        spec,
        namespace: namespace.namespace,
        image: spec.image ?? place.image,
        connections: spec.needs.map((need) => tierOf(spec, need, tiers).connection),
        nodePort: ports[serviceOf(system, spec)],
      },
      // Quota, limits and policies stand before the first pod.
      { ...inCluster, dependsOn: [namespace] },
    );
  }
}

function createTiers(
  name: string,
  config: CloudConfig,
  system: System,
  { region, provider, cluster }: Place,
  database: AuroraGlobal | undefined,
): Tiers {
  const postgres = database?.regions[region.name];
  const { redis: spec } = system.tiers;
  const cache =
    spec &&
    new ElastiCache(
      `${name}-redis`,
      { spec, ...dataNetwork(cluster), ...config.cache, protect: config.protect },
      { providers: [provider] },
    );
  return {
    ...(postgres && { postgres: { connection: postgresConnection(postgres), port: postgres.writer.port } }),
    ...(cache && { redis: { connection: redisConnection(cache.redis), port: cache.redis.endpoint.port } }),
  };
}

function tierOf(workload: WorkloadSpec, need: TierName, tiers: Tiers): Tier {
  const tier = tiers[need];
  if (tier === undefined) {
    throw new BadInput(
      `${workload.name} needs ${need}, which its system has no cloud form of; remove the need or choose a Docker target.`,
    );
  }
  return tier;
}

/** What the workload may talk to, and who to it. */
function flowOf(workload: WorkloadSpec, tiers: Tiers, { cluster }: Place): Flow {
  const isolated = cluster.network.subnets.isolated.map(({ cidr }) => cidr);
  const port = workload.ports[0]?.containerPort;
  // From the whole VPC: the balancer's requests pass the nodes, whose addresses are among those of the pods.
  const ingress: Peers[] =
    workload.exposure === undefined || port === undefined ? [] : [{ cidrs: [cluster.network.cidr], port }];
  return {
    workload: workload.name,
    ingress,
    egress: workload.needs.map((need) => ({ cidrs: isolated, port: tierOf(workload, need, tiers).port })),
  };
}
