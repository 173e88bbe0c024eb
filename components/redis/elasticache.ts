import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { autoNamed } from "@groundwork/lib/names";
import { createCacheAlarms } from "./elasticache-alarms.ts";
import type { Redis, RedisSpec } from "./spec.ts";

export interface ElastiCacheArgs {
  readonly spec: RedisSpec;
  readonly vpcId: Input<string>;
  /** In two zones at least, with no way to the internet. */
  readonly subnetIds: readonly Input<string>[];
  /** The security group of those who may connect. */
  readonly clientGroupId: Input<string>;
  /** ARN of the key for data at rest. */
  readonly keyArn: Input<string>;
  /** Node type, e.g. `cache.r7g.large` (about US$ 130 a month each with Valkey). */
  readonly nodeType: string;
  /** Primaries, each with a share of the key space. */
  readonly shards: number;
  readonly replicasPerShard: number;
  /** Whether the cluster refuses deletion by Pulumi; ElastiCache itself has no such switch. */
  readonly protect: boolean;
  /** On the nodes, so that the bill can be split by them. Default none. */
  readonly tags?: Readonly<Record<string, string>>;
  /** SNS topic of the region that alarms and failovers are told to. Default: nobody is told. */
  readonly alarmTopicArn?: Input<string> | undefined;
  /** The global datastore that it joins as a secondary, whose clients only read. Default: it stands alone. */
  readonly joins?: Joined;
  /** Whether it is the primary of a global datastore, which then says node type, shards and version. Default false. */
  readonly leads?: boolean;
}

export interface Joined {
  readonly datastoreId: Input<string>;
  /** The primary's token, which is that of all; a secret. */
  readonly token: Output<string>;
}

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/engine-versions.html */
const ENGINE_VERSION = "8.1";
const FAMILY = "valkey8";
const PORT = 6379;
/** 16 to 128 printable characters but `/`, `"` and `@`. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html */
const TOKEN_LENGTH = 64;
const SNAPSHOT_DAYS = 7;
/** Of a replication group's id. https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html */
const ID_LIMIT = 40;
/** The service names no limit; this is that of its other names. https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateSnapshot.html */
const SNAPSHOT_LIMIT = 255;

/**
 * ElastiCache for Valkey (the open fork that speaks Redis's protocol) in cluster mode: the key space over shards, each
 * with replicas in other zones that take over. One for each region. By itself it is not replicated to the others, and
 * takes writes wherever it is; as part of a global datastore (`GlobalDatastore`) it is, and takes writes in one region.
 */
export class ElastiCache extends ComponentResource {
  readonly redis: Redis;
  readonly replicationGroupId: Output<string>;

  constructor(name: string, args: ElastiCacheArgs, opts: ComponentResourceOptions) {
    super("groundwork:redis:ElastiCache", name, {}, opts);
    const token = args.joins?.token ?? createToken(name, this);
    const network = { group: createSecurityGroup(name, args, this), subnets: createSubnetGroup(name, args, this) };
    const shape =
      args.joins === undefined ? ownShape(name, args, this) : { globalReplicationGroupId: args.joins.datastoreId };
    const cluster = createReplicationGroup(name, args, { ...network, token, shape }, this);
    this.replicationGroupId = cluster.id;
    const nodes = args.shards * (1 + args.replicasPerShard);
    createCacheAlarms(name, { members: cluster.memberClusters, nodes, topicArn: args.alarmTopicArn }, this);
    this.redis = {
      endpoint: { host: cluster.configurationEndpointAddress, port: PORT },
      mode: "cluster",
      tls: true,
      secret: token,
    };
    this.registerOutputs({ endpoint: this.redis.endpoint.host });
  }
}

function createToken(name: string, parent: Resource): Output<string> {
  return new random.RandomPassword(`${name}-token`, { length: TOKEN_LENGTH, special: false }, { parent }).result;
}

