import type { Ctx, Thing } from "../../table.ts";
import type { Problem } from "./rules.ts";
import { everywhere, input, number, object, oneVpc, sourced, spansZones, text, texts, thing, vpcOf } from "./rules.ts";

const AURORA = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/";

export const GLOBAL_CLUSTER = "aws:rds/globalCluster:GlobalCluster";
export const CLUSTER = "aws:rds/cluster:Cluster";
export const INSTANCE = "aws:rds/clusterInstance:ClusterInstance";
export const SUBNET_GROUP = "aws:rds/subnetGroup:SubnetGroup";
export const CLUSTER_PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup";
export const PARAMETERS = "aws:rds/parameterGroup:ParameterGroup";

/** `17.9` as 17. */
export const major = (version: unknown): number | undefined => {
  const found = /^(\d+)(\.|$)/.exec(text(version))?.[1];
  return found === undefined ? undefined : Number(found);
};

/** The clusters of a global database, in whatever region, oldest first: the first is the writer. */
export const members = (ctx: Pick<Ctx, "all" | "account">, globalId: string): readonly Thing[] =>
  globalId === ""
    ? []
    : everywhere(ctx, CLUSTER).filter((each) => each.properties["globalClusterIdentifier"] === globalId);

export const globalCluster = (ctx: Pick<Ctx, "find" | "account">, globalId: string): Thing | undefined =>
  ctx.find(GLOBAL_CLUSTER, "globalClusterIdentifier", globalId, `aws/${ctx.account}`);

/**
 * Whether a cluster follows another of its global database. A promotion turns it round: what a cluster was made as says
 * nothing any more, only whom it replicates now. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBCluster.html
 */
export const follows = (cluster: Thing): boolean => {
  const source = cluster.properties["replicationSourceIdentifier"];
  // what was written down before release 0.2.0 has no source: there, whoever named a master user is the writer
  return text(cluster.properties["globalClusterIdentifier"]) !== "" && typeof source === "string"
    ? source !== ""
    : text(cluster.properties["globalClusterIdentifier"]) !== "" && text(cluster.inputs["masterUsername"]) === "";
};

/** The member of a global database that takes writes. */
export const writerOf = (ctx: Pick<Ctx, "all" | "account">, globalId: string): Thing | undefined =>
  members(ctx, globalId).find((each) => !follows(each));

export const isSecondary = (ctx: Pick<Ctx, "all" | "account" | "inputs" | "old">): boolean =>
  input(ctx, "globalClusterIdentifier") !== "" &&
  (ctx.old !== undefined && ctx.old.properties["globalClusterIdentifier"] === ctx.inputs["globalClusterIdentifier"]
    ? follows(ctx.old)
    : members(ctx, input(ctx, "globalClusterIdentifier")).length > 0);

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-getting-started.html */
const secondaryProblem = (ctx: Ctx): Problem | undefined => {
  const source = `${AURORA}aurora-global-database-getting-started.html`;
  const globalId = input(ctx, "globalClusterIdentifier");
  const whole = globalCluster(ctx, globalId)?.properties;
  if (!isSecondary(ctx)) return undefined;
  // of a cluster that was the writer once, the service keeps these and takes no other password
  const wrong = ["masterUsername", "masterPassword", "masterPasswordWo", "databaseName"].find(
    (property) => ctx.inputs[property] !== undefined && ctx.old?.inputs[property] !== ctx.inputs[property],
  );
  if (wrong !== undefined)
    return {
      path: wrong,
      reason: `InvalidParameterCombination: leave it out: ${globalId} has a writer already and this cluster follows it`,
      source,
    };
  const encrypted = whole?.["storageEncrypted"] === true || ctx.inputs["storageEncrypted"] === true;
  return encrypted && input(ctx, "kmsKeyId") === ""
    ? {
        path: "kmsKeyId",
        reason:
          "InvalidParameterCombination: KmsKeyId should be explicitly specified for cross region encrypted replicas: name a key of this region",
        source,
      }
    : undefined;
};

