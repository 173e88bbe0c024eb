import type { IPodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { ARCHIVER_RESOURCES, expandCluster, expandPooler } from "@groundwork/lib/expanders/kinds/cloudnative-pg";
import type { Peers, PodPeers, TierFlow } from "../cluster/flow-policies.ts";
import { createTierIdentity } from "../cluster/tier-identity.ts";
import type { BackupBucket } from "../cluster/tier-identity.ts";
import { HTTPS, POD_IDENTITY, TierNamespace } from "../cluster/tier-namespace.ts";
import type { Endpoint } from "../workload/spec.ts";
import { BARMAN_API, BARMAN_PLUGIN, CNPG_API } from "./cloudnative-pg-kinds.ts";
import type { ObjectStoreSpec, ScheduledBackupSpec } from "./cloudnative-pg-kinds.ts";
import { checkCluster, clusterSpec, objectStoreName, poolerName, poolerSpec } from "./cloudnative-pg-spec.ts";
import type { ClusterShape, NodeChoice, Topology } from "./cloudnative-pg-spec.ts";
import type { PoolMode, Postgres, PostgresSpec } from "./spec.ts";

export interface CloudNativePgArgs {
  /** The system that it belongs to. */
  readonly system: string;
  readonly spec: PostgresSpec;
  /** The password of the owner, the same in all regions, since the data are; a Pulumi secret. */
  readonly password: pulumi.Output<string>;
  /** Namespace of its own; default `<system>-postgres`. */
  readonly namespace?: string;
  /** Pods that may connect, e.g. all of the system's namespace. */
  readonly clients: readonly PodPeers[];
  /** Default: the Kubernetes cluster's default class. */
  readonly storageClass?: string;
  readonly nodes?: NodeChoice;
  /** Namespace that the operator runs in. Default `cnpg-system`. */
  readonly operatorNamespace?: string;
  /** Namespace of Prometheus; absent: no metrics are collected. Needs the add-on kube-prometheus-stack. */
  readonly monitoring?: string;
  /** Absent: no backups, and no other region can follow. Needs the add-on cloudnative-pg-barman. */
  readonly backups?: PostgresBackups;
  /** Absent: one cluster in one region. Needs `backups` with a bucket for each member. */
  readonly topology?: Topology;
  /** Whether cluster and password refuse deletion. */
  readonly protect: boolean;
}

export interface PostgresBackups {
  /** Name of the EKS cluster, for the pod identity. */
  readonly clusterName: pulumi.Input<string>;
  /** The bucket of this cluster's own region. */
  readonly bucket: BackupBucket;
  /** Buckets of the other regions of the topology. */
  readonly others?: readonly BackupBucket[];
  /** Days that a restore can go back; default 14, as Aurora's here. */
  readonly retentionDays?: number;
  /** Cron of the base backup, seconds first; default daily at 02:00 UTC. */
  readonly schedule?: string;
}

const PORT = 5432;
/** The instance manager's, which the operator asks. https://cloudnative-pg.io/docs/1.30/networking */
const MANAGER_PORT = 8000;
const METRICS_PORT = 9187;
const POOLER_METRICS_PORT = 9127;
const RETENTION_DAYS = 14;
const DAILY = "0 0 2 * * *";

/**
 * PostgreSQL under CloudNativePG: a primary and replicas over the zones, one of which takes over by itself; PgBouncer
 * before the writer and before the replicas; WAL and base backups in S3. In a topology of several regions one is written
 * to, the others follow its archive, about a minute behind, until one is promoted: see {@link cloudNativePgPromotion}.
 *
 * Needs the cluster's Kubernetes provider, with backups the region's AWS provider too, and the add-on cloudnative-pg.
 * The database's owner is no superuser, and the superuser cannot log in over the network.
 */
export class CloudNativePg extends pulumi.ComponentResource implements Postgres {
  readonly writer: Endpoint;
  readonly readers: Endpoint;
  readonly pooled?: Endpoint & { readonly mode: PoolMode };
  readonly database: string;
  readonly user: string;
  readonly secret: pulumi.Output<string>;
  /** The operator's own certificate authority signs; its certificates change by themselves. */
  readonly sslMode = "require";
  /** What a workload that needs it may connect to. */
  readonly peers: readonly Peers[];

  constructor(name: string, args: CloudNativePgArgs, opts: pulumi.ComponentResourceOptions) {
    super("groundwork:postgres:CloudNativePg", name, {}, opts);
    const { spec } = args;
    const shape = shapeOf(args);
    checkCluster(shape);
    const namespaceName = args.namespace ?? `${args.system}-postgres`;
    const place = new TierNamespace(
      `${name}-place`,
      {
        namespace: namespaceName,
        holds: expansionsOf(shape, namespaceName),
        flows: flowsOf(shape, args),
        protect: args.protect,
      },
      { parent: this },
    );
    const context: Context = { name, args, shape, namespace: place.namespace, parent: this };
    const secret = createPassword(context);
    const archives = createArchives(context);
    const cluster = createCluster(context, [place, secret, ...archives]);
    createBackups(context, cluster);
    const poolers = createPoolers(context, cluster);
    if (args.monitoring !== undefined) createMonitors(context, poolers.length > 0);
    const at = (service: string): Endpoint => ({
      host: pulumi.interpolate`${shape.name}-${service}.${place.namespace}.svc`,
      port: PORT,
    });
    this.writer = at("rw");
    this.readers = (spec.replicas ?? 0) === 0 ? this.writer : at(poolers.length > 1 ? "pooler-ro" : "ro");
    if (spec.pooler !== undefined) this.pooled = { ...at("pooler-rw"), mode: spec.pooler.mode };
    this.database = spec.database;
    this.user = spec.database;
    this.secret = args.password;
    this.peers = [{ pods: { namespace: namespaceName, labels: {} }, port: PORT }];
    this.registerOutputs({ writer: this.writer.host });
  }
}

interface Context {
  readonly name: string;
  readonly args: CloudNativePgArgs;
  readonly shape: ClusterShape;
  readonly namespace: pulumi.Output<string>;
  readonly parent: pulumi.Resource;
}

/** Its name within the namespace, where it is alone: the same in every region, so that runbooks name it alike. */
const CLUSTER = "postgres";
const OWNER_SECRET = "postgres-owner";

function shapeOf(args: CloudNativePgArgs): ClusterShape {
  const { system, spec, storageClass, nodes, topology } = args;
  return {
    system,
    name: CLUSTER,
    spec,
    backups: args.backups !== undefined,
    secret: OWNER_SECRET,
    ...(storageClass !== undefined && { storageClass }),
    ...(nodes !== undefined && { nodes }),
    ...(topology !== undefined && { topology }),
  };
}

function expansionsOf(shape: ClusterShape, namespace: string) {
  const object = (name: string, spec: object) => ({ namespace, name, spec: { ...spec }, metadata: {} });
  return [
    expandCluster(object(shape.name, clusterSpec(shape))),
    ...poolersOf(shape).map(({ type, spec }) => expandPooler(object(poolerName(shape.name, type), spec))),
  ];
}

function poolersOf(shape: ClusterShape) {
  const { pooler, replicas = 0 } = shape.spec;
  if (pooler === undefined) return [];
  const types = replicas > 0 ? (["rw", "ro"] as const) : (["rw"] as const);
  return types.map((type) => ({ type, spec: poolerSpec(shape, type, pooler) }));
}

function flowsOf({ name }: ClusterShape, args: CloudNativePgArgs): TierFlow[] {
  const { operatorNamespace = "cnpg-system", monitoring, clients, backups } = args;
  const instances = { "cnpg.io/cluster": name, "cnpg.io/podRole": "instance" };
  const poolers = { "cnpg.io/podRole": "pooler" };
  const from = (labels: PodPeers["labels"], port: number, namespace?: string): Peers => ({
    pods: { ...(namespace !== undefined && { namespace }), labels },
    port,
  });
  const scraped = (port: number) => (monitoring === undefined ? [] : [from({}, port, monitoring)]);
  const connecting = clients.map((pods): Peers => ({ pods, port: PORT }));
  return [
    {
      name: "instances",
      // their jobs, which make the data or copy it, are theirs too
      pods: { "cnpg.io/cluster": name },
      ingress: [
        ...connecting,
        ...[PORT, MANAGER_PORT].map((port) => from({ "cnpg.io/cluster": name }, port)),
        from(poolers, PORT),
        from({}, MANAGER_PORT, operatorNamespace),
        ...scraped(METRICS_PORT),
      ],
      egress: [
        ...[PORT, MANAGER_PORT].map((port) => from(instances, port)),
        // to the API server, where the instance managers find what they are to be
        HTTPS,
        ...(backups === undefined ? [] : [POD_IDENTITY]),
      ],
    },
    ...(args.spec.pooler === undefined
      ? []
      : [
          {
            name: "poolers",
            pods: poolers,
            ingress: [...connecting, ...scraped(POOLER_METRICS_PORT)],
            egress: [from(instances, PORT), HTTPS],
          },
        ]),
  ];
}

function createPassword({ name, args, namespace, parent }: Context): kubernetes.core.v1.Secret {
  return new kubernetes.core.v1.Secret(
    `${name}-owner`,
    {
      // with the label the operator gives a changed password to the role. https://cloudnative-pg.io/docs/1.30/bootstrap
      metadata: { name: OWNER_SECRET, namespace, labels: { "cnpg.io/reload": "true" } },
      type: "kubernetes.io/basic-auth",
      stringData: { username: args.spec.database, password: args.password },
    },
    { parent },
  );
}

/** A store for each region's bucket: this region's to write to, the others' to follow. */
function createArchives(context: Context): pulumi.Resource[] {
  const { name, args, shape, namespace, parent } = context;
  if (args.backups === undefined) return [];
  const { bucket, others = [], clusterName, retentionDays = RETENTION_DAYS } = args.backups;
  const identity = createTierIdentity(
    name,
    // the operator makes a service account of the cluster's name
    { clusterName, namespace, serviceAccount: shape.name, writes: bucket, reads: others },
    parent,
  );
  const stores = [bucket, ...others].map((each) => {
    const region = args.topology === undefined ? undefined : each.region;
    const spec: ObjectStoreSpec = {
      configuration: {
        destinationPath: pulumi.interpolate`s3://${each.name}/${args.system}/postgres`,
        s3Credentials: { inheritFromIAMRole: true },
        wal: { compression: "gzip", maxParallel: 4 },
        data: { compression: "gzip", jobs: 2 },
      },
      retentionPolicy: `${retentionDays}d`,
      instanceSidecarConfiguration: { retentionPolicyIntervalSeconds: 1800, resources: ARCHIVER_RESOURCES },
    };
    return new kubernetes.apiextensions.CustomResource(
      `${name}-archive-${each.region}`,
      {
        apiVersion: BARMAN_API,
        kind: "ObjectStore",
        metadata: { name: objectStoreName(shape.name, region), namespace },
        spec,
      },
      { parent },
    );
  });
  return [identity, ...stores];
}

function createCluster(
  { name, args, shape, namespace, parent }: Context,
  dependsOn: pulumi.Resource[],
): kubernetes.apiextensions.CustomResource {
  return new kubernetes.apiextensions.CustomResource(
    `${name}-cluster`,
    { apiVersion: CNPG_API, kind: "Cluster", metadata: { name: shape.name, namespace }, spec: clusterSpec(shape) },
    { parent, dependsOn, protect: args.protect },
  );
}

/** Base backups of the region that is written to and of those that follow: each has an archive that can be restored alone. */
function createBackups({ name, args, shape, namespace, parent }: Context, cluster: pulumi.Resource): void {
  if (args.backups === undefined) return;
  const spec: ScheduledBackupSpec = {
    schedule: args.backups.schedule ?? DAILY,
    cluster: { name: shape.name },
    method: "plugin",
    pluginConfiguration: { name: BARMAN_PLUGIN },
    backupOwnerReference: "self",
    immediate: true,
  };
  new kubernetes.apiextensions.CustomResource(
    `${name}-backups`,
    { apiVersion: CNPG_API, kind: "ScheduledBackup", metadata: { name: `${shape.name}-daily`, namespace }, spec },
    { parent, dependsOn: [cluster] },
  );
}

function createPoolers(
  { name, shape, namespace, parent }: Context,
  cluster: pulumi.Resource,
): kubernetes.apiextensions.CustomResource[] {
  return poolersOf(shape).map(({ type, spec }) => {
    const pooler = poolerName(shape.name, type);
    new kubernetes.policy.v1.PodDisruptionBudget(
      `${name}-pooler-${type}`,
      {
        metadata: { name: pooler, namespace },
        spec: { maxUnavailable: 1, selector: { matchLabels: { "cnpg.io/poolerName": pooler } } },
      },
      { parent },
    );
    return new kubernetes.apiextensions.CustomResource(
      `${name}-pooler-${type}`,
      { apiVersion: CNPG_API, kind: "Pooler", metadata: { name: pooler, namespace }, spec },
      { parent, dependsOn: [cluster] },
    );
  });
}

/** Our own monitors: the operator's switch for them is deprecated. https://cloudnative-pg.io/docs/1.30/monitoring */
function createMonitors({ name, args, shape, namespace, parent }: Context, pooled: boolean): void {
  const monitor = (part: string, matchLabels: Record<string, string>) => {
    const fixed = { job: part, system: args.system, part, tier: "postgres" };
    const relabelings = Object.entries(fixed).map(([targetLabel, replacement]) => ({ targetLabel, replacement }));
    const spec = {
      selector: { matchLabels },
      podMetricsEndpoints: [{ port: "metrics", interval: "15s", relabelings }],
    } satisfies IPodMonitor["spec"];
    const metadata = { name: part, namespace };
    new kubernetes.apiextensions.CustomResource(
      `${name}-${part}-monitor`,
      { apiVersion: "monitoring.coreos.com/v1", kind: "PodMonitor", metadata, spec },
      { parent },
    );
  };
  monitor("postgres", { "cnpg.io/cluster": shape.name, "cnpg.io/podRole": "instance" });
  if (pooled) monitor("pgbouncer", { "cnpg.io/podRole": "pooler" });
}
