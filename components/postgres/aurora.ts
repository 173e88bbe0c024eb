import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { BadInput } from "@groundwork/lib/errors";
import { autoNamed, boundedName } from "@groundwork/lib/names";
import type { Postgres, PostgresSpec } from "./spec.ts";

/** A region's place for the database. */
export interface AuroraPlace {
  /** AWS's name of the region. */
  readonly region: string;
  readonly provider: aws.Provider;
  readonly vpcId: Input<string>;
  /** In two zones at least, with no way to the internet. */
  readonly subnetIds: readonly Input<string>[];
  /** The security group of those who may connect. */
  readonly clientGroupId: Input<string>;
  /** ARN of the region's key; storage and snapshots are encrypted with it. */
  readonly keyArn: Input<string>;
  /** Reader instances; in the primary region beside the writer. */
  readonly readers: number;
}

export interface AuroraGlobalArgs {
  readonly spec: PostgresSpec;
  /** Identifier of the global database, unique in the account; at most 63 letters, digits and hyphens. */
  readonly identifier: string;
  /** Instance class of writer and readers, e.g. `db.r8g.large` (about US$ 200 a month each); burstable classes cannot be global. */
  readonly instanceClass: string;
  /** The primary first; each other one follows it within about a second and can take over. */
  readonly places: readonly [AuroraPlace, ...AuroraPlace[]];
  /** Whether database, clusters and the first instance refuse deletion. */
  readonly protect: boolean;
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/AuroraPostgreSQL.Updates.html */
const AURORA_VERSION = "17.9";
const FAMILY = "aurora-postgresql17";
const ENGINE = "aurora-postgresql";
const PORT = 5432;
const USER = "groundwork";
const PASSWORD_LENGTH = 40;
/** A fortnight: long enough to notice a bug that corrupts data, at the price of the changed pages. */
const BACKUP_DAYS = 14;
/**
 * Pulumi does not name these two itself; the provider makes up `tf-<time>` or appends 26 characters to a prefix. An
 * identifier has at most 63. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html
 */
const PREFIX_LIMIT = 63 - 26;
/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBCluster.html */
const SNAPSHOT_LIMIT = 255;

/** Burstable classes cannot be part of a global database. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database.configuration.requirements.html */
const BURSTABLE = /^db\.t\d/;

/**
 * An Aurora PostgreSQL global database: a writer and readers in the primary region, readers in the others. A region's
 * workloads write to its own endpoint everywhere: outside the primary region, Aurora forwards the writes, so no network
 * between the regions is needed. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-write-forwarding-apg.html
 *
 * The password is made here and kept in the state as a secret: RDS does not manage one for a global database.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html#rds-secrets-manager-limitations
 */
export class AuroraGlobal extends ComponentResource {
  /** The database as each region's workloads see it, by region. */
  readonly regions: Readonly<Record<string, Postgres>>;

  constructor(name: string, args: AuroraGlobalArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:postgres:AuroraGlobal", name, {}, opts);
    check(name, args);
    const password = createPassword(name, this);
    const global = createGlobalCluster(name, args, this);
    const [first, ...others] = args.places;
    const primary = new AuroraRegion(
      `${name}-${first.region}`,
      { ...args, place: first, globalId: global.id, password: password.result },
      { parent: this, providers: [first.provider] },
    );
    const secondaries = others.map(
      (place) =>
        new AuroraRegion(
          `${name}-${place.region}`,
          { ...args, place, globalId: global.id, password: password.result, primary },
          { parent: this, providers: [place.provider] },
        ),
    );
    this.regions = Object.fromEntries([primary, ...secondaries].map(({ region, postgres }) => [region, postgres]));
    this.registerOutputs({ identifier: global.id });
  }
}

function check(name: string, { instanceClass, places }: AuroraGlobalArgs): void {
  if (BURSTABLE.test(instanceClass)) {
    throw new BadInput(
      `the instance class of ${name} is "${instanceClass}", which cannot be part of a global database; write a memory-optimised one, e.g. "db.r8g.large".`,
    );
  }
  const headless = places.slice(1).find(({ readers }) => readers < 1);
  if (headless !== undefined) {
    throw new BadInput(
      `the readers of ${name} in ${headless.region} are ${headless.readers}; write 1 or more, because a region's workloads connect to its readers.`,
    );
  }
}

function createPassword(name: string, parent: Resource): random.RandomPassword {
  // Letters and digits only: they need no quoting in a URL, a shell or a connection string.
  return new random.RandomPassword(`${name}-password`, { length: PASSWORD_LENGTH, special: false }, { parent });
}

function createGlobalCluster(name: string, args: AuroraGlobalArgs, parent: Resource): aws.rds.GlobalCluster {
  return new aws.rds.GlobalCluster(
    `${name}-global`,
    {
      globalClusterIdentifier: args.identifier,
      engine: ENGINE,
      engineVersion: AURORA_VERSION,
      databaseName: args.spec.database,
      storageEncrypted: true,
      deletionProtection: args.protect,
    },
    { parent, provider: args.places[0].provider, protect: args.protect },
  );
}

interface AuroraRegionArgs extends Omit<AuroraGlobalArgs, "places" | "identifier"> {
  readonly place: AuroraPlace;
  readonly globalId: Input<string>;
  readonly password: Output<string>;
  /** The region that this one follows; absent in the primary itself. */
  readonly primary?: AuroraRegion;
}

/** One region's cluster of the global database. */
class AuroraRegion extends ComponentResource {
  readonly region: string;
  readonly postgres: Postgres;
  readonly instances: readonly aws.rds.ClusterInstance[];

