import type { IPodMonitor } from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { expandPerconaServerMongoDB } from "@groundwork/lib/expanders/kinds/percona-mongodb";
import type { Memory } from "@groundwork/lib/quantity";
import type { Peers, PodPeers, TierFlow } from "../cluster/flow-policies.ts";
import { createTierIdentity } from "../cluster/tier-identity.ts";
import type { BackupBucket } from "../cluster/tier-identity.ts";
import { HTTPS, POD_IDENTITY, TierNamespace } from "../cluster/tier-namespace.ts";
import { password } from "../workload/password.ts";
import type { Endpoint } from "../workload/spec.ts";
import { PSMDB_API } from "./percona-kinds.ts";
import { checkMongo, EXPORTER_PORT, labelsOf, mongoSpec } from "./percona-spec.ts";
import type { MongoShape } from "./percona-spec.ts";
import { MONGODB_PORT } from "./settings.ts";
import type { Mongodb, MongodbAdministrator, MongodbSpec } from "./spec.ts";

export interface PerconaMongodbArgs {
  /** The system that it belongs to. */
  readonly system: string;
  readonly spec: MongodbSpec;
  /** Namespace of its own; default `<system>-mongodb`. */
  readonly namespace?: string;
  /** Pods that may connect, e.g. all of the system's namespace. */
  readonly clients: readonly PodPeers[];
  /** Replica sets of three that share the data; default 3. */
  readonly shards?: number;
  /** Of each server that holds data; default `20Gi`. */
  readonly storage?: Memory;
  /** Default: the Kubernetes cluster's default class. */
  readonly storageClass?: string;
  readonly placement?: MongoShape["placement"];
  /** Namespace that the operator runs in. Default `psmdb-system`. */
  readonly operatorNamespace?: string;
  /** Namespace of Prometheus; absent: no exporters run. */
  readonly monitoring?: string;
  /** Absent: no backups, and nothing to start from in another region. */
  readonly backups?: MongodbBackups;
  /** Whether the cluster refuses deletion. */
  readonly protect: boolean;
}

export interface MongodbBackups {
  /** Name of the EKS cluster, for the pod identity. */
  readonly clusterName: pulumi.Input<string>;
  /** The bucket of the cluster's own region, which is replicated to the others'. */
  readonly bucket: BackupBucket;
  /** Daily backups that are kept; default 14. */
  readonly keep?: number;
  /** Cron of the backup; default daily at 03:00 UTC. */
  readonly schedule?: string;
}

const NAME = "mongodb";
const SERVICE_ACCOUNT = "mongodb";
const SYSTEM_SECRET = "mongodb-system";
const OWNER_SECRET = "mongodb-owner";
/** The users that the operator works with, and their names. https://docs.percona.com/percona-operator-for-mongodb/users.html */
const SYSTEM_USERS = {
  BACKUP: "backup",
  DATABASE_ADMIN: "databaseAdmin",
  CLUSTER_ADMIN: "clusterAdmin",
  CLUSTER_MONITOR: "clusterMonitor",
  USER_ADMIN: "userAdmin",
} as const;

/**
 * MongoDB under Percona's operator: shards of three servers each over the zones, config servers, routers; backups and the
 * oplog in S3. It is one region's own: sharding over regions would make every write wait for an ocean, and a lost region
 * is restored elsewhere from the copy of its backups, at most minutes old; see {@link mongodbPromotion}.
 *
 * Needs the cluster's Kubernetes provider, with backups the region's AWS provider too, and the add-on
 * percona-mongodb-operator.
 */
export class PerconaMongodb extends pulumi.ComponentResource implements Mongodb {
  readonly endpoint: Endpoint;
  readonly mode = "sharded";
  readonly database: string;
  readonly user: string;
  readonly secret: pulumi.Output<string>;
  readonly administrator: MongodbAdministrator;
  /** What a workload that needs it may connect to. */
  readonly peers: readonly Peers[];

  constructor(name: string, args: PerconaMongodbArgs, opts: pulumi.ComponentResourceOptions) {
    super("groundwork:mongodb:PerconaMongodb", name, {}, opts);
    const shape = shapeOf(args);
    checkMongo(shape);
    const namespaceName = args.namespace ?? `${args.system}-mongodb`;
    const place = new TierNamespace(
      `${name}-place`,
      {
        namespace: namespaceName,
        holds: [expansionOf(shape, namespaceName)],
        flows: flowsOf(args),
        protect: args.protect,
      },
      { parent: this },
    );
    const context: Context = { name, args, shape, namespace: place.namespace, parent: this };
    this.database = args.spec.database;
    this.user = args.spec.database;
    this.secret = password(`${name}-password`, { parent: this });
    const system = createSystemUsers(context);
    this.administrator = { user: SYSTEM_USERS.DATABASE_ADMIN, secret: system.administrator };
    const before = [place, system.secret, createOwner(context, this.secret), ...createIdentity(context)];
    createCluster(context, before);
    if (args.monitoring !== undefined) createMonitor(context);
    this.endpoint = { host: pulumi.interpolate`${NAME}-mongos.${place.namespace}.svc`, port: MONGODB_PORT };
    this.peers = [{ pods: { namespace: namespaceName, labels: labelsOf(NAME, "mongos") }, port: MONGODB_PORT }];
    this.registerOutputs({ endpoint: this.endpoint.host });
  }
}

