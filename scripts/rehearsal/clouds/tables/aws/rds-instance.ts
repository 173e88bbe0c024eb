import type { Created, Ctx, ResourceType } from "../../table.ts";
import { DEFAULT_VERSION, domain, engine, engineVersion, identifier, port } from "./rds.ts";
import { CLUSTER, follows, INSTANCE, instanceProblem, PARAMETERS, SUBNET_GROUP } from "./rds-rules.ts";
import {
  arnOf,
  awsType,
  input,
  kept,
  oneOf,
  pattern,
  range,
  refer,
  regionOf,
  rule,
  sourced,
  text,
  texts,
  thing,
  upstream,
  weekWindow,
  zone,
} from "./rules.ts";
import { awsZones } from "@groundwork/lib/regions";

const API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/";

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html */
const instanceClass = pattern(
  /^db\.(serverless|(t3|t4g)\.(medium|large)|(r5|r6g|r6gd|r6i|r6id|r7g|r7gd|r7i|r8g|r8gd|x2g|x2iedn)\.(large|xlarge|\d{1,2}xlarge))$/,
  "write a class that Aurora runs on, such as db.r7g.large",
);

const instanceId = (ctx: Ctx): string => input(ctx, "identifier") || `tf-${parseInt(ctx.hex(12, "id"), 16)}`;

const ofCluster = (ctx: Ctx, property: string): unknown =>
  thing(ctx, CLUSTER, ctx.inputs["clusterIdentifier"])?.properties[property];

/** The first instance of a cluster that follows no other. */
const writes = (ctx: Created): boolean => {
  const mine = thing(ctx, CLUSTER, ctx.inputs["clusterIdentifier"]);
  return (
    !(mine !== undefined && follows(mine)) &&
    !ctx
      .all(INSTANCE)
      .some(
        (each) =>
          each.properties["clusterIdentifier"] === mine?.id && each.id !== ctx.id && each.properties["writer"] === true,
      )
  );
};

const instance = awsType({
  token: INSTANCE,
  source: upstream("rds/cluster_instance.go"),
  id: instanceId,
  key: instanceId,
  exists: "DBInstanceAlreadyExists",
  rules: [
    rule("identifier", identifier, `${API}API_CreateDBInstance.html`),
    rule("engine", engine, `${API}API_CreateDBInstance.html`),
    rule("engineVersion", engineVersion, `${API}API_CreateDBInstance.html`),
    rule(
      "instanceClass",
      instanceClass,
      "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.DBInstanceClass.SupportAurora.html",
    ),
    rule("availabilityZone", zone, `${API}API_CreateDBInstance.html`),
    rule("promotionTier", range(0, 15), `${API}API_CreateDBInstance.html`),
    rule("monitoringInterval", oneOf(0, 1, 5, 10, 15, 30, 60), `${API}API_CreateDBInstance.html`),
    rule("preferredMaintenanceWindow", weekWindow, `${API}API_CreateDBInstance.html`),
  ],
  references: [
    refer("clusterIdentifier", CLUSTER, { by: ["clusterIdentifier", "id"], holds: false }),
    refer("dbParameterGroupName", PARAMETERS, { by: "name", except: /^default\./ }),
    refer("dbSubnetGroupName", SUBNET_GROUP, { by: "name", except: /^default$/ }),
    refer("monitoringRoleArn", "aws:iam/role:Role", { by: "arn", holds: false }),
    refer("performanceInsightsKmsKeyId", "aws:kms/key:Key", { by: "arn", holds: false }),
  ],
  check: (ctx) => sourced(instanceProblem(ctx), `${API}API_CreateDBInstance.html`),
  replaces: [
    "availabilityZone",
    "clusterIdentifier",
    "customIamInstanceProfile",
    "dbSubnetGroupName",
    "engine",
    "engineVersion",
    "identifier",
    "identifierPrefix",
    "performanceInsightsKmsKeyId",
  ],
  updates: [
    "applyImmediately",
    "autoMinorVersionUpgrade",
    "caCertIdentifier",
    "copyTagsToSnapshot",
    "dbParameterGroupName",
    "forceDestroy",
    "instanceClass",
    "monitoringInterval",
    "monitoringRoleArn",
    "performanceInsightsEnabled",
    "performanceInsightsRetentionPeriod",
    "preferredBackupWindow",
    "preferredMaintenanceWindow",
    "promotionTier",
    "publiclyAccessible",
    "warningEventCategories",
  ],
  deleteBeforeReplace: (ctx) => input(ctx, "identifier") !== "" && ctx.old?.id === input(ctx, "identifier"),
  defaults: {
    applyImmediately: false,
    autoMinorVersionUpgrade: true,
    availabilityZone: (ctx: Created) => {
      const zones = texts(ofCluster(ctx, "availabilityZones"));
      return zones[parseInt(ctx.hex(4, "zone"), 16) % Math.max(zones.length, 1)] ?? awsZones(regionOf(ctx))[0];
    },
    caCertIdentifier: "rds-ca-rsa2048-g1",
    dbParameterGroupName: (ctx: Created) =>
      `default.${input(ctx, "engine")}${text(ofCluster(ctx, "engineVersion")).split(".")[0] ?? ""}`,
    dbSubnetGroupName: (ctx: Created) => text(ofCluster(ctx, "dbSubnetGroupName")) || "default",
    engineVersion: (ctx: Created) => text(ofCluster(ctx, "engineVersion")) || DEFAULT_VERSION,
    identifier: (ctx: Created) => ctx.id,
    identifierPrefix: "",
    monitoringRoleArn: "",
    performanceInsightsEnabled: false,
    performanceInsightsKmsKeyId: "",
    performanceInsightsRetentionPeriod: 0,
    preferredBackupWindow: (ctx: Created) => text(ofCluster(ctx, "preferredBackupWindow")),
    preferredMaintenanceWindow: "sun:08:00-sun:08:30",
    publiclyAccessible: false,
    promotionTier: 0,
  },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "rds", `db:${ctx.id}`),
    dbiResourceId: `db-${ctx.hex(26, "resource").toUpperCase()}`,
    endpoint: `${ctx.id}.${domain(ctx)}`,
    engineVersionActual: input(ctx, "engineVersion") || text(ofCluster(ctx, "engineVersionActual")),
    kmsKeyId: text(ofCluster(ctx, "kmsKeyId")),
    networkType: text(ofCluster(ctx, "networkType")),
    port: ofCluster(ctx, "port") ?? port(ctx),
    storageEncrypted: ofCluster(ctx, "storageEncrypted") === true,
    writer: kept(ctx, "writer", () => writes(ctx)),
  }),
  quotas: [{ quota: "rdsInstances" }],
});

export const rdsInstances: readonly ResourceType[] = [instance];
