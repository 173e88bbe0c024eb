import type { Input } from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";

/**
 * The fields of Percona's operator 1.22 that we write; no npm package has them.
 * https://github.com/percona/percona-server-mongodb-operator/blob/v1.22.0/deploy/crd.yaml
 */
export const PSMDB_API = "psmdb.percona.com/v1";

/** Compute resources of a container. */
export interface Resources {
  readonly requests: Size;
  readonly limits: Size;
}

export interface Tolerated {
  readonly key?: string;
  readonly operator?: "Exists" | "Equal";
  readonly value?: string;
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

/** What shards, config servers and routers have in common. */
export interface MongoPods {
  readonly size: number;
  readonly resources: Resources;
  /** mongod.conf or mongos.conf, laid over the operator's own; WiredTiger's cache follows from the memory limit. */
  readonly configuration?: string;
  readonly affinity: { readonly antiAffinityTopologyKey: "kubernetes.io/hostname" | "none" };
  readonly topologySpreadConstraints: readonly object[];
  readonly podDisruptionBudget: { readonly maxUnavailable: number };
  readonly podSecurityContext: object;
  readonly containerSecurityContext: object;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Tolerated[];
}

/** A replica set: a shard or the config servers. */
export interface ReplicaSet extends MongoPods {
  /** Whose AWS role its backup agents have. */
  readonly serviceAccountName: string;
  readonly volumeSpec: {
    readonly persistentVolumeClaim: {
      readonly storageClassName?: string;
      readonly resources: { readonly requests: { readonly storage: string } };
    };
  };
  /** Containers of ours beside each server. */
  readonly sidecars?: readonly object[];
}

export interface BackupStorage {
  /** The one that the oplog goes to. */
  readonly main: boolean;
  readonly type: "s3";
  /** Without `credentialsSecret`: the role of the pod. */
  readonly s3: { readonly bucket: Input<string>; readonly region: string; readonly prefix: string };
}

/** https://docs.percona.com/percona-operator-for-mongodb/operator.html */
export interface PerconaServerMongoDBSpec {
  /** Version of the operator whose behaviour is asked for: an upgrade of the operator alone changes no pod. */
  readonly crVersion: string;
  readonly image: string;
  readonly initContainerSecurityContext: object;
  /** `SmartUpdate`: secondaries first, then the primary steps down. */
  readonly updateStrategy: "SmartUpdate";
  /** Never by itself. */
  readonly upgradeOptions: { readonly apply: "disabled"; readonly schedule: string };
  readonly tls: { readonly mode: "preferTLS" | "requireTLS" };
  readonly secrets: { readonly users: string };
  readonly pmm: { readonly enabled: boolean };
  readonly replsets: readonly (ReplicaSet & { readonly name: string })[];
  readonly sharding: {
    readonly enabled: boolean;
    readonly balancer: { readonly enabled: boolean };
    readonly configsvrReplSet: ReplicaSet;
    readonly mongos: MongoPods & { readonly expose: { readonly type: "ClusterIP" } };
  };
  readonly users: readonly {
    readonly name: string;
    readonly db: string;
    readonly passwordSecretRef: { readonly name: string; readonly key: string };
    readonly roles: readonly { readonly name: string; readonly db: string }[];
  }[];
  readonly backup:
    | { readonly enabled: false }
    | {
        readonly enabled: true;
        readonly image: string;
        readonly resources: Resources;
        readonly containerSecurityContext: object;
        readonly storages: Readonly<Record<string, BackupStorage>>;
        /** The oplog between backups, so that any moment can be restored. */
        readonly pitr: { readonly enabled: boolean; readonly oplogSpanMin: number; readonly compressionType: "gzip" };
        readonly tasks: readonly {
          readonly name: string;
          readonly enabled: boolean;
          /** Cron. */
          readonly schedule: string;
          /** How many are kept. */
          readonly keep: number;
          readonly storageName: string;
          readonly compressionType: "gzip";
        }[];
      };
}
