import type { Input } from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import type { Memory, Size } from "@groundwork/lib/quantity";
import { parseMemory } from "@groundwork/lib/quantity";
import { IMAGES } from "../images.ts";
import type { MongoPods, PerconaServerMongoDBSpec, ReplicaSet, Resources, Tolerated } from "./percona-kinds.ts";
import { cacheSize } from "./settings.ts";
import type { MongodbSpec } from "./spec.ts";

export interface MongoShape {
  /** Name of the custom resource. */
  readonly name: string;
  readonly spec: MongodbSpec;
  /** Default 3. */
  readonly shards?: number;
  /** Of each server that holds data; default `20Gi`. */
  readonly storage?: Memory;
  readonly storageClass?: string;
  readonly placement?: {
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly tolerations?: readonly Tolerated[];
  };
  readonly serviceAccount: string;
  readonly secrets: { readonly system: string; readonly application: string };
  /** Whether an exporter runs beside each server. */
  readonly monitored: boolean;
  readonly backups?: MongoBackups;
}

export interface MongoBackups {
  readonly bucket: Input<string>;
  /** AWS's name of the bucket's region. */
  readonly region: string;
  /** Folder in the bucket. */
  readonly prefix: string;
  /** Daily backups that are kept; default 14, as Aurora's here. */
  readonly keep?: number;
  /** Cron; default daily at 03:00 UTC. */
  readonly schedule?: string;
}

/** Of the operator that the add-on percona-mongodb-operator installs. */
const CR_VERSION = "1.22.0";
/** A majority remains when one is lost; the operator calls fewer unsafe. */
const MEMBERS = 3;
const SHARDS = 3;
const KEEP = 14;
const DAILY = "0 3 * * *";
/** Minutes of oplog that a loss of the region costs, beside the copying. The operator's default is 10. */
export const OPLOG_MINUTES = 1;
export const BACKUP_STORAGE = "main";
export const EXPORTER_PORT = 9216;

/** Config servers hold the map of the chunks, routers hold none. https://www.mongodb.com/docs/manual/core/sharded-cluster-config-servers/ */
const CONFIG_SIZE: Size = { cpu: "500m", memory: "1Gi" };
const CONFIG_STORAGE: Memory = "5Gi";
const ROUTER_SIZE: Size = { cpu: 1, memory: "1Gi" };
const AGENT: Resources = { requests: { cpu: "100m", memory: "512Mi" }, limits: { cpu: 1, memory: "512Mi" } };
const EXPORTER: Resources = { requests: { cpu: "25m", memory: "128Mi" }, limits: { cpu: "250m", memory: "128Mi" } };

/** `mongodb` in Percona's images. https://github.com/percona/percona-docker/blob/main/percona-server-mongodb-8.0/Dockerfile */
const USER = 1001;
const CONTAINER = {
  allowPrivilegeEscalation: false,
  runAsNonRoot: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};
const POD = {
  runAsNonRoot: true,
  runAsUser: USER,
  runAsGroup: USER,
  fsGroup: USER,
  seccompProfile: { type: "RuntimeDefault" },
};

export function checkMongo({ name, shards = SHARDS, spec, storage = "20Gi", backups }: MongoShape): void {
  // refuses too little memory
  cacheSize(spec);
  parseMemory(storage, `${name}: storage`);
  if (!Number.isInteger(shards) || shards < 1)
    throw new BadInput(`${name}: shards is ${shards}; write a whole number of 1 or more.`);
  if (backups?.keep !== undefined && !(Number.isInteger(backups.keep) && backups.keep >= 1))
    throw new BadInput(`${name}: backups.keep is ${backups.keep}; write a whole number of 1 or more.`);
}

/** Shards of three members each, config servers, routers; the balancer moves chunks between the shards. */
export function mongoSpec(shape: MongoShape): PerconaServerMongoDBSpec {
  const { spec, shards = SHARDS, storage = "20Gi", secrets } = shape;
  return {
    crVersion: CR_VERSION,
    image: IMAGES.perconaMongodb,
    initContainerSecurityContext: CONTAINER,
    updateStrategy: "SmartUpdate",
    upgradeOptions: { apply: "disabled", schedule: "0 2 * * *" },
    // between its own servers always; a client may
    tls: { mode: "preferTLS" },
    secrets: { users: secrets.system },
    pmm: { enabled: false },
    replsets: Array.from({ length: shards }, (_, index) => ({
      name: `rs${index}`,
      ...replicaSet(shape, `rs${index}`, spec.size, storage),
    })),
    sharding: {
      enabled: true,
      balancer: { enabled: true },
      configsvrReplSet: replicaSet(shape, "cfg", CONFIG_SIZE, CONFIG_STORAGE),
      mongos: { ...pods(shape, "mongos", ROUTER_SIZE), expose: { type: "ClusterIP" } },
    },
    users: [
      {
        name: spec.database,
        db: spec.database,
        passwordSecretRef: { name: secrets.application, key: "password" },
        roles: [
          { name: "readWrite", db: spec.database },
          { name: "dbAdmin", db: spec.database },
        ],
      },
    ],
    backup: backupOf(shape.backups),
  };
}

