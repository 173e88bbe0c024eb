import * as pulumi from "@pulumi/pulumi";
import { AwsBackup } from "../../components/backup/aws.ts";
import type { AwsBackupPlace } from "../../components/backup/aws-place.ts";
import { GlobalDatastore } from "../../components/redis/elasticache-global.ts";
import type { CachePlace } from "../../components/redis/elasticache-global.ts";
import { ElastiCache } from "../../components/redis/elasticache.ts";
import type { Redis } from "../../components/redis/spec.ts";
import { MultiRegionKey } from "../../components/storage/keys.ts";
import type { StoragePlace } from "../../components/storage/keys.ts";
import { ReplicatedBucket } from "../../components/storage/replicated.ts";
import { cacheOf } from "../config/cloud-data.ts";
import type { CloudConfig } from "../config/types.ts";
import type { System } from "../systems/system.ts";
import type { Place } from "./place.ts";
import { BACKUP_TAG } from "./tags.ts";

/** What the bill and the budgets are split by. */
export const SYSTEM_TAG = "groundwork:system";

export function systemTags({ name }: System): Readonly<Record<string, string>> {
  return { [SYSTEM_TAG]: name };
}

/** A region as the data tiers see it. */
export function dataPlace({ region, provider, cluster }: Place): CachePlace {
  return {
    region: region.name,
    provider,
    vpcId: cluster.network.vpcId,
    subnetIds: cluster.network.subnets.isolated.map(({ id }) => id),
    clientGroupId: cluster.securityGroupId,
    keyArn: cluster.key.arn,
  };
}

/** The home region first, whichever region leads: what was made there stays there. */
export function fromHome(config: CloudConfig, places: readonly Place[]): [StoragePlace, ...StoragePlace[]] {
  return homeFirst(config, places).map(({ region, provider }) => ({ region: region.name, provider })) as [StoragePlace];
}

function homeFirst(config: CloudConfig, places: readonly Place[]): [Place, ...Place[]] {
  const isHome = ({ region }: Place) => region.name === config.homeRegion;
  // The others by name: their order must not follow their roles either.
  const others = places.filter((place) => !isHome(place)).sort((a, b) => (a.region.name < b.region.name ? -1 : 1));
  return [...places.filter(isHome), ...others] as [Place, ...Place[]];
}

/** The system's cache in each region; none when it needs none. */
export function createCaches(
  config: CloudConfig,
  system: System,
  places: readonly Place[],
  alarms: Readonly<Record<string, pulumi.Input<string>>> = {},
): Readonly<Record<string, Redis>> {
  const { redis: spec } = system.tiers;
  if (spec === undefined) return {};
  const { global } = config.cache;
  const args = { spec, ...cacheOf(config.cache, system.name), tags: systemTags(system), protect: config.protect };
  const nameIn = (region: string) => `${region}-${system.name}-redis`;
  const placeOf = (place: Place): CachePlace => ({ ...dataPlace(place), alarmTopicArn: alarms[place.region.name] });
  if (!global || places.length === 1)
    return Object.fromEntries(
      places.map((place) => [
        place.region.name,
        new ElastiCache(nameIn(place.region.name), { ...args, ...placeOf(place) }, { providers: [place.provider] })
          .redis,
      ]),
    );
  return new GlobalDatastore(`${system.name}-redis`, {
    ...args,
    homeName: nameIn(config.homeRegion),
    places: homeFirst(config, places).map(placeOf) as [CachePlace],
    suffix: `${pulumi.getProject()}-${pulumi.getStack()}-${system.name}`,
  }).regions;
}

/** Where backups go that survive the loss of a region. */
export interface RecoveryStores {
  /** For what writes its backups to S3 itself: Velero, the operators of databases. */
  readonly backups: ReplicatedBucket;
  /** ARN of the key that they are encrypted with, by region. */
  readonly key: MultiRegionKey;
}

export function createRecovery(config: CloudConfig, places: readonly Place[]): RecoveryStores | undefined {
  const { enabled, timeControl, ...plan } = config.recovery;
  if (!enabled) return undefined;
  const { protect } = config;
  const all = fromHome(config, places);
  const key = new MultiRegionKey("recovery-key", { description: "Backups and their copies", places: all, protect });
  const backups = new ReplicatedBucket("backups", { places: all, key, timeControl, protect });
  new AwsBackup("recovery", {
    places: all.map((place) => ({ ...place, keyArn: key.arnIn(place.region) })) as unknown as [AwsBackupPlace],
    tag: BACKUP_TAG,
    ...plan,
    protect,
  });
  return { backups, key };
}
