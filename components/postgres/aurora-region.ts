import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { autoNamed, boundedName } from "@groundwork/lib/names";
import { createAlarms } from "./aurora-alarms.ts";
import { createMonitoringRole } from "./aurora-monitoring.ts";
import { auroraParameters } from "./aurora-parameters.ts";
import type { AuroraGlobalArgs, AuroraPlace } from "./aurora-spec.ts";
import { RdsProxy } from "./rds-proxy.ts";
import type { Postgres, PostgresSpec } from "./spec.ts";

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/AuroraPostgreSQL.Updates.html */
export const AURORA_VERSION = "17.9";
export const ENGINE = "aurora-postgresql";
const FAMILY = "aurora-postgresql17";
const PORT = 5432;
const USER = "groundwork";
/** A fortnight: long enough to notice a bug that corrupts data, at the price of the changed pages. */
const BACKUP_DAYS = 14;
/**
 * Pulumi does not name these two itself; the provider makes up `tf-<time>` or appends 26 characters to a prefix. An
 * identifier has at most 63. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html
 */
const PREFIX_LIMIT = 63 - 26;
/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBCluster.html */
const SNAPSHOT_LIMIT = 255;
/** Days that each kind of Database Insights keeps; the service takes no others. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DatabaseInsights.html */
const INSIGHTS_DAYS = { standard: 7, advanced: 465 } as const;

/**
 * What was decided when a cluster was made and says who led then. After a promotion the roles are others, while each of
 * these would replace the cluster: it stays as it was made. Engine versions go through the global cluster.
 * https://www.pulumi.com/registry/packages/aws/api-docs/rds/globalcluster/#upgrading-engine-versions
 */
const AS_IT_WAS_MADE = [
  "engineVersion",
  "replicationSourceIdentifier",
  "sourceRegion",
  "masterUsername",
  "databaseName",
];

export interface AuroraRegionArgs extends Omit<AuroraGlobalArgs, "places" | "identifier" | "home"> {
  readonly place: AuroraPlace;
  readonly globalId: Input<string>;
  readonly password: Output<string>;
  /** The region that this one follows; absent in the primary itself. */
  readonly primary?: AuroraRegion;
}

/** One region's cluster of the global database. */
export class AuroraRegion extends ComponentResource {
  readonly region: string;
  readonly postgres: Postgres;
  readonly clusterArn: Output<string>;
  readonly instances: readonly aws.rds.ClusterInstance[];

  constructor(name: string, args: AuroraRegionArgs, opts: ComponentResourceOptions) {
    super("groundwork:postgres:AuroraRegion", name, {}, opts);
    this.region = args.place.region;
    const group = createSecurityGroup(name, args.place, this);
    const subnets = createSubnetGroup(name, args.place, this);
    const parameters = createParameterGroup(name, args.spec, this);
    const cluster = createCluster(name, args, { group, subnets, parameters }, this);
    const role = createMonitoringRole(name, args.monitoring, this);
    this.instances = createInstances(name, args, cluster, role, this);
    this.clusterArn = cluster.arn;
    createAlarms(name, { cluster: cluster.id, isPrimary: isPrimary(args), topicArn: args.place.alarmTopicArn }, this);
    const proxy = this.#pooled(name, args, cluster, group);
    this.postgres = {
      writer: { host: isPrimary(args) ? cluster.endpoint : cluster.readerEndpoint, port: PORT },
      readers: { host: cluster.readerEndpoint, port: PORT },
      ...(proxy && { pooled: proxy }),
      database: args.spec.database,
      user: USER,
      secret: args.password,
      sslMode: "require",
    };
    this.registerOutputs({ endpoint: this.postgres.writer.host });
  }

  /** In the primary region only: elsewhere a proxy has nothing to write to, and its readers forward no writes. */
  #pooled(
    name: string,
    args: AuroraRegionArgs,
    cluster: aws.rds.Cluster,
    group: aws.ec2.SecurityGroup,
  ): Postgres["pooled"] {
    if (args.pooling !== "rds-proxy" || !isPrimary(args)) return undefined;
    const { place, password } = args;
    return new RdsProxy(
      `${name}-proxy`,
      {
        ...place,
        clusterId: cluster.id,
        databaseGroupId: group.id,
        port: PORT,
        user: USER,
        password,
        // A proxy of a cluster without an instance finds no target.
        instances: this.instances,
        tags: args.tags,
      },
      { parent: this, providers: [place.provider] },
    ).endpoint;
  }
}

function isPrimary({ primary }: Pick<AuroraRegionArgs, "primary">): boolean {
  return primary === undefined;
}

