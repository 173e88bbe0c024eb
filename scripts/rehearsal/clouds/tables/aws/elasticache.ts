import type { Created, Ctx, ResourceType } from "../../table.ts";
import { GLOBAL_GROUP, given, joinProblem, memberHeld, REPLICATION_GROUP } from "./elasticache-global.ts";
import { subnetGroupProblem } from "./rds-rules.ts";
import type { Problem } from "./rules.ts";
import {
  all,
  arn,
  arnOf,
  awsType,
  dayWindow,
  input,
  length,
  list,
  number,
  object,
  oneOf,
  pattern,
  port,
  range,
  refer,
  regionOf,
  rule,
  sourced,
  text,
  texts,
  thing,
  upstream,
  vpcOf,
  weekWindow,
} from "./rules.ts";
import { regionCode } from "./zones.ts";

const API = "https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/";
const CREATE = `${API}API_CreateReplicationGroup.html`;
const SUBNET_GROUP = "aws:elasticache/subnetGroup:SubnetGroup";
const PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup";

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html */
const nodeType = pattern(
  /^cache\.((t2|t3|t4g)\.(micro|small|medium)|(m4|m5|m6g|m7g|r4|r5|r6g|r6gd|r7g|c7gn)\.(large|xlarge|\d{1,2}xlarge))$/,
  "write a node type such as cache.r7g.large",
);

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/supported-engine-versions.html */
const engineVersion = (value: unknown, ctx: Ctx): string | undefined => {
  const valkey = /^(7\.2|[89]\.\d)$/;
  const redis = /^([45]\.\d\.\d|6\.(x|0|2)|7\.[01])$/;
  if (input(ctx, "engine") === "valkey")
    return valkey.test(text(value)) ? undefined : "write a Valkey version such as 8.1";
  if (input(ctx, "engine") === "redis")
    return redis.test(text(value)) ? undefined : "write a Redis OSS version such as 7.1";
  return valkey.test(text(value)) || redis.test(text(value))
    ? undefined
    : "write a version such as 8.1 (Valkey) or 7.1 (Redis OSS)";
};

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html */
const authToken = all(length(16, 128), pattern(/^[A-Za-z0-9!&#$^<>-]*$/, "write letters, digits and !&#$^<>- only"));

/** Whether data is spread over shards. */
const sharded = (ctx: Ctx): boolean => {
  const group = input(ctx, "parameterGroupName");
  const own = list(ctx.find(PARAMETERS, "name", group)?.properties["parameters"]).map(object);
  return (
    input(ctx, "clusterMode") === "enabled" ||
    given(ctx, "clusterEnabled") === true ||
    group.endsWith(".cluster.on") ||
    own.some((each) => each["name"] === "cluster-enabled" && each["value"] === "yes") ||
    (number(given(ctx, "numNodeGroups")) ?? 1) > 1 ||
    list(ctx.inputs["nodeGroupConfigurations"]).length > 1
  );
};

const shards = (ctx: Ctx): number =>
  Math.max(number(given(ctx, "numNodeGroups")) ?? 1, list(ctx.inputs["nodeGroupConfigurations"]).length, 1);
const replicas = (ctx: Ctx): number =>
  number(ctx.inputs["replicasPerNodeGroup"]) ?? Math.max(0, (number(ctx.inputs["numCacheClusters"]) ?? 1) - 1);
/** On by default for Valkey, off for Redis OSS. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/in-transit-encryption.html */
const encrypted = (ctx: Ctx): boolean =>
  given(ctx, "transitEncryptionEnabled") === undefined
    ? input(ctx, "engine") === "valkey"
    : given(ctx, "transitEncryptionEnabled") === true;

const failoverProblem = (ctx: Ctx): Problem | undefined => {
  const failover = ctx.inputs["automaticFailoverEnabled"] === true;
  if (sharded(ctx) && !failover)
    return {
      path: "automaticFailoverEnabled",
      reason: "write true: a group with cluster mode enabled needs automatic failover",
    };
  if (ctx.inputs["multiAzEnabled"] === true && !failover)
    return {
      path: "automaticFailoverEnabled",
      reason: "write true: Multi-AZ needs automatic failover",
      source: upstream("elasticache/replication_group.go"),
    };
  if (!sharded(ctx) && failover && replicas(ctx) < 1)
    return {
      path: "automaticFailoverEnabled",
      reason:
        "InvalidParameterCombination: add a replica (numCacheClusters of at least 2): there is nothing to fail over to",
    };
  return ctx.inputs["multiAzEnabled"] === true && replicas(ctx) < 1
    ? {
        path: "multiAzEnabled",
        reason: "InvalidParameterCombination: add a replica to each shard: Multi-AZ needs one in another zone",
      }
    : undefined;
};

const authProblem = (ctx: Ctx): Problem | undefined => {
  if (list(ctx.inputs["userGroupIds"]).length > 0 && ctx.inputs["authToken"] !== undefined)
    return {
      path: "authToken",
      reason: "leave it out: user groups do the authentication",
      source: upstream("elasticache/replication_group.go"),
    };
  const needs = ["authToken", "authTokenWo", "userGroupIds"].find((property) => ctx.inputs[property] !== undefined);
  return needs !== undefined && !encrypted(ctx)
    ? {
        path: "transitEncryptionEnabled",
        reason: `write true: ${needs} is only used over TLS`,
        source: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html",
      }
    : undefined;
};

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Redis-RedisCluster.html */
const MOST_NODES = 500;

const sizeProblem = (ctx: Ctx): Problem | undefined => {
  const { numCacheClusters, numNodeGroups, replicasPerNodeGroup } = ctx.inputs;
  if (numCacheClusters !== undefined && (numNodeGroups !== undefined || replicasPerNodeGroup !== undefined))
    return {
      path: "numCacheClusters",
      reason: "leave it out: numNodeGroups and replicasPerNodeGroup say it",
      source: upstream("elasticache/replication_group.go"),
    };
  const nodes = shards(ctx) * (1 + replicas(ctx));
  return nodes > MOST_NODES
    ? {
        path: "numNodeGroups",
        reason: `NodeQuotaForClusterExceeded: ${shards(ctx)} shards of ${1 + replicas(ctx)} nodes are ${nodes} nodes, take at most ${MOST_NODES}`,
        source: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Redis-RedisCluster.html",
      }
    : undefined;
};

const familyProblem = (ctx: Ctx): Problem | undefined => {
  const group = input(ctx, "parameterGroupName");
  const family =
    text(ctx.find(PARAMETERS, "name", group)?.properties["family"]) ||
    /^default\.((redis|valkey)[\d.x]+?)(\.cluster\.on)?$/.exec(group)?.[1];
  const [engine, version] = [input(ctx, "engine"), input(ctx, "engineVersion")];
  if (!family || engine === "" || version === "") return undefined;
  const wanted = `${engine}${version.startsWith("6") ? "6.x" : version.split(".")[0]}`;
  return Number(version.split(".")[0]) < 6 || family === wanted
    ? undefined
    : {
        path: "parameterGroupName",
        reason: `InvalidParameterCombination: the group is of family ${family}, take one of ${wanted}`,
      };
};

const networkProblem = (ctx: Ctx): Problem | undefined => {
  const vpc = text(ctx.find(SUBNET_GROUP, "name", ctx.inputs["subnetGroupName"])?.properties["vpcId"]);
  const stranger = texts(ctx.inputs["securityGroupIds"])
    .map((id) => thing(ctx, "aws:ec2/securityGroup:SecurityGroup", id))
    .find((group) => group !== undefined && vpc !== "" && group.properties["vpcId"] !== vpc);
  return stranger === undefined
    ? undefined
    : {
        path: "securityGroupIds",
        reason: `InvalidParameterValue: ${stranger.id} is of ${text(stranger.properties["vpcId"])}, the subnet group of ${vpc}`,
      };
};

const groupProblem = (ctx: Ctx): Problem | undefined =>
  joinProblem(ctx) ??
  sizeProblem(ctx) ??
  failoverProblem(ctx) ??
  familyProblem(ctx) ??
  networkProblem(ctx) ??
  authProblem(ctx);

const memberClusters = (ctx: Created): readonly string[] => {
  const nodes = Array.from({ length: 1 + replicas(ctx) }, (_, node) => String(node + 1).padStart(3, "0"));
  if (!sharded(ctx)) return nodes.map((node) => `${ctx.id}-${node}`);
  return Array.from({ length: shards(ctx) }, (_, shard) => String(shard + 1).padStart(4, "0")).flatMap((shard) =>
    nodes.map((node) => `${ctx.id}-${shard}-${node}`),
  );
};

/** https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Endpoints.html */
const endpoints = (ctx: Created): Record<string, string> => {
  const tail = `${regionCode(regionOf(ctx))}.cache.amazonaws.com`;
  const code = ctx.hex(6, "endpoint");
  const tls = encrypted(ctx);
  const named = (secure: string, plain: string): string =>
    tls ? `${secure}.${ctx.id}.${code}.${tail}` : `${ctx.id}${plain}.${tail}`;
  return sharded(ctx)
    ? {
        configurationEndpointAddress: named("clustercfg", `.${code}.clustercfg`),
        primaryEndpointAddress: "",
        readerEndpointAddress: "",
      }
    : {
        configurationEndpointAddress: "",
        primaryEndpointAddress: named("master", `.${code}.ng.0001`),
        readerEndpointAddress: named("replica", `-ro.${code}.ng.0001`),
      };
};

const engineOf = (ctx: Ctx): string => text(given(ctx, "engine")) || "redis";
const versionOf = (ctx: Ctx): string =>
  text(given(ctx, "engineVersion")) || (engineOf(ctx) === "valkey" ? "8.1" : "7.1");

const replicationGroup = awsType({
  token: REPLICATION_GROUP,
  source: upstream("elasticache/replication_group.go"),
  id: (ctx) => input(ctx, "replicationGroupId").toLowerCase(),
  key: (ctx) => input(ctx, "replicationGroupId").toLowerCase(),
  exists: "ReplicationGroupAlreadyExistsFault",
  autoName: { property: "replicationGroupId", maxLength: 40 },
  rules: [
    rule(
      "replicationGroupId",
      all(
        length(1, 40),
        pattern(
          /^[a-zA-Z](-?[a-zA-Z0-9])*$/,
          "write letters, digits and single hyphens, beginning with a letter and not ending with a hyphen",
        ),
      ),
      CREATE,
    ),
    rule("description", length(1, 255), CREATE),
    rule(
      "nodeType",
      nodeType,
      "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html",
    ),
    rule("engine", oneOf("redis", "valkey"), CREATE),
    rule(
      "engineVersion",
      engineVersion,
      "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/supported-engine-versions.html",
    ),
    rule("numNodeGroups", range(1, MOST_NODES), CREATE),
    rule("replicasPerNodeGroup", range(0, 5), CREATE),
    rule("numCacheClusters", range(1, 6), CREATE),
    rule("port", port, CREATE),
    rule("snapshotRetentionLimit", range(0, 35), CREATE),
    rule("snapshotWindow", dayWindow, CREATE),
    rule("maintenanceWindow", weekWindow, CREATE),
    rule("authToken", authToken, "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html"),
    rule("authTokenUpdateStrategy", oneOf("SET", "ROTATE", "DELETE"), `${API}API_ModifyReplicationGroup.html`),
    rule("clusterMode", oneOf("enabled", "disabled", "compatible"), CREATE),
    rule("networkType", oneOf("ipv4", "ipv6", "dual_stack"), CREATE),
    rule("transitEncryptionMode", oneOf("preferred", "required"), CREATE),
    rule("logDeliveryConfigurations", length(0, 2), `${API}API_LogDeliveryConfigurationRequest.html`),
    rule(
      "logDeliveryConfigurations[].destinationType",
      oneOf("cloudwatch-logs", "kinesis-firehose"),
      `${API}API_LogDeliveryConfigurationRequest.html`,
    ),
    rule(
      "logDeliveryConfigurations[].logFormat",
      oneOf("text", "json"),
      `${API}API_LogDeliveryConfigurationRequest.html`,
    ),
    rule(
      "logDeliveryConfigurations[].logType",
      oneOf("slow-log", "engine-log"),
      `${API}API_LogDeliveryConfigurationRequest.html`,
    ),
    rule("notificationTopicArn", arn("sns"), CREATE),
  ],
  references: [
    refer("subnetGroupName", SUBNET_GROUP, { by: "name", except: /^default$/ }),
    refer("parameterGroupName", PARAMETERS, { by: "name", except: /^default\./ }),
    refer("securityGroupIds[]", "aws:ec2/securityGroup:SecurityGroup"),
    refer("kmsKeyId", "aws:kms/key:Key", { by: ["arn", "id"], holds: false }),
    refer("globalReplicationGroupId", GLOBAL_GROUP, { anyRegion: true }),
  ],
  check: (ctx) => sourced(groupProblem(ctx), CREATE),
  replaces: [
    "atRestEncryptionEnabled",
    "dataTieringEnabled",
    "durability",
    "globalReplicationGroupId",
    "kmsKeyId",
    "networkType",
    "nodeGroupConfigurations",
    "port",
    "replicationGroupId",
    "securityGroupNames",
    "snapshotArns",
    "snapshotName",
    "subnetGroupName",
  ],
  updates: [
    "applyImmediately",
    "authToken",
    "authTokenUpdateStrategy",
    "authTokenWo",
    "authTokenWoVersion",
    "autoMinorVersionUpgrade",
    "automaticFailoverEnabled",
    "clusterMode",
    "description",
    "engine",
    "engineVersion",
    "finalSnapshotIdentifier",
    "ipDiscovery",
    "logDeliveryConfigurations",
    "maintenanceWindow",
    "multiAzEnabled",
    "nodeType",
    "notificationTopicArn",
    "numCacheClusters",
    "numNodeGroups",
    "parameterGroupName",
    "preferredCacheClusterAzs",
    "replicasPerNodeGroup",
    "securityGroupIds",
    "snapshotRetentionLimit",
    "snapshotWindow",
    "transitEncryptionEnabled",
    "transitEncryptionMode",
    "userGroupIds",
  ],
  defaults: {
    applyImmediately: false,
    atRestEncryptionEnabled: (ctx: Created) =>
      engineOf(ctx) === "valkey" || given(ctx, "atRestEncryptionEnabled") === true,
    autoMinorVersionUpgrade: true,
    automaticFailoverEnabled: false,
    clusterMode: (ctx: Created) => (sharded(ctx) ? "enabled" : "disabled"),
    dataTieringEnabled: false,
    durability: "disabled",
    engine: (ctx: Created) => engineOf(ctx),
    engineVersion: (ctx: Created) => versionOf(ctx),
    globalReplicationGroupId: "",
    ipDiscovery: "ipv4",
    maintenanceWindow: "sun:05:00-sun:06:00",
    multiAzEnabled: false,
    networkType: "ipv4",
    nodeGroupConfigurations: [],
    nodeType: (ctx: Created) => text(given(ctx, "nodeType")) || "cache.t4g.small",
    numCacheClusters: (ctx: Created) => memberClusters(ctx).length,
    numNodeGroups: (ctx: Created) => shards(ctx),
    parameterGroupName: (ctx: Created) =>
      `default.${engineOf(ctx)}${versionOf(ctx).split(".")[0]}${sharded(ctx) ? ".cluster.on" : ""}`,
    port: 6379,
    replicasPerNodeGroup: (ctx: Created) => replicas(ctx),
    securityGroupIds: [],
    securityGroupNames: [],
    snapshotWindow: "03:00-04:00",
    subnetGroupName: "default",
    transitEncryptionEnabled: (ctx: Created) => encrypted(ctx),
    transitEncryptionMode: (ctx: Created) => (encrypted(ctx) ? "required" : ""),
  },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "elasticache", `replicationgroup:${ctx.id}`),
    clusterEnabled: sharded(ctx),
    engineVersionActual: `${versionOf(ctx)}.0`,
    memberClusters: memberClusters(ctx),
    ...endpoints(ctx),
  }),
  secrets: ["authToken", "authTokenWo"],
  refuseDelete: memberHeld,
  retains: (group) => {
    const snapshot = text(group.properties["finalSnapshotIdentifier"]);
    return snapshot === "" ? undefined : `final snapshot ${snapshot}`;
  },
});

