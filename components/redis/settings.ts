import { BadInput } from "@groundwork/lib/errors";
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
    maxmemory: `${dataMemory(spec)}mb`,
    "maxmemory-policy": spec.eviction ?? "noeviction",
    appendonly: "yes",
    appendfsync: "everysec",
    ...(spec.save === undefined ? {} : { save: savePoints(spec.save) }),
  };
}

/** How long a node of a cluster is out of reach before its replica takes over: well above a fork's pause, well below a person's patience. */
const NODE_TIMEOUT_MS = 5000;

/**
 * What a node of a cluster has on top. Clients on the tier's networks are redirected by name: an address is another one
 * after each restart. https://valkey.io/topics/cluster-tutorial/
 */
export function clusterSettings(host: string): Record<string, string> {
  return {
    "cluster-enabled": "yes",
    "cluster-config-file": "nodes.conf",
    "cluster-node-timeout": String(NODE_TIMEOUT_MS),
    "cluster-announce-hostname": host,
    "cluster-preferred-endpoint-type": "hostname",
  };
}

/** MiB. */
function dataMemory({ maxMemory, size }: RedisSpec): number {
  const whole = toMebibytes(parseMemory(size.memory));
  if (maxMemory === undefined) return Math.floor(whole * SHARE_FOR_DATA);
  const data = toMebibytes(parseMemory(maxMemory, "maxMemory"));
  if (data < whole) return data;
  throw new BadInput(
    `redis: maxMemory is "${maxMemory}" and size.memory "${size.memory}"; write less than size.memory, which buffers and snapshots share.`,
  );
}

function savePoints(save: string): string {
  if (/^\d+ \d+( \d+ \d+)*$/.test(save)) return save;
  throw new BadInput(`redis: save is "${save}"; write pairs of seconds and changes, e.g. "900 1".`);
}

/** As arguments of the server command, in a fixed order. */
export function redisArguments(settings: Readonly<Record<string, string>>): string[] {
  return Object.entries(settings)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => [`--${name}`, value]);
}