  constructor(name: string, args: AuroraRegionArgs, opts: ComponentResourceOptions) {
    super("groundwork:postgres:AuroraRegion", name, {}, opts);
    this.region = args.place.region;
    const group = createSecurityGroup(name, args.place, this);
    const subnets = createSubnetGroup(name, args.place, this);
    const parameters = createParameterGroup(name, args.spec, this);
    const cluster = createCluster(name, args, { group, subnets, parameters }, this);
    this.instances = createInstances(name, args, cluster, this);
    this.postgres = {
      writer: { host: args.primary === undefined ? cluster.endpoint : cluster.readerEndpoint, port: PORT },
      readers: { host: cluster.readerEndpoint, port: PORT },
      database: args.spec.database,
      user: USER,
      secret: args.password,
      sslMode: "require",
    };
    this.registerOutputs({ endpoint: this.postgres.writer.host });
  }
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
  const parameters: Record<string, string> = {
    "rds.force_ssl": "1",
    ...(spec.maxConnections === undefined ? {} : { max_connections: String(spec.maxConnections) }),
    ...spec.parameters,
  };
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
      deletionProtection: args.protect,
      ...(args.primary === undefined ? asPrimary(name, args, parent) : asSecondary(args.primary)),
    },
    {
      parent,
      protect: args.protect,
      // A region joins the global database only when the primary has an instance.
      ...(args.primary === undefined ? {} : { dependsOn: [...args.primary.instances] }),
      // Upgrades go through the global cluster, replication sources change by failovers: neither is a drift to undo.
      // https://www.pulumi.com/registry/packages/aws/api-docs/rds/globalcluster/#upgrading-engine-versions
      ignoreChanges: ["engineVersion", "replicationSourceIdentifier"],
    },
  );
}

function asPrimary(name: string, args: AuroraRegionArgs, parent: Resource): Partial<aws.rds.ClusterArgs> {
  // A snapshot outlives its stack: the next stack of this name must not meet it.
  const suffix = new random.RandomId(`${name}-snapshot`, { byteLength: 4 }, { parent });
  return {
    databaseName: args.spec.database,
    masterUsername: USER,
    masterPassword: args.password,
    skipFinalSnapshot: false,
    finalSnapshotIdentifier: suffix.hex.apply((hex) => `${autoNamed(`${name}-final`, SNAPSHOT_LIMIT)}-${hex}`),
  };
}

function prefixFor(name: string): string {
  return `${boundedName(name, PREFIX_LIMIT - 1)}-`;
}

/** Its data is the primary's, whose final snapshot is enough; user and password come with the data. */
function asSecondary(primary: AuroraRegion): Partial<aws.rds.ClusterArgs> {
  return { sourceRegion: primary.region, enableGlobalWriteForwarding: true, skipFinalSnapshot: true };
}

/** Aurora chooses the zones and, after a failure, the writer; the lower the tier, the sooner an instance is chosen. */
function createInstances(
  name: string,
  { place, primary, instanceClass, protect }: AuroraRegionArgs,
  cluster: aws.rds.Cluster,
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
        },
        // The first writer only: readers come and go with the configuration.
        { parent, protect: protect && index === 0 && primary === undefined },
      ),
  );
}