const lowerName = all(
  length(1, 255),
  pattern(
    /^[a-zA-Z](-?[a-zA-Z0-9.])*$/,
    "write letters, digits and single hyphens, beginning with a letter and not ending with a hyphen",
  ),
);

const subnetGroup = awsType({
  token: SUBNET_GROUP,
  source: upstream("elasticache/subnet_group.go"),
  id: (ctx) => input(ctx, "name").toLowerCase(),
  key: (ctx) => input(ctx, "name").toLowerCase(),
  exists: "CacheSubnetGroupAlreadyExists",
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule(
      "name",
      all(lowerName, pattern(/^(?!default$)/i, "write a name other than default")),
      `${API}API_CreateCacheSubnetGroup.html`,
    ),
    rule("subnetIds", length(1, 20), "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/quota-limits.html"),
  ],
  references: [refer("subnetIds[]", "aws:ec2/subnet:Subnet")],
  check: (ctx) => {
    const problem = subnetGroupProblem(ctx, "InvalidParameterValue");
    return problem === undefined
      ? undefined
      : { source: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html", ...problem };
  },
  replaces: ["name"],
  updates: ["description", "subnetIds"],
  defaults: { description: "Managed by Pulumi" },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "elasticache", `subnetgroup:${ctx.id}`),
    vpcId: vpcOf(ctx, texts(ctx.inputs["subnetIds"])),
  }),
});

const parameterGroup = awsType({
  token: PARAMETERS,
  source: upstream("elasticache/parameter_group.go"),
  id: (ctx) => input(ctx, "name").toLowerCase(),
  key: (ctx) => input(ctx, "name").toLowerCase(),
  exists: "CacheParameterGroupAlreadyExists",
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule("name", lowerName, `${API}API_CreateCacheParameterGroup.html`),
    rule(
      "family",
      oneOf("memcached1.6", "redis4.0", "redis5.0", "redis6.x", "redis7", "valkey7", "valkey8", "valkey9"),
      `${API}API_CreateCacheParameterGroup.html`,
    ),
  ],
  replaces: ["description", "family", "name"],
  updates: ["parameters"],
  defaults: { description: "Managed by Pulumi" },
  outputs: (ctx) => ({ arn: arnOf(ctx, "elasticache", `parametergroup:${ctx.id}`) }),
});

export const elasticache: readonly ResourceType[] = [replicationGroup, subnetGroup, parameterGroup];
