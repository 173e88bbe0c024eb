import { BadInput } from "@groundwork/lib/errors";
import { parseMemory } from "@groundwork/lib/quantity";
import type { MongodbSpec } from "./spec.ts";

export const MONGODB_PORT = 27017;

const GIBIBYTE = 2 ** 30;
/** The least that WiredTiger takes. https://www.mongodb.com/docs/manual/reference/configuration-options/#mongodb-setting-storage.wiredTiger.engineConfig.cacheSizeGB */
const LEAST_CACHE_GB = 0.25;
/** The least cache, and as much again for connections, sorts and the server itself. */
const LEAST_MEMORY = GIBIBYTE / 2;

/** Where a process finds what its configuration names. */
export interface MongodPlaces {
  readonly data: string;
  readonly keyFile: string;
}

export type ClusterRole = "configsvr" | "shardsvr";

/**
 * mongod.conf. YAML is a superset of JSON, so JSON is what MongoDB's YAML reader gets: nothing in it needs quoting rules.
 * https://www.mongodb.com/docs/manual/reference/configuration-options/
 *
 * A key file means authorization is on. Every server is in a replica set, a single one too: transactions and change
 * streams need it. https://www.mongodb.com/docs/manual/core/transactions/
 */
export function mongodConfiguration(
  spec: MongodbSpec,
  replicaSet: string,
  places: MongodPlaces,
  role?: ClusterRole,
): string {
  return json({
    storage: { dbPath: places.data, wiredTiger: { engineConfig: { cacheSizeGB: cacheSize(spec) } } },
    net: network(spec),
    security: { keyFile: places.keyFile, authorization: "enabled" },
    replication: { replSetName: replicaSet },
    ...(role === undefined ? {} : { sharding: { clusterRole: role } }),
  });
}

/** mongos.conf. A router has no data and no authorization of its own: it asks the config servers. */
export function mongosConfiguration(spec: MongodbSpec, configServers: string, keyFile: string): string {
  return json({ net: network(spec), security: { keyFile }, sharding: { configDB: configServers } });
}

/** GB of WiredTiger's cache, by MongoDB's own rule, of the container's memory and not of the host's: half of what is above 1 GiB. */
export function cacheSize({ size }: MongodbSpec): number {
  const memory = parseMemory(size.memory);
  if (memory < LEAST_MEMORY)
    throw new BadInput(
      `mongodb: size.memory is "${size.memory}"; write "512Mi" or more, of which its cache takes half.`,
    );
  return Math.max(LEAST_CACHE_GB, Math.floor(((memory - GIBIBYTE) / 2 / GIBIBYTE) * 100) / 100);
}

function network({ maxConnections }: MongodbSpec) {
  return {
    port: MONGODB_PORT,
    bindIp: "0.0.0.0",
    ...(maxConnections === undefined ? {} : { maxIncomingConnections: maxConnections }),
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
