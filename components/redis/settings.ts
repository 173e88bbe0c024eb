import { parseMemory, toMebibytes } from "@groundwork/lib/quantity";
import type { RedisSpec } from "./spec.ts";

/** The rest is for client buffers and for pages copied while a snapshot is written. https://valkey.io/topics/memory-optimization/ */
const SHARE_FOR_DATA = 0.75;

/**
 * Settings of one server, by the names of valkey.conf (https://github.com/valkey-io/valkey/blob/9.1/valkey.conf). Writes
 * are appended to a log that is synced each second, so that a restart loses at most that.
 */
export function redisSettings(spec: RedisSpec): Record<string, string> {
  return {
    maxclients: String(spec.maxClients ?? 10_000),
    "tcp-keepalive": String(spec.tcpKeepalive ?? 300),
    maxmemory: `${Math.floor(toMebibytes(parseMemory(spec.size.memory)) * SHARE_FOR_DATA)}mb`,
    "maxmemory-policy": spec.eviction ?? "noeviction",
    appendonly: "yes",
    appendfsync: "everysec",
  };
}

/** As arguments of the server command, in a fixed order. */
export function redisArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => [`--${name}`, value]);
}
