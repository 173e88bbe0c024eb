import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { boundedName } from "@groundwork/lib/names";
import type { Peers } from "../../components/cluster/namespace.ts";
import { AuroraGlobal } from "../../components/postgres/aurora.ts";
import type { AuroraPlace } from "../../components/postgres/aurora-spec.ts";
import { postgresConnection } from "../../components/postgres/spec.ts";
import { redisConnection } from "../../components/redis/spec.ts";
import type { Redis } from "../../components/redis/spec.ts";
import type { Connection, TierName, WorkloadSpec } from "../../components/workload/spec.ts";
import type { CloudConfig } from "../config/types.ts";
import type { System } from "../systems/system.ts";
import { BACKUP_TAG, createCaches, dataPlace, systemTags } from "./data.ts";
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

/** What a system's regions share. */
export interface SharedTiers {
  /** Undefined when the system needs none. */
  readonly database: AuroraGlobal | undefined;
  /** The cache as each region's workloads see it, by region; empty when the system needs none. */
  readonly caches: Readonly<Record<string, Redis>>;
}

/** The tiers that span regions, or are made in all of them at once. */
export function createSharedTiers(
  config: CloudConfig,
  system: System,
  places: readonly [Place, ...Place[]],
  alarms: Readonly<Record<string, pulumi.Input<string>>>,
): SharedTiers {
  return { database: createDatabase(config, system, places, alarms), caches: createCaches(config, system, places) };
}

function createDatabase(
  config: CloudConfig,
  system: System,
  places: readonly Place[],
  alarms: Readonly<Record<string, pulumi.Input<string>>>,
): AuroraGlobal | undefined {
  const spec = system.tiers.postgres;
  if (spec === undefined) return undefined;
  const { instanceClass, readers, pooling, monitoringSeconds, insights, iamAuthentication } = config.database;
  return new AuroraGlobal(`${system.name}-postgres`, {
    spec,
    identifier: boundedName(`${pulumi.getProject()}-${pulumi.getStack()}-${system.name}`, IDENTIFIER_LIMIT),
    instanceClass,
    places: places.map((place) => ({
      ...dataPlace(place),
      readers: readers[place.region.role],
      alarmTopicArn: alarms[place.region.name],
    })) as unknown as [AuroraPlace],
    home: config.homeRegion,
    pooling,
    monitoring: { interval: monitoringSeconds, insights },
    iamAuthentication,
    tags: systemTags(system),
    ...(config.recovery.enabled && { backupTags: { [BACKUP_TAG.key]: BACKUP_TAG.value } }),
    protect: config.protect,
  });
}

/** The tiers that AWS runs for all regions, as they are met in one. */
export function sharedIn(place: Place, { database, caches }: SharedTiers): Tiers {
  const postgres = database?.regions[place.region.name];
  const redis = caches[place.region.name];
  return {
    ...(postgres && {
      postgres: { connection: postgresConnection(postgres), peers: isolated(place, postgres.writer.port) },
    }),
    ...(redis && { redis: { connection: redisConnection(redis), peers: isolated(place, redis.endpoint.port) } }),
  };
}

/** AWS's own servers: anywhere in the subnets for data. */
export function isolated({ cluster }: Place, port: number): Peers[] {
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
