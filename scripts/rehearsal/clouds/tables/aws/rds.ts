import type { Created, Ctx, ResourceType, Thing } from "../../table.ts";
import {
  CLUSTER,
  CLUSTER_PARAMETERS,
  clusterProblem,
  follows,
  GLOBAL_CLUSTER,
  globalCluster,
  INSTANCE,
  isSecondary,
  members,
  SUBNET_GROUP,
  writerOf,
} from "./rds-rules.ts";
import {
  all,
  arn,
  arnOf,
  awsType,
  dayWindow,
  globalArn,
  input,
  kept,
  length,
  oneOf,
  pattern,
  range,
  refer,
  regionOf,
  rule,
  sourced,
  text,
  upstream,
  weekWindow,
  zone,
} from "./rules.ts";
import { awsZones } from "@groundwork/lib/regions";

const API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/";
const CREATE = `${API}API_CreateDBCluster.html`;
const KEY = "aws:kms/key:Key";
const ROLE = "aws:iam/role:Role";

/** Of clusters, instances and groups; the service keeps them in lower case. */
export const identifier = all(
  length(1, 63),
  pattern(
    /^[a-z](-?[a-z0-9])*$/,
    "write lower-case letters, digits and single hyphens, beginning with a letter and not ending with a hyphen",
  ),
);

/** Aurora PostgreSQL 13 to 18 and Aurora MySQL 3, in November 2026. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraPostgreSQLReleaseNotes/aurorapostgresql-release-calendar.html */
export const engineVersion = pattern(
  /^(1[3-8](\.\d{1,2})?|8\.0\.mysql_aurora\.3\.\d{2}\.\d|8\.0|8\.4(\.\w+)*)$/,
  "write an Aurora version such as 17.9 (PostgreSQL) or 8.0.mysql_aurora.3.10.0 (MySQL)",
);
export const DEFAULT_VERSION = "17.9";
export const engine = oneOf("aurora-postgresql", "aurora-mysql", "mysql", "postgres");
const isMysql = (ctx: Pick<Ctx, "inputs">): boolean => input(ctx, "engine").includes("mysql");

const REGION_ZONE: Readonly<Record<string, string>> = { "us-east-1": "Z2R2ITUGPM61AM", "us-west-2": "Z1PVIF0B656C1W" };
const hostedZone = (ctx: Ctx): string => REGION_ZONE[regionOf(ctx)] ?? `Z${ctx.hex(13, regionOf(ctx)).toUpperCase()}`;

/** `abcdefghijkl.us-west-2.rds.amazonaws.com` */
export const domain = (ctx: Ctx): string => `c${ctx.hex(11, "domain")}.${regionOf(ctx)}.rds.amazonaws.com`;

const defaultKey = (ctx: Ctx): string =>
  arnOf(ctx, "kms", `key/${ctx.hex(8, "aws/rds")}-0000-4000-8000-${ctx.hex(12, "aws/rds")}`);

