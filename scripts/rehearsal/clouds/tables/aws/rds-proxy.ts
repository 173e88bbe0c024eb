import type { Ctx, ResourceType } from "../../table.ts";
import { domain } from "./rds.ts";
import { CLUSTER, follows, INSTANCE } from "./rds-rules.ts";
import {
  all,
  arn,
  arnOf,
  awsType,
  input,
  length,
  list,
  object,
  oneOf,
  oneVpc,
  pattern,
  range,
  refer,
  rule,
  spansZones,
  text,
  texts,
  thing,
  upstream,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/";
const GUIDE = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/";
const CREATE = `${API}API_CreateDBProxy.html`;
const PROXY = "aws:rds/proxy:Proxy";

const subnetsProblem = (ctx: Ctx): string | undefined => {
  const ids = texts(ctx.inputs["vpcSubnetIds"]);
  return oneVpc(ctx, ids) ?? spansZones(ctx, ids, 2);
};

const proxy = awsType({
  token: PROXY,
  source: upstream("rds/proxy.go"),
  id: (ctx) => input(ctx, "name"),
  key: (ctx) => input(ctx, "name").toLowerCase(),
  exists: "DBProxyAlreadyExistsFault",
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule(
      "name",
      all(
        length(1, 63),
        pattern(
          /^[a-zA-Z](-?[a-zA-Z0-9])*$/,
          "write letters, digits and single hyphens, beginning with a letter and not ending with a hyphen",
        ),
      ),
      CREATE,
    ),
    rule("engineFamily", oneOf("MYSQL", "POSTGRESQL", "SQLSERVER"), CREATE),
    rule("roleArn", arn("iam"), CREATE),
    rule("idleClientTimeout", range(1, 28_800), CREATE),
    rule("defaultAuthScheme", oneOf("NONE", "IAM_AUTH"), CREATE),
    rule("auths[].authScheme", oneOf("SECRETS"), `${API}API_UserAuthConfig.html`),
    rule("auths[].iamAuth", oneOf("DISABLED", "ENABLED", "REQUIRED"), `${API}API_UserAuthConfig.html`),
    rule(
      "auths[].clientPasswordAuthType",
      oneOf(
        "POSTGRES_SCRAM_SHA_256",
        "POSTGRES_MD5",
        "MYSQL_NATIVE_PASSWORD",
        "MYSQL_CACHING_SHA2_PASSWORD",
        "SQL_SERVER_AUTHENTICATION",
      ),
      `${API}API_UserAuthConfig.html`,
    ),
    rule("vpcSubnetIds", length(1, 20), CREATE),
  ],
  references: [
    refer("vpcSubnetIds[]", "aws:ec2/subnet:Subnet"),
    refer("vpcSecurityGroupIds[]", "aws:ec2/securityGroup:SecurityGroup"),
    refer("roleArn", "aws:iam/role:Role", { by: "arn", holds: false }),
    refer("auths[].secretArn", "aws:secretsmanager/secret:Secret", { by: "arn", holds: false }),
  ],
  check: (ctx) => {
    const apart = subnetsProblem(ctx);
    if (apart !== undefined)
      return {
        path: "vpcSubnetIds",
        reason: `InvalidSubnet: ${apart}`,
        source: `${GUIDE}rds-proxy-network-prereqs.html`,
      };
    return list(ctx.inputs["auths"]).length === 0 && input(ctx, "defaultAuthScheme") !== "IAM_AUTH"
      ? {
          path: "auths",
          reason: "InvalidParameterValue: name a secret with the login of the database, or defaultAuthScheme IAM_AUTH",
          source: CREATE,
        }
      : undefined;
  },
  replaces: ["endpointNetworkType", "engineFamily", "targetConnectionNetworkType", "vpcSubnetIds"],
  updates: [
    "auths",
    "debugLogging",
    "defaultAuthScheme",
    "idleClientTimeout",
    "name",
    "requireTls",
    "roleArn",
    "vpcSecurityGroupIds",
  ],
  defaults: {
    defaultAuthScheme: "NONE",
    endpointNetworkType: "IPV4",
    idleClientTimeout: 1800,
    targetConnectionNetworkType: "IPV4",
    vpcSecurityGroupIds: [],
  },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "rds", `db-proxy:prx-0${ctx.hex(16, "proxy")}`),
    endpoint: `${ctx.id}.proxy-${domain(ctx)}`,
    auths: list(ctx.inputs["auths"]).map((each) => ({
      clientPasswordAuthType: "POSTGRES_SCRAM_SHA_256",
      ...object(each),
    })),
  }),
  quotas: [{ quota: "rdsProxies" }],
});

