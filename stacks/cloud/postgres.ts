import * as pulumi from "@pulumi/pulumi";
import { boundedName } from "@groundwork/lib/names";
import type { PromotionStep } from "@groundwork/lib/promotion";
import type { BackupBucket } from "../../components/cluster/tier-identity.ts";
import { AuroraGlobal } from "../../components/postgres/aurora.ts";
import type { AuroraPlace } from "../../components/postgres/aurora-spec.ts";
import { CloudNativePg } from "../../components/postgres/cloudnative-pg.ts";
import { cloudNativePgPromotion } from "../../components/postgres/cloudnative-pg-promotion.ts";
import { postgresConnection } from "../../components/postgres/spec.ts";
import type { PoolerSpec, PostgresSpec } from "../../components/postgres/spec.ts";
import { password } from "../../components/workload/password.ts";
import { databaseOf } from "../config/cloud-data.ts";
import type { CloudConfig } from "../config/types.ts";
import type { System } from "../systems/system.ts";
import { dataPlace, fromHome, systemTags } from "./data.ts";
import { BACKUP_TAG } from "./tags.ts";
import type { RecoveryStores } from "./data.ts";
import { clusterNameOf } from "./place.ts";
import type { Place } from "./place.ts";
import { commonArgs, inCluster, isolated } from "./tier.ts";
import type { Tier, TierPlace } from "./tier.ts";

/** A system's PostgreSQL over all regions, whatever runs it. */
export interface SharedPostgres {
  /** As one region's workloads meet it. */
  readonly in: (where: TierPlace) => Tier;
  /** How another region comes to be written to. */
  readonly promotionSteps: (to: string) => readonly PromotionStep[];
}

/** What all regions have, before what runs in each of them is made. */
export interface Regions {
  readonly places: readonly [Place, ...Place[]];
  /** SNS topic of alarms, by region. */
  readonly alarms: Readonly<Record<string, pulumi.Input<string>>>;
  /** Undefined where the stack makes no backups. */
  readonly recovery: RecoveryStores | undefined;
}

/** Global database identifiers. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateGlobalCluster.html */
const IDENTIFIER_LIMIT = 63;

/** Undefined when the system needs none. */
export function createPostgres(config: CloudConfig, system: System, regions: Regions): SharedPostgres | undefined {
  const spec = system.tiers.postgres;
  if (spec === undefined) return undefined;
  const create = databaseOf(config.database, system.name).engine === "aurora" ? aurora : cloudNativePg;
  return create(config, system, spec, regions);
}

function aurora(config: CloudConfig, system: System, spec: PostgresSpec, { places, alarms }: Regions): SharedPostgres {
  const database = databaseOf(config.database, system.name);
  const { instanceClass, readers, pooling, monitoringSeconds, insights, iamAuthentication } = database;
  const global = new AuroraGlobal(`${system.name}-postgres`, {
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
  return {
    in: ({ place }) => {
      const postgres = global.regions[place.region.name];
      if (postgres === undefined) throw new Error(`${system.name} has no database in ${place.region.name}`);
      return { connection: postgresConnection(postgres), peers: isolated(place, postgres.writer.port) };
    },
    promotionSteps: (to) => global.promotionSteps(to),
  };
}

/** Connections that are left beside the pool: the operator, replication, metrics, superusers. */
const LEFT_BESIDE_POOL = 30;
/** PostgreSQL's own. https://www.postgresql.org/docs/17/runtime-config-connection.html */
const DEFAULT_CONNECTIONS = 100;
const CLIENTS_OF_A_CONNECTION = 10;

function cloudNativePg(config: CloudConfig, system: System, spec: PostgresSpec, regions: Regions): SharedPostgres {
  const { readers, storage, promotionToken } = databaseOf(config.database, system.name);
  const [{ region: primary }] = regions.places;
  // In an order that does not follow the roles, and one also where it is alone: a region that is added, or promoted,
  // then renames no archive.
  const members = fromHome(config, regions.places).map(({ region }) => region);
  const secret = password(`${system.name}-postgres-owner`, { protect: config.protect });
  return {
    in: (where) => {
      const { region } = where.place;
      // Outside the primary region the one that would take over is one of the readers.
      const replicas = region.role === "primary" ? readers.primary : readers.failover - 1;
      const tier = new CloudNativePg(
        `${region.name}-${system.name}-postgres`,
        {
          ...commonArgs(where),
          spec: { storage, pooler: poolerOf(spec), ...spec, replicas, synchronous: replicas > 0 },
          password: secret,
          ...(regions.recovery && {
            backups: backupsIn(region.name, members, regions.recovery),
            topology: {
              self: region.name,
              primary: primary.name,
              members,
              ...(promotionToken !== undefined && { promotionToken }),
            },
          }),
        },
        inCluster(where),
      );
      return { connection: postgresConnection(tier), peers: tier.peers };
    },
    promotionSteps: (to) => cloudNativePgPromotion({ system: system.name, from: primary.name, to }),
  };
}

function poolerOf({ maxConnections = DEFAULT_CONNECTIONS }: PostgresSpec): PoolerSpec {
  return {
    mode: "transaction",
    poolSize: Math.max(1, maxConnections - LEFT_BESIDE_POOL),
    maxClients: maxConnections * CLIENTS_OF_A_CONNECTION,
  };
}

function backupsIn(self: string, members: readonly string[], { backups, key }: RecoveryStores) {
  const bucketIn = (region: string): BackupBucket => {
    const { bucket: name, arn } = backups.in(region);
    return { name, arn, keyArn: key.arnIn(region), region };
  };
  const others = members.filter((member) => member !== self).map(bucketIn);
  return { clusterName: clusterNameOf(self), bucket: bucketIn(self), others };
}