function replicaSet(shape: MongoShape, part: string, size: Size, storage: Memory): ReplicaSet {
  const { storageClass, serviceAccount, monitored, secrets } = shape;
  return {
    ...pods(shape, part, size),
    serviceAccountName: serviceAccount,
    volumeSpec: {
      persistentVolumeClaim: {
        ...(storageClass !== undefined && { storageClassName: storageClass }),
        resources: { requests: { storage } },
      },
    },
    ...(monitored && { sidecars: [exporter(secrets.system)] }),
  };
}

function pods({ name, spec, placement = {} }: MongoShape, part: string, size: Size): MongoPods {
  const { maxConnections } = spec;
  return {
    size: MEMBERS,
    resources: { requests: size, limits: size },
    ...(maxConnections !== undefined && { configuration: `net:\n  maxIncomingConnections: ${maxConnections}\n` }),
    // required: two members of a shard on one node would be lost together, and with them the majority
    affinity: { antiAffinityTopologyKey: "kubernetes.io/hostname" },
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "topology.kubernetes.io/zone",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: {
          matchLabels:
            part === "mongos" ? labelsOf(name, "mongos") : { ...labelsOf(name), "app.kubernetes.io/replset": part },
        },
      },
    ],
    podDisruptionBudget: { maxUnavailable: 1 },
    podSecurityContext: POD,
    containerSecurityContext: CONTAINER,
    ...placement,
  };
}

/** As the operator labels its pods. https://github.com/percona/percona-server-mongodb-operator/blob/v1.22.0/pkg/naming/labels.go */
export function labelsOf(name: string, component?: "mongos"): Record<string, string> {
  return {
    "app.kubernetes.io/name": "percona-server-mongodb",
    "app.kubernetes.io/instance": name,
    ...(component !== undefined && { "app.kubernetes.io/component": component }),
  };
}

/**
 * The exporter takes its password from its arguments or its environment only; a reference keeps it out of the object, and
 * its role may read statistics and nothing else. https://github.com/percona/mongodb_exporter/blob/main/REFERENCE.md
 */
function exporter(secret: string): object {
  const from = (key: string) => ({ valueFrom: { secretKeyRef: { name: secret, key } } });
  return {
    name: "exporter",
    image: IMAGES.mongodbExporter,
    args: ["--collector.diagnosticdata", "--collector.replicasetstatus", "--collector.dbstats"],
    env: [
      { name: "MONGODB_URI", value: "mongodb://127.0.0.1:27017/admin?directConnection=true" },
      { name: "MONGODB_USER", ...from("MONGODB_CLUSTER_MONITOR_USER") },
      { name: "MONGODB_PASSWORD", ...from("MONGODB_CLUSTER_MONITOR_PASSWORD") },
    ],
    ports: [{ name: "metrics", containerPort: EXPORTER_PORT }],
    resources: EXPORTER,
    securityContext: { ...CONTAINER, readOnlyRootFilesystem: true },
  };
}

function backupOf(backups: MongoBackups | undefined): PerconaServerMongoDBSpec["backup"] {
  if (backups === undefined) return { enabled: false };
  const { bucket, region, prefix, keep = KEEP, schedule = DAILY } = backups;
  return {
    enabled: true,
    image: IMAGES.perconaBackup,
    resources: AGENT,
    containerSecurityContext: CONTAINER,
    storages: { [BACKUP_STORAGE]: { main: true, type: "s3", s3: { bucket, region, prefix } } },
    pitr: { enabled: true, oplogSpanMin: OPLOG_MINUTES, compressionType: "gzip" },
    tasks: [{ name: "daily", enabled: true, schedule, keep, storageName: BACKUP_STORAGE, compressionType: "gzip" }],
  };
}
