import type { Resource } from "@pulumi/pulumi";
import type { RedisSource } from "../../components/backup/docker.ts";
import { DockerBackup } from "../../components/backup/docker.ts";
import { DockerRedisCluster } from "../../components/redis/cluster.ts";
import type { DockerConfig } from "../config.ts";
import type { DockerForm, System } from "../systems/system.ts";
import type { NamedNetworks } from "./networks.ts";
import type { SystemTiers } from "./tiers.ts";

/** Scheduled backups of a system's tiers; undefined where nothing is to be backed up. */
export function systemBackups(
  system: System,
  form: DockerForm,
  tiers: SystemTiers,
  networks: NamedNetworks,
  { protect }: DockerConfig,
): DockerBackup | undefined {
  const after = Object.values(tiers as Readonly<Record<string, Resource>>);
  if (form.backup === undefined || after.length === 0) return undefined;
  const { redis, ...others } = tiers;
  const joined = new Set(Object.keys(tiers).flatMap((tier) => form.joins[tier] ?? []));
  return new DockerBackup(`${system.name}-backup`, {
    system: system.name,
    spec: form.backup,
    tiers: { ...others, ...(redis && { redis: redisSource(system, redis) }) },
    networks: networks.named([...joined]),
    monitoredFrom: form.monitoring === undefined ? [] : networks.named(["monitoring"]),
    protect,
    after,
  });
}

function redisSource({ tiers }: System, redis: NonNullable<SystemTiers["redis"]>): RedisSource {
  return {
    redis,
    memory: tiers.redis?.size.memory ?? "256Mi",
    ...(redis instanceof DockerRedisCluster && { nodes: redis.nodes }),
  };
}