function createSecurityGroup(name: string, args: ElastiCacheArgs, parent: Resource): aws.ec2.SecurityGroup {
  const group = new aws.ec2.SecurityGroup(
    `${name}-cache`,
    { description: `Valkey of ${name}`, vpcId: args.vpcId, tags: { Name: name } },
    { parent },
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-from-nodes`,
    {
      securityGroupId: group.id,
      description: "Valkey from the nodes",
      referencedSecurityGroupId: args.clientGroupId,
      ipProtocol: "tcp",
      fromPort: PORT,
      toPort: PORT,
    },
    { parent },
  );
  return group;
}

function createSubnetGroup(
  name: string,
  { subnetIds }: ElastiCacheArgs,
  parent: Resource,
): aws.elasticache.SubnetGroup {
  return new aws.elasticache.SubnetGroup(
    `${name}-subnets`,
    { description: `Isolated subnets for ${name}`, subnetIds: [...subnetIds] },
    { parent },
  );
}

/** `maxclients` is not among the parameters: ElastiCache fixes it at 65,000. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ParameterGroups.Engine.html */
function createParameterGroup(name: string, spec: RedisSpec, parent: Resource): aws.elasticache.ParameterGroup {
  const parameters: Record<string, string> = {
    "cluster-enabled": "yes",
    "maxmemory-policy": spec.eviction ?? "noeviction",
    ...(spec.tcpKeepalive === undefined ? {} : { "tcp-keepalive": String(spec.tcpKeepalive) }),
  };
  return new aws.elasticache.ParameterGroup(
    `${name}-parameters`,
    {
      family: FAMILY,
      description: `Valkey settings of ${name}`,
      parameters: Object.entries(parameters).map(([key, value]) => ({ name: key, value })),
    },
    { parent },
  );
}

/**
 * What a group that joins a datastore takes from the primary, and may not say itself.
 * https://www.pulumi.com/registry/packages/aws/api-docs/elasticache/replicationgroup/#globalreplicationgroupid_nodejs
 */
function ownShape(
  name: string,
  args: ElastiCacheArgs,
  parent: Resource,
): Partial<aws.elasticache.ReplicationGroupArgs> {
  return {
    engine: "valkey",
    engineVersion: ENGINE_VERSION,
    nodeType: args.nodeType,
    clusterMode: "enabled",
    numNodeGroups: args.shards,
    parameterGroupName: createParameterGroup(name, args.spec, parent).name,
    transitEncryptionEnabled: true,
    atRestEncryptionEnabled: true,
  };
}

interface Surroundings {
  readonly group: aws.ec2.SecurityGroup;
  readonly subnets: aws.elasticache.SubnetGroup;
  readonly token: Input<string>;
  readonly shape: Partial<aws.elasticache.ReplicationGroupArgs>;
}

/** Of the primary of a datastore these change through the datastore, which refuses them from its members. */
const THE_DATASTORES = ["engineVersion", "nodeType", "numNodeGroups", "parameterGroupName"];

function createReplicationGroup(
  name: string,
  args: ElastiCacheArgs,
  around: Surroundings,
  parent: Resource,
): aws.elasticache.ReplicationGroup {
  // A snapshot outlives its stack: the next stack of this name must not meet it.
  const suffix = new random.RandomId(`${name}-snapshot`, { byteLength: 4 }, { parent });
  return new aws.elasticache.ReplicationGroup(
    autoNamed(name, ID_LIMIT),
    {
      description: `Valkey of ${name}`,
      ...around.shape,
      port: PORT,
      replicasPerNodeGroup: args.replicasPerShard,
      automaticFailoverEnabled: true,
      multiAzEnabled: args.replicasPerShard > 0,
      subnetGroupName: around.subnets.name,
      securityGroupIds: [around.group.id],
      authToken: around.token,
      kmsKeyId: args.keyArn,
      snapshotRetentionLimit: SNAPSHOT_DAYS,
      finalSnapshotIdentifier: suffix.hex.apply((hex) => `${autoNamed(`${name}-final`, SNAPSHOT_LIMIT)}-${hex}`),
      autoMinorVersionUpgrade: true,
      // failovers among other events. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html
      ...(args.alarmTopicArn !== undefined && { notificationTopicArn: args.alarmTopicArn }),
      tags: { ...args.tags },
    },
    { parent, protect: args.protect, ...(args.leads === true && { ignoreChanges: THE_DATASTORES }) },
  );
}
