import { BadInput } from "@groundwork/lib/errors";
import { formatMemory, parseMemory } from "@groundwork/lib/quantity";
import type { Memory } from "@groundwork/lib/quantity";
import { IMAGES } from "../images.ts";
import { BARMAN_PLUGIN } from "./cloudnative-pg-kinds.ts";
import type { ClusterSpec, PoolerResourceSpec, Spread, Tolerated } from "./cloudnative-pg-kinds.ts";
import { settingsOf } from "./settings.ts";
import type { PoolerSpec, PostgresSpec } from "./spec.ts";

/** Where the pods may run; default anywhere. */
export interface NodeChoice {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Tolerated[];
}

/** A cluster's place among those of other regions that hold the same data. */
export interface Topology {
  /** This cluster's region. */
  readonly self: string;
  /** The region that is written to. */
  readonly primary: string;
  /** All of them. */
  readonly members: readonly string[];
  /** See {@link ClusterSpec.replica}; of one planned promotion only. */
  readonly promotionToken?: string;
}

export interface ClusterShape {
  readonly system: string;
  /** The cluster's name in every region. */
  readonly name: string;
  readonly spec: PostgresSpec;
  readonly storageClass?: string;
  readonly nodes?: NodeChoice;
  readonly topology?: Topology;
  /** Whether WAL and base backups go to object storage. */
  readonly backups: boolean;
  /** Name of the secret with the owner's password. */
  readonly secret: string;
}

export const ZONE_KEY = "topology.kubernetes.io/zone";
const HOST_KEY = "kubernetes.io/hostname";
const DEFAULT_STORAGE: Memory = "10Gi";
/** A tenth of the data, but room for the default `max_wal_size` of 1 GB and as much again while archiving lags. */
const WAL_SHARE = 10;
const LEAST_WAL = 4 * 2 ** 30;
/**
 * Seconds after which a WAL file is archived though it is not full: what a region that follows by the archive is behind
 * at most, beside the copying. The operator's default is 5 minutes. https://cloudnative-pg.io/docs/1.30/wal_archiving
 */
export const ARCHIVE_SECONDS = 60;
/** Long enough to stop and archive, short enough that clients notice little; the operator's own default is an hour. */
const SWITCHOVER_SECONDS = 120;

/** Parameters that the operator sets itself; its webhook refuses a cluster that has one. https://cloudnative-pg.io/docs/1.30/postgresql_conf#fixed-parameters */
const FIXED = [
  "archive_command",
  "archive_mode",
  "cluster_name",
  "data_directory",
  "hba_file",
  "hot_standby",
  "listen_addresses",
  "log_destination",
  "port",
  "primary_conninfo",
  "primary_slot_name",
  "restore_command",
  "ssl",
  "ssl_cert_file",
  "ssl_key_file",
  "synchronous_standby_names",
  "unix_socket_directories",
];

export function checkCluster({ name, spec, topology }: ClusterShape): void {
  const fixed = Object.keys(spec.parameters ?? {}).find((key) => FIXED.includes(key));
  if (fixed !== undefined)
    throw new BadInput(`${name}: parameters.${fixed} is set by the operator; remove it from the parameters.`);
  if (spec.synchronous === true && (spec.replicas ?? 0) === 0)
    throw new BadInput(`${name}: synchronous is true with 0 replicas; write 1 or more replicas.`);
  if (topology === undefined) return;
  for (const key of ["self", "primary"] as const)
    if (!topology.members.includes(topology[key]))
      throw new BadInput(
        `${name}: topology.${key} is ${topology[key]}; write one of its members (${topology.members.join(", ")}).`,
      );
}

/** One server and its replicas, over the zones. */
export function clusterSpec(shape: ClusterShape): ClusterSpec {
  const { name, system, spec, nodes = {}, storageClass } = shape;
  const storage = parseMemory(spec.storage ?? DEFAULT_STORAGE, `${name}: storage`);
  const volume = (bytes: number) => ({ size: formatMemory(bytes), ...(storageClass && { storageClass }) });
  return {
    instances: 1 + (spec.replicas ?? 0),
    imageName: IMAGES.cloudNativePostgres,
    primaryUpdateStrategy: "unsupervised",
    primaryUpdateMethod: (spec.replicas ?? 0) > 0 ? "switchover" : "restart",
    switchoverDelay: SWITCHOVER_SECONDS,
    enablePDB: true,
    enableSuperuserAccess: false,
    postgresql: {
      parameters: {
        ...settingsOf(spec),
        ...(shape.backups && { archive_timeout: `${ARCHIVE_SECONDS}s` }),
        ...spec.parameters,
      },
      ...(spec.synchronous === true && { synchronous: synchronousWith(spec.replicas ?? 0) }),
    },
    ...origin(shape),
    ...(shape.backups && {
      plugins: [{ name: BARMAN_PLUGIN, isWALArchiver: true, parameters: archiveOf(shape, shape.topology?.self) }],
    }),
    storage: { ...volume(storage), resizeInUseVolumes: true },
    walStorage: volume(Math.max(LEAST_WAL, Math.ceil(storage / WAL_SHARE))),
    // Requests equal to limits: the last that a node in need of memory kills. https://cloudnative-pg.io/docs/1.30/resource_management
    resources: { requests: spec.size, limits: spec.size },
    affinity: {
      enablePodAntiAffinity: true,
      // preferred: required would leave a replica pending for good on a small cluster
      podAntiAffinityType: "preferred",
      topologyKey: HOST_KEY,
      ...nodes,
    },
    topologySpreadConstraints: [overZones({ "cnpg.io/cluster": name })],
    inheritedMetadata: { labels: { "app.kubernetes.io/part-of": system } },
  };
}