const globalDatabase = awsType({
  token: GLOBAL_CLUSTER,
  source: upstream("rds/global_cluster.go"),
  scope: "global",
  id: (ctx) => input(ctx, "globalClusterIdentifier"),
  key: (ctx) => input(ctx, "globalClusterIdentifier"),
  exists: "GlobalClusterAlreadyExistsFault",
  rules: [
    rule("globalClusterIdentifier", identifier, `${API}API_CreateGlobalCluster.html`),
    rule("engine", oneOf("aurora", "aurora-mysql", "aurora-postgresql"), `${API}API_CreateGlobalCluster.html`),
    rule("engineVersion", engineVersion, `${API}API_CreateGlobalCluster.html`),
    rule(
      "databaseName",
      all(length(1, 64), pattern(/^[A-Za-z][A-Za-z0-9]*$/, "write letters and digits, beginning with a letter")),
      `${API}API_CreateGlobalCluster.html`,
    ),
    rule(
      "engineLifecycleSupport",
      oneOf("open-source-rds-extended-support", "open-source-rds-extended-support-disabled"),
      `${API}API_CreateGlobalCluster.html`,
    ),
  ],
  check: (ctx) =>
    ctx.inputs["sourceDbClusterIdentifier"] !== undefined && ctx.inputs["engine"] !== undefined
      ? {
          path: "engine",
          reason: "leave it out: it is the source cluster's",
          source: upstream("rds/global_cluster.go"),
        }
      : undefined,
  replaces: [
    "databaseName",
    "engine",
    "engineLifecycleSupport",
    "globalClusterIdentifier",
    "region",
    "sourceDbClusterIdentifier",
    "storageEncrypted",
  ],
  updates: ["deletionProtection", "engineVersion", "forceDestroy"],
  deleteBeforeReplace: true,
  defaults: {
    databaseName: "",
    engine: "aurora-postgresql",
    engineLifecycleSupport: "open-source-rds-extended-support",
    engineVersion: DEFAULT_VERSION,
    sourceDbClusterIdentifier: "",
    storageEncrypted: false,
    deletionProtection: false,
    region: (ctx: Created) => regionOf(ctx),
  },
  outputs: (ctx) => ({
    arn: globalArn(ctx, "rds", `global-cluster:${ctx.id}`),
    endpoint: `${ctx.id}.global-c${ctx.hex(11, "global")}.global.rds.amazonaws.com`,
    engineVersionActual: input(ctx, "engineVersion") || DEFAULT_VERSION,
    globalClusterMembers: kept(ctx, "globalClusterMembers", () => []),
    globalClusterResourceId: `cluster-${ctx.hex(16, "resource")}`,
  }),
  refuseDelete: (database, ctx) => {
    if (database.properties["deletionProtection"] === true)
      return "InvalidParameterCombination: Cannot delete protected Global Cluster, please disable deletion protection and try again.";
    return members(ctx, database.id).length > 0 && database.properties["forceDestroy"] !== true
      ? `InvalidGlobalClusterStateFault: Global Cluster ${text(database.properties["arn"])} is not empty`
      : undefined;
  },
});

const clusterHeld = (cluster: Thing, ctx: Ctx): string | undefined => {
  const { deletionProtection, skipFinalSnapshot, finalSnapshotIdentifier, globalClusterIdentifier } =
    cluster.properties;
  if (deletionProtection === true)
    return "InvalidParameterCombination: Cannot delete protected Cluster, please disable deletion protection and try again.";
  if (ctx.all(INSTANCE).some((each) => each.properties["clusterIdentifier"] === cluster.id))
    return "InvalidDBClusterStateFault: Cluster cannot be deleted, it still contains DB instances in non-deleting state.";
  const followers = members(ctx, text(globalClusterIdentifier)).filter(
    (each) => each.id !== cluster.id || each.place !== cluster.place,
  );
  if (text(globalClusterIdentifier) !== "" && !follows(cluster) && followers.length > 0)
    // https://github.com/hashicorp/terraform-provider-aws/issues/26236
    return `InvalidGlobalClusterStateFault: Unable to delete cluster that is a primary member of global cluster while there are other global cluster members: ${followers.map(({ id }) => id).join(", ")}`;
  if (skipFinalSnapshot === true) return undefined;
  return text(finalSnapshotIdentifier) === ""
    ? "RDS Cluster final_snapshot_identifier is required when skip_final_snapshot is false"
    : undefined;
};

export const port = (ctx: Ctx): number => (isMysql(ctx) ? 3306 : 5432);

/** The service (or the upstream provider) makes up an identifier when the program gives none. */
const clusterId = (ctx: Ctx): string => input(ctx, "clusterIdentifier") || `tf-${parseInt(ctx.hex(12, "id"), 16)}`;

