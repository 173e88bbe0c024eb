import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Resource } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { autoNamed } from "@groundwork/lib/names";
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
 * with replicas in other zones that take over. One for each region, not replicated between them: it is a cache.
 */
export class ElastiCache extends ComponentResource {
  readonly redis: Redis;

  constructor(name: string, args: ElastiCacheArgs, opts: ComponentResourceOptions) {
    super("groundwork:redis:ElastiCache", name, {}, opts);
    const token = new random.RandomPassword(
      `${name}-token`,
      { length: TOKEN_LENGTH, special: false },
      { parent: this },
    );
    const surroundings = {
      group: createSecurityGroup(name, args, this),
      subnets: createSubnetGroup(name, args, this),
      parameters: createParameterGroup(name, args.spec, this),
    };
    const cluster = createReplicationGroup(name, args, { ...surroundings, token: token.result }, this);
    this.redis = {
      endpoint: { host: cluster.configurationEndpointAddress, port: PORT },
      mode: "cluster",
      tls: true,
      secret: token.result,
    };
    this.registerOutputs({ endpoint: this.redis.endpoint.host });
  }
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

interface Surroundings {
  readonly group: aws.ec2.SecurityGroup;
  readonly subnets: aws.elasticache.SubnetGroup;
  readonly parameters: aws.elasticache.ParameterGroup;
  readonly token: Input<string>;
}

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
      engine: "valkey",
      engineVersion: ENGINE_VERSION,
      nodeType: args.nodeType,
      port: PORT,
      clusterMode: "enabled",
      numNodeGroups: args.shards,
      replicasPerNodeGroup: args.replicasPerShard,
      automaticFailoverEnabled: true,
      multiAzEnabled: args.replicasPerShard > 0,
      subnetGroupName: around.subnets.name,
      securityGroupIds: [around.group.id],
      parameterGroupName: around.parameters.name,
      transitEncryptionEnabled: true,
      authToken: around.token,
      atRestEncryptionEnabled: true,
      kmsKeyId: args.keyArn,
      snapshotRetentionLimit: SNAPSHOT_DAYS,
      finalSnapshotIdentifier: suffix.hex.apply((hex) => `${autoNamed(`${name}-final`, SNAPSHOT_LIMIT)}-${hex}`),
      autoMinorVersionUpgrade: true,
    },
    { parent, protect: args.protect },
  );
}