const globalProblem = (ctx: Ctx): Problem | undefined => {
  const globalId = input(ctx, "globalClusterIdentifier");
  if (globalId === "") return undefined;
  if (ctx.inputs["manageMasterUserPassword"] === true)
    return {
      path: "manageMasterUserPassword",
      reason: "leave it out and give masterPassword: RDS does not manage the password of a global database",
      source: `${AURORA}rds-secrets-manager.html`,
    };
  const whole = globalCluster(ctx, globalId)?.properties;
  for (const property of ["engine", "engineVersion"]) {
    const [mine, theirs] = [input(ctx, property), text(whole?.[property])];
    if (ctx.old === undefined && mine !== "" && theirs !== "" && mine !== theirs)
      return {
        path: property,
        reason: `InvalidParameterCombination: write ${theirs}, as ${globalId} has`,
        source: `${AURORA}aurora-global-database-getting-started.html`,
      };
  }
  if (whole !== undefined && (whole["storageEncrypted"] === true) !== (ctx.inputs["storageEncrypted"] === true))
    return {
      path: "storageEncrypted",
      reason: `InvalidParameterCombination: write ${whole["storageEncrypted"] === true}, as ${globalId} has`,
      source: `${AURORA}aurora-global-database-getting-started.html`,
    };
  return secondaryProblem(ctx);
};

const CREATE = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html";

const masterProblem = (ctx: Ctx): Problem | undefined => {
  const restored = ["snapshotIdentifier", "replicationSourceIdentifier", "restoreToPointInTime", "s3Import"].some(
    (property) => ctx.inputs[property] !== undefined,
  );
  // who follows has them from the writer, and keeps them when it becomes the writer itself
  if (restored || isSecondary(ctx) || text(ctx.old?.properties["masterUsername"]) !== "") return undefined;
  if (input(ctx, "masterUsername") === "")
    return { path: "masterUsername", reason: "InvalidParameterValue: name the master user" };
  const ways = ["manageMasterUserPassword", "masterPassword", "masterPasswordWo"].filter(
    (property) => ctx.inputs[property] !== undefined && ctx.inputs[property] !== false,
  );
  if (ways.length === 1) return undefined;
  return ways.length === 0
    ? { path: "masterPassword", reason: "InvalidParameterValue: give a masterPassword or manageMasterUserPassword" }
    : { path: ways[1] ?? "", reason: `write one of ${ways.join(" and ")}`, source: CREATE };
};

/** The part of a parameter group's family that an engine version asks for: aurora-postgresql17. */
const familyProblem = (ctx: Ctx): Problem | undefined => {
  const family = text(
    ctx.find(CLUSTER_PARAMETERS, "name", ctx.inputs["dbClusterParameterGroupName"])?.properties["family"],
  );
  const [wanted, engine] = [major(ctx.inputs["engineVersion"]), input(ctx, "engine")];
  if (family === "" || wanted === undefined || !engine.endsWith("postgresql")) return undefined;
  return family === `${engine}${wanted}`
    ? undefined
    : {
        path: "dbClusterParameterGroupName",
        reason: `InvalidParameterCombination: the group is of family ${family}, take one of ${engine}${wanted}`,
        source: `${AURORA}USER_WorkingWithParamGroups.html`,
      };
};

const networkProblem = (ctx: Ctx): Problem | undefined => {
  const vpc = text(ctx.find(SUBNET_GROUP, "name", ctx.inputs["dbSubnetGroupName"])?.properties["vpcId"]);
  const stranger = texts(ctx.inputs["vpcSecurityGroupIds"])
    .map((id) => thing(ctx, "aws:ec2/securityGroup:SecurityGroup", id))
    .find((group) => group !== undefined && vpc !== "" && group.properties["vpcId"] !== vpc);
  return stranger === undefined
    ? undefined
    : {
        path: "vpcSecurityGroupIds",
        reason: `InvalidParameterCombination: The DB instance and EC2 security group are in different VPCs: ${stranger.id} is of ${text(stranger.properties["vpcId"])}, the subnet group of ${vpc}`,
      };
};

const versionProblem = (ctx: Ctx): Problem | undefined => {
  const [before, after] = [text(ctx.old?.properties["engineVersion"]), input(ctx, "engineVersion")];
  const [from, to] = [major(before), major(after)];
  if (from === undefined || to === undefined || before === after) return undefined;
  const source = `${AURORA}USER_UpgradeDBInstance.PostgreSQL.html`;
  if (to > from && ctx.inputs["allowMajorVersionUpgrade"] !== true)
    return {
      path: "engineVersion",
      reason:
        "InvalidParameterCombination: The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.",
      source,
    };
  return to < from || (to === from && Number(after.split(".")[1]) < Number(before.split(".")[1]))
    ? {
        path: "engineVersion",
        reason: `InvalidParameterCombination: Cannot upgrade from ${before} to ${after}: a version never goes back`,
        source,
      }
    : undefined;
};

