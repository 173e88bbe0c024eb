import * as aws from "@pulumi/aws";
import { ComponentResource, jsonStringify } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import { boundedName } from "@groundwork/lib/names";
import type { Postgres } from "./spec.ts";

export interface RdsProxyArgs {
  readonly vpcId: Input<string>;
  /** In two zones at least. */
  readonly subnetIds: readonly Input<string>[];
  /** The security group of those who may connect. */
  readonly clientGroupId: Input<string>;
  /** ARN of the key that the database's password is encrypted with. */
  readonly keyArn: Input<string>;
  /** Identifier of the cluster behind it. */
  readonly clusterId: Input<string>;
  /** The database's own security group, which is opened to the proxy. */
  readonly databaseGroupId: Input<string>;
  readonly port: number;
  readonly user: string;
  /** A secret. */
  readonly password: Output<string>;
  /** The cluster's instances, which must be there first. */
  readonly instances: readonly Resource[];
  /** On the proxy, so that the bill can be split by them. */
  readonly tags: Readonly<Record<string, string>> | undefined;
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBProxy.html; Pulumi's suffix is part of it. */
const NAME_LIMIT = 63 - 8;
/**
 * Of the writer's connections; a tenth stays for writes that other regions forward.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-gdb.html
 */
const CONNECTIONS_PERCENT = 90;
/** Half of them may be open with nothing to do, ready for the next burst. */
const IDLE_PERCENT = 50;
/** Seconds that a client waits for a connection before it is refused: through a failover, which takes less. */
const BORROW_TIMEOUT = 60;
/** Long enough to find out what depended on it, short enough to use the name again. */
const RECOVERY_DAYS = 7;

/**
 * RDS Proxy: connections to the writer that all clients share, a transaction at a time; it holds them through a
 * failover. It reads the password from Secrets Manager, which is the one place beside the state that has it.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy.html
 */
export class RdsProxy extends ComponentResource {
  readonly endpoint: NonNullable<Postgres["pooled"]>;

  constructor(name: string, args: RdsProxyArgs, opts: ComponentResourceOptions) {
    super("groundwork:postgres:RdsProxy", name, {}, opts);
    const secret = createSecret(name, args, this);
    const role = createRole(name, secret.arn, args, this);
    const group = openNetwork(name, args, this);
    const proxy = createProxy(name, args, { secret, role, group }, this);
    pointAtCluster(name, args, proxy, this);
    this.endpoint = { host: proxy.endpoint, port: args.port, mode: "transaction" };
    this.registerOutputs({ endpoint: proxy.endpoint });
  }
}

function createSecret(
  name: string,
  { keyArn, user, password }: RdsProxyArgs,
  parent: Resource,
): aws.secretsmanager.Secret {
  const secret = new aws.secretsmanager.Secret(
    `${name}-secret`,
    { description: `Login of ${name}`, kmsKeyId: keyArn, recoveryWindowInDays: RECOVERY_DAYS },
    { parent },
  );
  new aws.secretsmanager.SecretVersion(
    `${name}-secret`,
    { secretId: secret.id, secretString: jsonStringify({ username: user, password }) },
    { parent },
  );
  return secret;
}

/** It may read this one secret, and decrypt it for Secrets Manager only. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-iam-setup.html */
function createRole(name: string, secretArn: Output<string>, { keyArn }: RdsProxyArgs, parent: Resource): aws.iam.Role {
  const role = new aws.iam.Role(
    name,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "rds.amazonaws.com" }, Action: "sts:AssumeRole" }],
      }),
    },
    { parent },
  );
  new aws.iam.RolePolicy(
    name,
    {
      role: role.name,
      policy: jsonStringify({
        Version: "2012-10-17",
        Statement: [
          { Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: secretArn },
          {
            Effect: "Allow",
            Action: ["kms:Decrypt"],
            Resource: keyArn,
            Condition: { StringLike: { "kms:ViaService": "secretsmanager.*.amazonaws.com" } },
          },
        ],
      }),
    },
    { parent },
  );
  return role;
}

function openNetwork(name: string, args: RdsProxyArgs, parent: Resource): aws.ec2.SecurityGroup {
  const { vpcId, port, clientGroupId, databaseGroupId } = args;
  const group = new aws.ec2.SecurityGroup(
    name,
    { description: `Proxy ${name}`, vpcId, tags: { Name: name } },
    { parent },
  );
  const open = { ipProtocol: "tcp", fromPort: port, toPort: port };
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-from-nodes`,
    {
      ...open,
      securityGroupId: group.id,
      description: "PostgreSQL from the nodes",
      referencedSecurityGroupId: clientGroupId,
    },
    { parent },
  );
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-to-database`,
    { ...open, securityGroupId: group.id, description: "To the database", referencedSecurityGroupId: databaseGroupId },
    { parent },
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-into-database`,
    { ...open, securityGroupId: databaseGroupId, description: "From the proxy", referencedSecurityGroupId: group.id },
    { parent },
  );
  return group;
}

interface Surroundings {
  readonly secret: aws.secretsmanager.Secret;
  readonly role: aws.iam.Role;
  readonly group: aws.ec2.SecurityGroup;
}

function createProxy(name: string, args: RdsProxyArgs, around: Surroundings, parent: Resource): aws.rds.Proxy {
  return new aws.rds.Proxy(
    boundedName(name, NAME_LIMIT),
    {
      engineFamily: "POSTGRESQL",
      roleArn: around.role.arn,
      vpcSubnetIds: [...args.subnetIds],
      vpcSecurityGroupIds: [around.group.id],
      requireTls: true,
      tags: { ...args.tags },
      auths: [
        {
          authScheme: "SECRETS",
          secretArn: around.secret.arn,
          iamAuth: "DISABLED",
          clientPasswordAuthType: "POSTGRES_SCRAM_SHA_256",
        },
      ],
    },
    { parent },
  );
}

function pointAtCluster(name: string, args: RdsProxyArgs, proxy: aws.rds.Proxy, parent: Resource): void {
  const targets = new aws.rds.ProxyDefaultTargetGroup(
    name,
    {
      dbProxyName: proxy.name,
      connectionPoolConfig: {
        maxConnectionsPercent: CONNECTIONS_PERCENT,
        maxIdleConnectionsPercent: IDLE_PERCENT,
        connectionBorrowTimeout: BORROW_TIMEOUT,
      },
    },
    { parent },
  );
  new aws.rds.ProxyTarget(
    name,
    { dbProxyName: proxy.name, targetGroupName: targets.name, dbClusterIdentifier: args.clusterId },
    { parent, dependsOn: [...args.instances] },
  );
}
