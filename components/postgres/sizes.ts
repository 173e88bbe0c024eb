import type { Size } from "@groundwork/lib/quantity";
import { CLUSTER_SIZES, ETCD_MEMBERS } from "./cluster.ts";
import { COMPANION_SIZES } from "./companions.ts";
import type { PostgresSpec } from "./spec.ts";

/** What each container on a Docker Engine may use that a specification asks for: the sum is what the host must have. */
export function postgresContainers(spec: PostgresSpec): Size[] {
  const { roles, exporter, pooler } = COMPANION_SIZES;
  const beside = [exporter, ...(spec.pooler === undefined ? [] : [pooler])];
  const replicas = spec.replicas ?? 0;
  if (replicas === 0) return [spec.size, roles, ...beside];
  const servers = Array.from({ length: replicas + 1 }, () => spec.size);
  const etcd = Array.from({ length: ETCD_MEMBERS }, () => CLUSTER_SIZES.etcd);
  return [...servers, ...etcd, CLUSTER_SIZES.proxy, ...beside];
}