const targetGroup = awsType({
  token: "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup",
  source: upstream("rds/proxy_default_target_group.go"),
  id: (ctx) => input(ctx, "dbProxyName"),
  key: (ctx) => input(ctx, "dbProxyName"),
  exists: "DBProxyTargetGroupAlreadyExists",
  rules: [
    rule("connectionPoolConfig.maxConnectionsPercent", range(1, 100), `${API}API_ConnectionPoolConfiguration.html`),
    rule("connectionPoolConfig.maxIdleConnectionsPercent", range(0, 100), `${API}API_ConnectionPoolConfiguration.html`),
    rule("connectionPoolConfig.connectionBorrowTimeout", range(0, 300), `${API}API_ConnectionPoolConfiguration.html`),
  ],
  references: [refer("dbProxyName", PROXY, { by: "name", holds: false })],
  check: (ctx) => {
    const { maxConnectionsPercent: most = 100, maxIdleConnectionsPercent: idle = 0 } = object(
      ctx.inputs["connectionPoolConfig"],
    ) as { maxConnectionsPercent?: number; maxIdleConnectionsPercent?: number };
    return idle > most
      ? {
          path: "connectionPoolConfig.maxIdleConnectionsPercent",
          reason: `InvalidParameterValue: ${idle} is above maxConnectionsPercent ${most}`,
          source: `${API}API_ConnectionPoolConfiguration.html`,
        }
      : undefined;
  },
  replaces: ["dbProxyName"],
  updates: ["connectionPoolConfig"],
  outputs: (ctx) => ({
    arn: arnOf(ctx, "rds", `target-group:prx-tg-0${ctx.hex(16, "group")}`),
    name: "default",
    connectionPoolConfig: {
      connectionBorrowTimeout: 120,
      maxConnectionsPercent: 100,
      maxIdleConnectionsPercent: 50,
      initQuery: "",
      sessionPinningFilters: [],
      ...object(ctx.inputs["connectionPoolConfig"]),
    },
  }),
});

/** The cluster or instance that a proxy is pointed at, and how many instances it has. */
const targetProblem = (ctx: Ctx): { path: string; reason: string } | undefined => {
  const { dbClusterIdentifier, dbInstanceIdentifier } = ctx.inputs;
  if ((dbClusterIdentifier === undefined) === (dbInstanceIdentifier === undefined))
    return {
      path: "dbClusterIdentifier",
      reason: "InvalidParameterCombination: name either a cluster or an instance",
    };
  const cluster = thing(ctx, CLUSTER, dbClusterIdentifier);
  if (cluster === undefined) return undefined;
  const instances = ctx.all(INSTANCE).filter((each) => each.properties["clusterIdentifier"] === cluster.id);
  return instances.length === 0
    ? {
        path: "dbClusterIdentifier",
        reason: `InvalidDBClusterStateFault: ${cluster.id} has no instance yet: make the target after the instances`,
      }
    : undefined;
};

const target = awsType({
  token: "aws:rds/proxyTarget:ProxyTarget",
  source: upstream("rds/proxy_target.go"),
  id: (ctx) =>
    `${input(ctx, "dbProxyName")}/${input(ctx, "targetGroupName")}/${ctx.inputs["dbClusterIdentifier"] === undefined ? "RDS_INSTANCE" : "TRACKED_CLUSTER"}/${input(ctx, "dbClusterIdentifier") || input(ctx, "dbInstanceIdentifier")}`,
  key: (ctx) => input(ctx, "dbProxyName"),
  exists: "DBProxyTargetAlreadyRegisteredFault",
  rules: [rule("targetGroupName", oneOf("default"), `${API}API_RegisterDBProxyTargets.html`)],
  references: [
    refer("dbProxyName", PROXY, { by: "name", holds: false }),
    refer("dbClusterIdentifier", CLUSTER, { by: ["clusterIdentifier", "id"], holds: false }),
  ],
  check: (ctx) => {
    const problem = targetProblem(ctx);
    return problem && { ...problem, source: `${API}API_RegisterDBProxyTargets.html` };
  },
  replaces: ["dbClusterIdentifier", "dbInstanceIdentifier", "dbProxyName", "targetGroupName"],
  outputs: (ctx) => {
    const cluster = thing(ctx, CLUSTER, ctx.inputs["dbClusterIdentifier"]);
    return {
      // in a cluster that follows another there is nothing that takes writes
      endpoint: cluster !== undefined && follows(cluster) ? "" : text(cluster?.properties["endpoint"]),
      port: 5432,
      rdsResourceId: input(ctx, "dbClusterIdentifier") || input(ctx, "dbInstanceIdentifier"),
      targetArn: "",
      trackedClusterId: "",
      type: ctx.inputs["dbClusterIdentifier"] === undefined ? "RDS_INSTANCE" : "TRACKED_CLUSTER",
    };
  },
});

export const rdsProxies: readonly ResourceType[] = [proxy, targetGroup, target];
