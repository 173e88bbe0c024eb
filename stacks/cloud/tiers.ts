import { BadInput } from "@groundwork/lib/errors";
import { redisConnection } from "../../components/redis/spec.ts";
import type { Redis } from "../../components/redis/spec.ts";
import type { TierName, WorkloadSpec } from "../../components/workload/spec.ts";
import type { CloudConfig } from "../config/types.ts";
import type { System } from "../systems/system.ts";
import { createCaches } from "./data.ts";
import { createPostgres } from "./postgres.ts";
import type { Regions, SharedPostgres } from "./postgres.ts";
import { isolated } from "./tier.ts";
import type { Tier, TierPlace, Tiers } from "./tier.ts";

/** What a system's regions share. */
export interface SharedTiers {
  /** Undefined when the system needs none. */
  readonly database: SharedPostgres | undefined;
  /** The cache as each region's workloads see it, by region; empty when the system needs none. */
  readonly caches: Readonly<Record<string, Redis>>;
}

/** The tiers that span regions, or are made in all of them at once. */
export function createSharedTiers(config: CloudConfig, system: System, regions: Regions): SharedTiers {
  return {
    database: createPostgres(config, system, regions),
    caches: createCaches(config, system, regions.places, regions.alarms),
  };
}

/** The tiers of all regions, as they are met in one. */
export function sharedIn(where: TierPlace, { database, caches }: SharedTiers): Tiers {
  const { place } = where;
  const redis = caches[place.region.name];
  return {
    ...(database && { postgres: database.in(where) }),
    ...(redis && { redis: { connection: redisConnection(redis), peers: isolated(place, redis.endpoint.port) } }),
  };
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