function createSecurityGroup(name: string, place: AuroraPlace, parent: Resource): aws.ec2.SecurityGroup {
  const group = new aws.ec2.SecurityGroup(
    `${name}-database`,
    { description: `PostgreSQL of ${name}`, vpcId: place.vpcId, tags: { Name: name } },
    { parent },
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-from-nodes`,
    {
      securityGroupId: group.id,
      description: "PostgreSQL from the nodes",
      referencedSecurityGroupId: place.clientGroupId,
      ipProtocol: "tcp",
      fromPort: PORT,
      toPort: PORT,
    },
    { parent },
  );
  return group;
}

function createSubnetGroup(name: string, place: AuroraPlace, parent: Resource): aws.rds.SubnetGroup {
  return new aws.rds.SubnetGroup(
    `${name}-subnets`,
    { description: `Isolated subnets for ${name}`, subnetIds: [...place.subnetIds] },
    { parent },
  );
}

function createParameterGroup(name: string, spec: PostgresSpec, parent: Resource): aws.rds.ClusterParameterGroup {
  const parameters = auroraParameters(spec);
  return new aws.rds.ClusterParameterGroup(
    `${name}-parameters`,
    {
      family: FAMILY,
      description: `PostgreSQL settings of ${name}`,
      // The provider's default, "immediate", is refused for the static ones; at creation the two are the same.
      parameters: Object.entries(parameters).map(([key, value]) => ({
        name: key,
        value,
        applyMethod: "pending-reboot",
      })),
    },
    { parent },
  );
}

interface Surroundings {
  readonly group: aws.ec2.SecurityGroup;
  readonly subnets: aws.rds.SubnetGroup;
  readonly parameters: aws.rds.ClusterParameterGroup;
}

function createCluster(name: string, args: AuroraRegionArgs, around: Surroundings, parent: Resource): aws.rds.Cluster {
  return new aws.rds.Cluster(
    name,
    {
      clusterIdentifierPrefix: prefixFor(name),
      engine: ENGINE,
      engineVersion: AURORA_VERSION,
      globalClusterIdentifier: args.globalId,
      dbSubnetGroupName: around.subnets.name,
      vpcSecurityGroupIds: [around.group.id],
      dbClusterParameterGroupName: around.parameters.name,
      port: PORT,
      storageEncrypted: true,
      kmsKeyId: args.place.keyArn,
      backupRetentionPeriod: BACKUP_DAYS,
      copyTagsToSnapshot: true,
      enabledCloudwatchLogsExports: ["postgresql"],
      iamDatabaseAuthenticationEnabled: args.iamAuthentication ?? false,
      ...insights(args),
      // Of the writer it means nothing until another region is promoted, and then it forwards at once.
      // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBCluster.html
      enableGlobalWriteForwarding: true,
      deletionProtection: args.protect,
      tags: { ...args.tags, ...(isPrimary(args) && args.backupTags) },
      ...finalSnapshot(name, args, parent),
      ...(args.primary === undefined ? asPrimary(args) : { sourceRegion: args.primary.region }),
    },
    {
      parent,
      protect: args.protect,
      // A region joins the global database only when the primary has an instance.
      ...(args.primary === undefined ? {} : { dependsOn: [...args.primary.instances] }),
      ignoreChanges: AS_IT_WAS_MADE,
    },
  );
}

/** User and password come to a secondary cluster with the data; they are the primary's to change. */
function asPrimary(args: AuroraRegionArgs): Partial<aws.rds.ClusterArgs> {
  return { databaseName: args.spec.database, masterUsername: USER, masterPassword: args.password };
}

/** A secondary's data is the primary's, whose final snapshot is enough. */
function finalSnapshot(name: string, args: AuroraRegionArgs, parent: Resource): Partial<aws.rds.ClusterArgs> {
  // A snapshot outlives its stack: the next stack of this name must not meet it.
  const suffix = new random.RandomId(`${name}-snapshot`, { byteLength: 4 }, { parent });
  if (!isPrimary(args)) return { skipFinalSnapshot: true };
  return {
    skipFinalSnapshot: false,
    finalSnapshotIdentifier: suffix.hex.apply((hex) => `${autoNamed(`${name}-final`, SNAPSHOT_LIMIT)}-${hex}`),
  };
}

function insights({ monitoring }: AuroraRegionArgs): Partial<aws.rds.ClusterArgs> {
  const mode = monitoring?.insights ?? "standard";
  return {
    databaseInsightsMode: mode,
    performanceInsightsEnabled: true,
    performanceInsightsRetentionPeriod: INSIGHTS_DAYS[mode],
  };
}

function prefixFor(name: string): string {
  return `${boundedName(name, PREFIX_LIMIT - 1)}-`;
}

/** Aurora chooses the zones and, after a failure, the writer; the lower the tier, the sooner an instance is chosen. */
function createInstances(
  name: string,
  { place, primary, instanceClass, protect, monitoring, tags }: AuroraRegionArgs,
  cluster: aws.rds.Cluster,
  role: aws.iam.Role | undefined,
  parent: Resource,
): aws.rds.ClusterInstance[] {
  const count = place.readers + (primary === undefined ? 1 : 0);
  return Array.from(
    { length: count },
    (_, index) =>
      new aws.rds.ClusterInstance(
        `${name}-${index}`,
        {
          identifierPrefix: prefixFor(`${name}-${index}`),
          clusterIdentifier: cluster.id,
          engine: ENGINE,
          instanceClass,
          publiclyAccessible: false,
          promotionTier: Math.min(index, 15),
          autoMinorVersionUpgrade: false,
          copyTagsToSnapshot: true,
          tags: { ...tags },
          ...(role && { monitoringInterval: monitoring?.interval, monitoringRoleArn: role.arn }),
        },
        // The first writer only: readers come and go with the configuration.
        { parent, protect: protect && index === 0 && primary === undefined },
      ),
  );
}
