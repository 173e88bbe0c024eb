import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { boundedName } from "@groundwork/lib/names";
import type { Peers } from "../../components/cluster/namespace.ts";
import { AuroraGlobal } from "../../components/postgres/aurora.ts";
import type { AuroraPlace } from "../../components/postgres/aurora.ts";
import { postgresConnection } from "../../components/postgres/spec.ts";
import { ElastiCache } from "../../components/redis/elasticache.ts";
import { redisConnection } from "../../components/redis/spec.ts";
import type { Connection, TierName, WorkloadSpec } from "../../components/workload/spec.ts";
import type { CloudConfig } from "../config/types.ts";
import type { System } from "../systems/system.ts";
import type { Place } from "./place.ts";

/** A tier as a workload meets it in one region. */
export interface Tier {
  readonly connection: Connection;
  /** Where it answers: what a workload that needs it may connect to. */
  readonly peers: readonly Peers[];
}
export type Tiers = Readonly<Partial<Record<TierName, Tier>>>;

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

/** The system's tiers in one region. */
export function createTiers(
  name: string,
  config: CloudConfig,
  system: System,
  place: Place,
  database: AuroraGlobal | undefined,
): Tiers {
  const { region, provider, cluster } = place;
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
    ...(postgres && {
      postgres: { connection: postgresConnection(postgres), peers: isolated(place, postgres.writer.port) },
    }),
    ...(cache && {
      redis: { connection: redisConnection(cache.redis), peers: isolated(place, cache.redis.endpoint.port) },
    }),
  };
}

/** AWS's own servers: anywhere in the subnets for data. */
function isolated({ cluster }: Place, port: number): Peers[] {
  return [{ cidrs: cluster.network.subnets.isolated.map(({ cidr }) => cidr), port }];
}

/** The tier that the workload needs, or why there is none. */
export function tierOf(workload: WorkloadSpec, need: TierName, tiers: Tiers): Tier {
  const tier = tiers[need];
  if (tier === undefined) {
    throw new BadInput(
      `${workload.name} needs ${need}, which its system has no cloud form of; remove the need or choose a Docker target.`,
    );
  }
  return tier;
}