const cluster = awsType({
  token: CLUSTER,
  source: upstream("rds/cluster.go"),
  id: clusterId,
  key: clusterId,
  exists: "DBClusterAlreadyExistsFault",
  rules: [
    rule("clusterIdentifier", identifier, CREATE),
    rule("engine", engine, CREATE),
    rule("engineVersion", engineVersion, CREATE),
    rule("engineMode", oneOf("provisioned", "global", "parallelquery", "serverless"), CREATE),
    rule(
      "masterUsername",
      all(
        length(1, 16),
        pattern(
          /^(?!(admin|rdsadmin|postgres_admin|root)$)[A-Za-z][A-Za-z0-9_]*$/i,
          "write letters, digits and _, beginning with a letter, and no reserved word such as admin",
        ),
      ),
      CREATE,
    ),
    rule(
      "masterPassword",
      all(length(8, 41), pattern(/^[ -~]*$/, "write printable ASCII"), pattern(/^[^/"@]*$/, 'leave out /, " and @')),
      CREATE,
    ),
    rule(
      "databaseName",
      all(length(1, 63), pattern(/^[A-Za-z][A-Za-z0-9_]*$/, "write letters, digits and _, beginning with a letter")),
      CREATE,
    ),
    rule("backupRetentionPeriod", range(1, 35), CREATE),
    rule("port", range(1150, 65_535), CREATE),
    rule("preferredBackupWindow", dayWindow, CREATE),
    rule("preferredMaintenanceWindow", weekWindow, CREATE),
    rule("availabilityZones[]", zone, CREATE),
    rule("storageType", oneOf("", "aurora", "aurora-iopt1"), CREATE),
    rule("monitoringInterval", oneOf(0, 1, 5, 10, 15, 30, 60), CREATE),
    rule("databaseInsightsMode", oneOf("standard", "advanced"), CREATE),
    rule(
      "enabledCloudwatchLogsExports[]",
      oneOf("audit", "error", "general", "iam-db-auth-error", "instance", "postgresql", "slowquery", "upgrade"),
      CREATE,
    ),
    rule(
      "finalSnapshotIdentifier",
      all(
        length(1, 255),
        pattern(/^[A-Za-z](-?[0-9A-Za-z])*$/, "write letters, digits and single hyphens, beginning with a letter"),
      ),
      `${API}API_DeleteDBCluster.html`,
    ),
    rule("kmsKeyId", arn("kms"), CREATE),
    rule(
      "engineLifecycleSupport",
      oneOf("open-source-rds-extended-support", "open-source-rds-extended-support-disabled"),
      CREATE,
    ),
    rule("networkType", oneOf("IPV4", "DUAL"), CREATE),
  ],
  references: [
    refer("dbSubnetGroupName", SUBNET_GROUP, { by: "name", except: /^default$/ }),
    refer("vpcSecurityGroupIds[]", "aws:ec2/securityGroup:SecurityGroup"),
    refer("dbClusterParameterGroupName", CLUSTER_PARAMETERS, { by: "name", except: /^default\./ }),
    refer("globalClusterIdentifier", GLOBAL_CLUSTER, { by: "globalClusterIdentifier", holds: false }),
    refer("kmsKeyId", KEY, { by: "arn", holds: false }),
    refer("performanceInsightsKmsKeyId", KEY, { by: "arn", holds: false }),
    refer("monitoringRoleArn", ROLE, { by: "arn", holds: false }),
    refer("iamRoles[]", ROLE, { by: "arn", holds: false }),
  ],
  check: (ctx) => sourced(clusterProblem(ctx), CREATE),
  replaces: [
    "availabilityZones",
    "clusterIdentifier",
    "clusterIdentifierPrefix",
    "clusterScalabilityType",
    "databaseName",
    "dbSubnetGroupName",
    "dbSystemId",
    "engine",
    "engineMode",
    "kmsKeyId",
    "masterUsername",
    "restoreToPointInTime",
    "s3Import",
    "snapshotIdentifier",
    "sourceRegion",
    "storageEncrypted",
  ],
  updates: [
    "allocatedStorage",
    "allowMajorVersionUpgrade",
    "applyImmediately",
    "autoMinorVersionUpgrade",
    "backtrackWindow",
    "backupRetentionPeriod",
    "caCertificateIdentifier",
    "clusterMembers",
    "copyTagsToSnapshot",
    "databaseInsightsMode",
    "dbClusterInstanceClass",
    "dbClusterParameterGroupName",
    "dbInstanceParameterGroupName",
    "deleteAutomatedBackups",
    "deletionProtection",
    "domain",
    "domainIamRoleName",
    "enableGlobalWriteForwarding",
    "enableHttpEndpoint",
    "enableLocalWriteForwarding",
    "enabledCloudwatchLogsExports",
    "engineLifecycleSupport",
    "engineVersion",
    "finalSnapshotIdentifier",
    "globalClusterIdentifier",
    "iamDatabaseAuthenticationEnabled",
    "iamRoles",
    "iops",
    "manageMasterUserPassword",
    "masterPassword",
    "masterPasswordWo",
    "masterPasswordWoVersion",
    "masterUserSecretKmsKeyId",
    "monitoringInterval",
    "monitoringRoleArn",
    "networkType",
    "performanceInsightsEnabled",
    "performanceInsightsKmsKeyId",
    "performanceInsightsRetentionPeriod",
    "port",
    "preferredBackupWindow",
    "preferredMaintenanceWindow",
    "replicationSourceIdentifier",
    "scalingConfiguration",
    "serverlessv2ScalingConfiguration",
    "skipFinalSnapshot",
    "storageType",
    "vpcSecurityGroupIds",
    "warningEventCategories",
  ],
  deleteBeforeReplace: (ctx) =>
    input(ctx, "clusterIdentifier") !== "" && ctx.old?.id === input(ctx, "clusterIdentifier"),
  defaults: {
    allocatedStorage: 1,
    applyImmediately: false,
    autoMinorVersionUpgrade: true,
    availabilityZones: (ctx: Created) => awsZones(regionOf(ctx)).slice(0, 3),
    backupRetentionPeriod: 1,
    caCertificateIdentifier: "",
    clusterIdentifier: (ctx: Created) => ctx.id,
    clusterIdentifierPrefix: "",
    clusterMembers: [],
    clusterScalabilityType: "standard",
    databaseInsightsMode: "standard",
    databaseName: "",
    dbClusterParameterGroupName: (ctx: Created) =>
      `default.${input(ctx, "engine")}${isMysql(ctx) ? "8.0" : (input(ctx, "engineVersion") || DEFAULT_VERSION).split(".")[0]}`,
    dbSubnetGroupName: "default",
    dbSystemId: "",
    deletionProtection: false,
    engineLifecycleSupport: "open-source-rds-extended-support",
    engineMode: "provisioned",
    engineVersion: DEFAULT_VERSION,
    iamRoles: [],
    kmsKeyId: (ctx: Created) => (ctx.inputs["storageEncrypted"] === true ? defaultKey(ctx) : ""),
    masterUserSecretKmsKeyId: "",
    masterUsername: (ctx: Created) =>
      text(writerOf(ctx, input(ctx, "globalClusterIdentifier"))?.properties["masterUsername"]),
    monitoringInterval: 0,
    monitoringRoleArn: "",
    networkType: "IPV4",
    performanceInsightsKmsKeyId: "",
    performanceInsightsRetentionPeriod: 0,
    port: (ctx: Created) => port(ctx),
    preferredBackupWindow: "07:00-07:30",
    preferredMaintenanceWindow: "sun:08:00-sun:08:30",
    skipFinalSnapshot: false,
    storageEncrypted: false,
    storageType: "aurora",
    vpcSecurityGroupIds: [],
  },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "rds", `cluster:${ctx.id}`),
    caCertificateValidTill: "",
    clusterResourceId: `cluster-${ctx.hex(26, "resource").toUpperCase()}`,
    // of a secondary cluster it leads nowhere until the cluster is promoted, but the name is there
    // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-connecting.html
    endpoint: `${ctx.id}.cluster-${domain(ctx)}`,
    readerEndpoint: `${ctx.id}.cluster-ro-${domain(ctx)}`,
    engineVersionActual:
      input(ctx, "engineVersion") ||
      text(globalCluster(ctx, input(ctx, "globalClusterIdentifier"))?.properties["engineVersion"]) ||
      DEFAULT_VERSION,
    hostedZoneId: hostedZone(ctx),
    masterUserSecrets:
      ctx.inputs["manageMasterUserPassword"] === true
        ? [
            {
              kmsKeyId: input(ctx, "masterUserSecretKmsKeyId") || arnOf(ctx, "kms", "alias/aws/secretsmanager"),
              secretArn: arnOf(
                ctx,
                "secretsmanager",
                `secret:rds!cluster-${ctx.hex(32, "secret")}-${ctx.hex(6, "suffix")}`,
              ),
              secretStatus: "active",
            },
          ]
        : [],
    replicationSourceIdentifier: isSecondary(ctx)
      ? kept(ctx, "replicationSourceIdentifier", () =>
          text(writerOf(ctx, input(ctx, "globalClusterIdentifier"))?.properties["arn"]),
        )
      : "",
    upgradeRolloutOrder: "second",
  }),
  secrets: ["masterPassword", "masterPasswordWo"],
  refuseDelete: clusterHeld,
  retains: (database) =>
    database.properties["skipFinalSnapshot"] === true
      ? undefined
      : `final snapshot ${text(database.properties["finalSnapshotIdentifier"])}`,
});

export const rds: readonly ResourceType[] = [globalDatabase, cluster];