interface Context {
  readonly name: string;
  readonly args: PerconaMongodbArgs;
  readonly shape: MongoShape;
  readonly namespace: pulumi.Output<string>;
  readonly parent: pulumi.Resource;
}

function shapeOf(args: PerconaMongodbArgs): MongoShape {
  const { system, spec, shards, storage, storageClass, placement, monitoring, backups } = args;
  return {
    name: NAME,
    spec,
    serviceAccount: SERVICE_ACCOUNT,
    secrets: { system: SYSTEM_SECRET, application: OWNER_SECRET },
    monitored: monitoring !== undefined,
    ...(shards !== undefined && { shards }),
    ...(storage !== undefined && { storage }),
    ...(storageClass !== undefined && { storageClass }),
    ...(placement !== undefined && { placement }),
    ...(backups !== undefined && {
      backups: {
        bucket: backups.bucket.name,
        region: backups.bucket.region,
        // of the region, since copies of another region may lie beside it
        prefix: `${system}/mongodb/${backups.bucket.region}`,
        ...(backups.keep !== undefined && { keep: backups.keep }),
        ...(backups.schedule !== undefined && { schedule: backups.schedule }),
      },
    }),
  };
}

function expansionOf(shape: MongoShape, namespace: string) {
  return expandPerconaServerMongoDB({ namespace, name: NAME, spec: { ...mongoSpec(shape) }, metadata: {} });
}

function flowsOf({ clients, operatorNamespace = "psmdb-system", monitoring, backups }: PerconaMongodbArgs): TierFlow[] {
  const servers = labelsOf(NAME);
  const own: Peers = { pods: { labels: servers }, port: MONGODB_PORT };
  return [
    {
      name: "servers",
      pods: servers,
      ingress: [
        own,
        { pods: { namespace: operatorNamespace, labels: {} }, port: MONGODB_PORT },
        ...(monitoring === undefined ? [] : [{ pods: { namespace: monitoring, labels: {} }, port: EXPORTER_PORT }]),
      ],
      egress: [own, ...(backups === undefined ? [] : [HTTPS, POD_IDENTITY])],
    },
    {
      name: "routers",
      pods: labelsOf(NAME, "mongos"),
      ingress: clients.map((pods): Peers => ({ pods, port: MONGODB_PORT })),
    },
  ];
}

/** Our own instead of the operator's, so that the state knows the administrator's password, and a restore can set it. */
function createSystemUsers({ name, namespace, parent }: Context): {
  secret: kubernetes.core.v1.Secret;
  administrator: pulumi.Output<string>;
} {
  const passwords = Object.entries(SYSTEM_USERS).map(([key, user]) => ({
    key,
    user,
    secret: password(`${name}-${user}`, { parent }),
  }));
  const stringData = Object.fromEntries(
    passwords.flatMap(({ key, user, secret }) => [
      [`MONGODB_${key}_USER`, pulumi.output<string>(user)],
      [`MONGODB_${key}_PASSWORD`, secret],
    ]),
  );
  const secret = new kubernetes.core.v1.Secret(
    `${name}-system`,
    { metadata: { name: SYSTEM_SECRET, namespace }, stringData },
    { parent },
  );
  const administrator = passwords.find(({ user }) => user === SYSTEM_USERS.DATABASE_ADMIN)?.secret ?? pulumi.output("");
  return { secret, administrator };
}

function createOwner({ name, namespace, parent }: Context, secret: pulumi.Output<string>): kubernetes.core.v1.Secret {
  return new kubernetes.core.v1.Secret(
    `${name}-owner`,
    { metadata: { name: OWNER_SECRET, namespace }, stringData: { password: secret } },
    { parent },
  );
}

function createIdentity({ name, args, namespace, parent }: Context): pulumi.Resource[] {
  const account = new kubernetes.core.v1.ServiceAccount(
    `${name}-account`,
    { metadata: { name: SERVICE_ACCOUNT, namespace }, automountServiceAccountToken: false },
    { parent },
  );
  if (args.backups === undefined) return [account];
  const { clusterName, bucket } = args.backups;
  return [
    account,
    createTierIdentity(name, { clusterName, namespace, serviceAccount: SERVICE_ACCOUNT, writes: bucket }, parent),
  ];
}

function createCluster({ name, args, shape, namespace, parent }: Context, dependsOn: pulumi.Resource[]): void {
  new kubernetes.apiextensions.CustomResource(
    `${name}-cluster`,
    {
      apiVersion: PSMDB_API,
      kind: "PerconaServerMongoDB",
      // the primary goes last, so that a deletion that is undone half-way finds its data
      metadata: { name: NAME, namespace, finalizers: ["percona.com/delete-psmdb-pods-in-order"] },
      spec: mongoSpec(shape),
    },
    { parent, dependsOn, protect: args.protect },
  );
}

function createMonitor({ name, args, namespace, parent }: Context): void {
  const fixed = { job: "mongodb", system: args.system, part: "mongodb", tier: "mongodb" };
  const relabelings = Object.entries(fixed).map(([targetLabel, replacement]) => ({ targetLabel, replacement }));
  const spec = {
    selector: { matchLabels: labelsOf(NAME) },
    podMetricsEndpoints: [{ port: "metrics", interval: "15s", relabelings }],
  } satisfies IPodMonitor["spec"];
  new kubernetes.apiextensions.CustomResource(
    `${name}-monitor`,
    { apiVersion: "monitoring.coreos.com/v1", kind: "PodMonitor", metadata: { name: NAME, namespace }, spec },
    { parent },
  );
}