const capacityProblem = (ctx: Ctx): Problem | undefined => {
  const { minCapacity, maxCapacity } = object(ctx.inputs["serverlessv2ScalingConfiguration"]);
  const [min, max] = [number(minCapacity), number(maxCapacity)];
  const source = `${AURORA}aurora-serverless-v2.setting-capacity.html`;
  if (min === undefined || max === undefined) return undefined;
  if (min < 0 || max > 256 || max < 1 || min % 0.5 !== 0 || max % 0.5 !== 0)
    return {
      path: "serverlessv2ScalingConfiguration.maxCapacity",
      reason: "write capacities from 0 (maximum from 1) to 256 in steps of 0.5",
      source,
    };
  return min > max
    ? {
        path: "serverlessv2ScalingConfiguration.minCapacity",
        reason: `minCapacity ${min} is above maxCapacity ${max}`,
        source,
      }
    : undefined;
};

const encryptionProblem = (ctx: Ctx): Problem | undefined =>
  input(ctx, "kmsKeyId") !== "" && ctx.inputs["storageEncrypted"] === false
    ? { path: "storageEncrypted", reason: "write true: a kmsKeyId is named" }
    : undefined;

export const clusterProblem = (ctx: Ctx): Problem | undefined => {
  return sourced(
    capacityProblem(ctx) ??
      encryptionProblem(ctx) ??
      versionProblem(ctx) ??
      globalProblem(ctx) ??
      networkProblem(ctx) ??
      familyProblem(ctx) ??
      masterProblem(ctx),
    CREATE,
  );
};

const INSTANCE_SOURCE = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html";

/** One writer and at most 15 readers. https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Replication.html */
const MOST_INSTANCES = 16;

export const instanceProblem = (ctx: Ctx): Problem | undefined => {
  const cluster = thing(ctx, CLUSTER, ctx.inputs["clusterIdentifier"]);
  if (cluster === undefined) return undefined;
  const engine = text(cluster.properties["engine"]);
  if (engine !== "" && input(ctx, "engine") !== engine)
    return {
      path: "engine",
      reason: `InvalidParameterCombination: write ${engine}, as the cluster has`,
      source: INSTANCE_SOURCE,
    };
  const instanceClass = input(ctx, "instanceClass");
  if (text(cluster.properties["globalClusterIdentifier"]) !== "" && instanceClass.startsWith("db.t"))
    return {
      path: "instanceClass",
      reason: "write a memory-optimised class such as db.r7g.large: a global database takes no burstable ones",
      source: `${AURORA}aurora-global-database-getting-started.html`,
    };
  if (instanceClass === "db.serverless" && cluster.properties["serverlessv2ScalingConfiguration"] === undefined)
    return {
      path: "instanceClass",
      reason:
        "InvalidDBClusterStateFault: Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB instance",
      source: `${AURORA}aurora-serverless-v2.create.html`,
    };
  const siblings = ctx.all(INSTANCE).filter((each) => each.properties["clusterIdentifier"] === cluster.id);
  return ctx.old === undefined && siblings.length >= MOST_INSTANCES
    ? {
        path: "clusterIdentifier",
        reason: `DBClusterInstanceQuotaExceeded: a cluster takes at most ${MOST_INSTANCES} instances`,
        source: `${AURORA}Aurora.Replication.html`,
      }
    : undefined;
};

/**
 * Subnets of one VPC in at least two zones; a group never moves to another VPC.
 * https://github.com/hashicorp/terraform-provider-aws/issues/27459
 */
export const subnetGroupProblem = (ctx: Ctx, error: string): Problem | undefined => {
  const ids = texts(ctx.inputs["subnetIds"]);
  const apart = oneVpc(ctx, ids) ?? spansZones(ctx, ids, 2);
  if (apart !== undefined) return { path: "subnetIds", reason: `${error}: ${apart}` };
  const [before, after] = [text(ctx.old?.properties["vpcId"]), vpcOf(ctx, ids)];
  return before === "" || after === "" || before === after
    ? undefined
    : {
        path: "subnetIds",
        reason: `InvalidParameterValue: The new Subnets are not in the same Vpc as the existing subnet group: they are of ${after}, the group is of ${before}`,
      };
};
