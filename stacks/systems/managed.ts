import type { Memory } from "@groundwork/lib/quantity";
import type { RegionRole } from "./system.ts";

/** What runs a system's PostgreSQL: AWS, or CloudNativePG in the clusters. */
export type DatabaseEngine = "aurora" | "cloudnative-pg";

/** What can be chosen for each system by itself. */
export interface DatabaseSize {
  readonly engine: DatabaseEngine;
  /** Aurora: instance class of writer and readers, e.g. `db.r8g.large`. */
  readonly instanceClass: string;
  /** Servers by region role: beside the writer in the primary region, all of them in each other one. */
  readonly readers: Readonly<Record<RegionRole, number>>;
  /** In the cluster: of each server; grows in place. */
  readonly storage: Memory;
}

/** What can be chosen for each system by itself. */
export interface CacheSize {
  /** ElastiCache node type, e.g. `cache.r7g.large`. */
  readonly nodeType: string;
  /** Primaries, each with a share of the key space. */
  readonly shards: number;
  readonly replicasPerShard: number;
}

/** What differs from the configuration's own defaults, which are those of a platform for 10,000 users. */
export interface ManagedSizes {
  readonly database?: Partial<DatabaseSize>;
  readonly cache?: Partial<CacheSize>;
}

/** Somebody to take over in each region, and no more. */
const SMALL_DATABASE: Partial<DatabaseSize> = { readers: { primary: 1, failover: 1 } };

/**
 * How large AWS's own tiers of a system are where the configuration does not say, by system. Of a cache node's memory a
 * quarter is kept back; the rest is what the system's Redis asks for.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html
 */
export const MANAGED: Readonly<Record<string, ManagedSizes>> = {
  // 1.37 GiB
  flowx: { database: SMALL_DATABASE, cache: { nodeType: "cache.t4g.small", shards: 1 } },
  // 6.38 GiB
  sophia: { database: SMALL_DATABASE, cache: { nodeType: "cache.m7g.large", shards: 1 } },
  // 3.09 GiB
  tracks: { database: SMALL_DATABASE, cache: { nodeType: "cache.t4g.medium", shards: 1 } },
  // 1.37 GiB
  "web-platform": { database: SMALL_DATABASE, cache: { nodeType: "cache.t4g.small", shards: 1 } },
};
