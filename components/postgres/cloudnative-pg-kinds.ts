import type { Input } from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";

/**
 * The fields of CloudNativePG 1.30's kinds that we write; no npm package has them.
 * https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/config/crd/bases/postgresql.cnpg.io_clusters.yaml
 */
export const CNPG_API = "postgresql.cnpg.io/v1";

/** A plug-in of the operator with its parameters. */
export interface Plugin {
  readonly name: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Tolerated {
  readonly key?: string;
  readonly operator?: "Exists" | "Equal";
  readonly value?: string;
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** Pods over zones as Kubernetes writes it. https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/ */
export interface Spread {
  readonly maxSkew: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable: "DoNotSchedule" | "ScheduleAnyway";
  readonly labelSelector: { readonly matchLabels: Readonly<Record<string, string>> };
}

/** https://cloudnative-pg.io/docs/1.30/cloudnative-pg.v1#clusterspec */
export interface ClusterSpec {
  /** The primary and its replicas. */
  readonly instances: number;
  readonly imageName: string;
  /** `unsupervised`: the operator switches over by itself once all replicas are updated. */
  readonly primaryUpdateStrategy: "unsupervised";
  /** `switchover`: an updated replica takes over; `restart`: the primary itself is restarted, where it is alone. */
  readonly primaryUpdateMethod: "switchover" | "restart";
  /** Seconds that the primary has to stop and archive its last WAL before a switchover goes on. */
  readonly switchoverDelay: number;
  /** Disruption budgets for the primary and for the replicas. */
  readonly enablePDB: boolean;
  /** Whether the superuser may log in over the network; the operator's default is false. */
  readonly enableSuperuserAccess: boolean;
  readonly postgresql: {
    readonly parameters: Readonly<Record<string, string>>;
    /** https://cloudnative-pg.io/docs/1.30/replication#synchronous-replication */
    readonly synchronous?: {
      /** `any`: whichever standbys answer first. */
      readonly method: "any";
      /** Standbys that must have a commit. */
      readonly number: number;
      /** `required`: a commit waits as long as there are too few of them. */
      readonly dataDurability: "required" | "preferred";
      /** A replica takes over only when no acknowledged commit can be elsewhere. https://cloudnative-pg.io/docs/1.30/failover#failover-quorum */
      readonly failoverQuorum: boolean;
    };
  };
  /** How the first instance gets its data; without effect afterwards. */
  readonly bootstrap:
    | {
        readonly initdb: {
          readonly database: string;
          readonly owner: string;
          readonly secret: { readonly name: string };
          /** Checksums of pages. */
          readonly dataChecksums: boolean;
        };
      }
    | {
        readonly recovery: {
          /** Name of the external cluster whose backup is restored. */
          readonly source: string;
          readonly database: string;
          readonly owner: string;
          readonly secret: { readonly name: string };
          /** Where to stop; default: the end of the archive. */
          readonly recoveryTarget?: { readonly targetTime: string };
        };
      };
  readonly externalClusters?: readonly { readonly name: string; readonly plugin: Plugin }[];
  /** https://cloudnative-pg.io/docs/1.30/replica_cluster#distributed-topology */
  readonly replica?: {
    /** This cluster's name among the external clusters. */
    readonly self: string;
    /** Which of them is written to. */
    readonly primary: string;
    /** Which of them is followed while this one is not the primary. */
    readonly source: string;
    /** What the demoted primary gave out: a promotion waits until all of its WAL is replayed. */
    readonly promotionToken?: string;
  };
  readonly plugins?: readonly (Plugin & { readonly isWALArchiver: boolean })[];
  readonly storage: { readonly size: string; readonly storageClass?: string; readonly resizeInUseVolumes: boolean };
  /** A volume for the WAL alone, so that a full one does not stop the data's, and both are written at once. */
  readonly walStorage: { readonly size: string; readonly storageClass?: string };
  readonly resources: { readonly requests: Size; readonly limits: Size };
  readonly affinity: {
    readonly enablePodAntiAffinity: boolean;
    readonly podAntiAffinityType: "required" | "preferred";
    readonly topologyKey: string;
    readonly nodeSelector?: Readonly<Record<string, string>>;
    readonly tolerations?: readonly Tolerated[];
  };
  readonly topologySpreadConstraints: readonly Spread[];
  readonly inheritedMetadata: { readonly labels: Readonly<Record<string, string>> };
}

/** https://cloudnative-pg.io/docs/1.30/cloudnative-pg.v1#poolerspec */
export interface PoolerResourceSpec {
  /** Which instances it stands before; cannot change. */
  readonly cluster: { readonly name: string };
  readonly instances: number;
  readonly type: "rw" | "ro" | "r";
  readonly pgbouncer: {
    readonly poolMode: "session" | "transaction";
    /** pgbouncer.ini's own names. */
    readonly parameters: Readonly<Record<string, string>>;
  };
  readonly template: {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: {
      readonly containers: readonly {
        readonly name: "pgbouncer";
        readonly resources: { readonly requests: Size; readonly limits: Size };
      }[];
      readonly topologySpreadConstraints: readonly Spread[];
      readonly nodeSelector?: Readonly<Record<string, string>>;
      readonly tolerations?: readonly Tolerated[];
    };
  };
}

/** https://cloudnative-pg.io/docs/1.30/cloudnative-pg.v1#scheduledbackupspec */
export interface ScheduledBackupSpec {
  /** Cron with seconds first. */
  readonly schedule: string;
  readonly cluster: { readonly name: string };
  readonly method: "plugin";
  readonly pluginConfiguration: { readonly name: string };
  /** `self`: backups go with their schedule; the files in the bucket stay. */
  readonly backupOwnerReference: "self" | "cluster" | "none";
  /** Whether the first one is made at once. */
  readonly immediate: boolean;
}

/**
 * Of the plug-in that archives to object storage.
 * https://github.com/cloudnative-pg/plugin-barman-cloud/blob/main/config/crd/bases/barmancloud.cnpg.io_objectstores.yaml
 */
export const BARMAN_API = "barmancloud.cnpg.io/v1";
export const BARMAN_PLUGIN = "barman-cloud.cloudnative-pg.io";

export interface ObjectStoreSpec {
  readonly configuration: {
    readonly destinationPath: Input<string>;
    /** Credentials from the pod's surroundings, as EKS Pod Identity gives them. */
    readonly s3Credentials: { readonly inheritFromIAMRole: boolean };
    readonly wal: { readonly compression: "gzip" | "snappy" | "zstd"; readonly maxParallel: number };
    readonly data: { readonly compression: "gzip" | "snappy"; readonly jobs: number };
  };
  /** How far back a restore can go, e.g. `14d`; what is older is removed. */
  readonly retentionPolicy: string;
  /** The container beside each server that archives and restores. */
  readonly instanceSidecarConfiguration: {
    readonly retentionPolicyIntervalSeconds: number;
    readonly resources: { readonly requests: Size; readonly limits: Size };
  };
}