/**
 * As many standbys must have a commit that any primary can be lost together with a minority of the standbys: a replica is
 * promoted where those that answer and those that had to confirm are together more than all standbys.
 * https://cloudnative-pg.io/docs/1.30/failover#failover-quorum
 */
function synchronousWith(replicas: number): NonNullable<ClusterSpec["postgresql"]["synchronous"]> {
  return { method: "any", number: Math.ceil(replicas / 2), dataDurability: "required", failoverQuorum: true };
}

/**
 * How it came by its data and whom it follows. The first is read only when there are no data yet: a cluster that is made
 * anew, or added, starts as a copy of whoever leads.
 */
function origin(shape: ClusterShape): Pick<ClusterSpec, "bootstrap" | "externalClusters" | "replica"> {
  const { spec, topology, secret } = shape;
  const owner = { database: spec.database, owner: spec.database, secret: { name: secret } };
  const made = { bootstrap: { initdb: { ...owner, dataChecksums: true } } };
  if (topology === undefined) return made;
  const { self, primary, members, promotionToken } = topology;
  return {
    ...(self === primary ? made : { bootstrap: { recovery: { source: primary, ...owner } } }),
    externalClusters: members.map((member) => ({
      name: member,
      plugin: { name: BARMAN_PLUGIN, parameters: archiveOf(shape, member) },
    })),
    replica: {
      self,
      primary,
      source: primary === self ? (members.find((member) => member !== self) ?? self) : primary,
      ...(promotionToken !== undefined && primary === self && { promotionToken }),
    },
  };
}

/** The archive of one region's cluster: a folder of its own, so that two never write over each other. */
function archiveOf({ name }: ClusterShape, region: string | undefined): Record<string, string> {
  return {
    barmanObjectName: objectStoreName(name, region),
    serverName: region === undefined ? name : `${name}-${region}`,
  };
}

export function objectStoreName(name: string, region: string | undefined): string {
  return region === undefined ? `${name}-archive` : `${name}-archive-${region}`;
}

/** Two of each, so that a node can go without a client losing its pool for longer than it takes to connect again. */
export const POOLER_INSTANCES = 2;
/** PgBouncer uses one core. https://www.pgbouncer.org/faq.html */
const POOLER_SIZE = { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: 1, memory: "128Mi" } } as const;

/** PgBouncer in front of the writer or of the replicas; the server connections are shared out among its instances. */
export function poolerSpec(
  { name, system, nodes = {} }: ClusterShape,
  type: "rw" | "ro",
  { mode, poolSize, maxClients }: PoolerSpec,
): PoolerResourceSpec {
  return {
    cluster: { name },
    instances: POOLER_INSTANCES,
    type,
    pgbouncer: {
      poolMode: mode,
      parameters: {
        default_pool_size: String(Math.max(1, Math.floor(poolSize / POOLER_INSTANCES))),
        // each instance alone: all clients come to one while the other is away
        max_client_conn: String(maxClients),
        // after a failover the next attempt must not wait for the default of 15 s
        server_login_retry: "1",
        ignore_startup_parameters: "extra_float_digits",
      },
    },
    template: {
      metadata: { labels: { "app.kubernetes.io/part-of": system } },
      spec: {
        containers: [{ name: "pgbouncer", resources: POOLER_SIZE }],
        topologySpreadConstraints: [overZones({ "cnpg.io/poolerName": poolerName(name, type) })],
        ...nodes,
      },
    },
  };
}

export function poolerName(name: string, type: "rw" | "ro"): string {
  return `${name}-pooler-${type}`;
}

/** ScheduleAnyway: a lost zone must not keep replicas from starting in the others. */
function overZones(labels: Readonly<Record<string, string>>): Spread {
  return {
    maxSkew: 1,
    topologyKey: ZONE_KEY,
    whenUnsatisfiable: "ScheduleAnyway",
    labelSelector: { matchLabels: labels },
  };
}
