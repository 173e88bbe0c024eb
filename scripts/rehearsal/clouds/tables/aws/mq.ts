import type { Created, Ctx, ResourceType } from "../../table.ts";
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
  refer,
  regionOf,
  rule,
  spansZones,
  text,
  texts,
  upstream,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/amazon-mq/latest/api-reference/brokers.html";
const GUIDE = "https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/";
const VERSIONS = `${GUIDE}rabbitmq-version-management.html`;

const isRabbit = (ctx: Ctx): boolean => input(ctx, "engineType").toLowerCase() === "rabbitmq";
const isCluster = (ctx: Ctx): boolean => input(ctx, "deploymentMode") === "CLUSTER_MULTI_AZ";

/** 12 to 250 characters, 4 different ones, none of `,:=` and for RabbitMQ no `[]`. */
const brokerPassword = all(length(12, 250), pattern(/^[^,:=]*$/, "leave out , : and ="), (value) =>
  new Set(text(value)).size >= 4 ? undefined : "write at least 4 different characters",
);

const versionProblem = (ctx: Ctx): { path: string; reason: string; source: string } | undefined => {
  if (!isRabbit(ctx)) return undefined;
  const version = input(ctx, "engineVersion");
  const instance = input(ctx, "hostInstanceType");
  if (!/^(3\.13|4\.2)(\.\d+)?$/.test(version))
    return { path: "engineVersion", reason: "write 4.2 or 3.13, which Amazon MQ has of RabbitMQ", source: VERSIONS };
  if (version.startsWith("4") && !instance.startsWith("mq.m7g."))
    return {
      path: "hostInstanceType",
      reason: `write an mq.m7g: RabbitMQ ${version} runs on no other`,
      source: VERSIONS,
    };
  return ctx.inputs["autoMinorVersionUpgrade"] !== true
    ? {
        path: "autoMinorVersionUpgrade",
        reason: "BadRequestException: write true: RabbitMQ 3.13 and newer needs automatic patches",
        source: VERSIONS,
      }
    : undefined;
};

const placeProblem = (ctx: Ctx): { path: string; reason: string; source: string } | undefined => {
  const source = `${GUIDE}rabbitmq-broker-architecture.html`;
  const subnets = texts(ctx.inputs["subnetIds"]);
  const mode = input(ctx, "deploymentMode") || "SINGLE_INSTANCE";
  if (isRabbit(ctx) && mode === "ACTIVE_STANDBY_MULTI_AZ")
    return { path: "deploymentMode", reason: "write SINGLE_INSTANCE or CLUSTER_MULTI_AZ for RabbitMQ", source };
  if (!isRabbit(ctx) && isCluster(ctx))
    return { path: "deploymentMode", reason: "write SINGLE_INSTANCE or ACTIVE_STANDBY_MULTI_AZ for ActiveMQ", source };
  if (ctx.inputs["publiclyAccessible"] === true && isRabbit(ctx) && list(ctx.inputs["securityGroups"]).length > 0)
    return { path: "securityGroups", reason: "leave it out: a public RabbitMQ broker has none", source };
  if (mode === "SINGLE_INSTANCE" && subnets.length > 1)
    return { path: "subnetIds", reason: `write one subnet for a single instance, not ${subnets.length}`, source };
  if (subnets.length === 0) return undefined;
  const problem = oneVpc(ctx, subnets) ?? (mode === "SINGLE_INSTANCE" ? undefined : spansZones(ctx, subnets, 2));
  return problem === undefined ? undefined : { path: "subnetIds", reason: problem, source };
};

const keyProblem = (ctx: Ctx): { path: string; reason: string; source: string } | undefined => {
  const options = object(ctx.inputs["encryptionOptions"]);
  const own = options["useAwsOwnedKey"] !== false;
  return own && options["kmsKeyId"] !== undefined
    ? {
        path: "encryptionOptions.useAwsOwnedKey",
        reason: "BadRequestException: write false: a kmsKeyId is given",
        source: API,
      }
    : undefined;
};

const auditProblem = (ctx: Ctx): { path: string; reason: string; source: string } | undefined =>
  isRabbit(ctx) && String(object(ctx.inputs["logs"])["audit"]) === "true"
    ? {
        path: "logs.audit",
        reason: "leave it out: RabbitMQ has no audit log",
        source: upstream("mq/broker.go"),
      }
    : undefined;

/** https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-basic-elements.html */
const instances = (ctx: Created): readonly object[] => {
  const host = `${ctx.id}.mq.${regionOf(ctx)}.on.aws`;
  return [{ consoleUrl: `https://${host}`, endpoints: [`amqps://${host}:5671`], ipAddress: "" }];
};

const broker = awsType({
  token: "aws:mq/broker:Broker",
  source: upstream("mq/broker.go"),
  id: (ctx) => {
    const digits = ctx.hex(32, "broker");
    return `b-${[8, 12, 16, 20, 32].map((end, index) => digits.slice([0, 8, 12, 16, 20][index], end)).join("-")}`;
  },
  key: (ctx) => input(ctx, "brokerName"),
  exists: "ConflictException",
  autoName: { property: "brokerName", maxLength: 50 },
  rules: [
    rule("brokerName", all(length(1, 50), pattern(/^[\w-]+$/, "write letters, digits, - and _ only")), API),
    rule("engineType", oneOf("RabbitMQ", "RABBITMQ", "ActiveMQ", "ACTIVEMQ"), API),
    rule("deploymentMode", oneOf("SINGLE_INSTANCE", "ACTIVE_STANDBY_MULTI_AZ", "CLUSTER_MULTI_AZ"), API),
    rule(
      "hostInstanceType",
      pattern(
        /^mq\.(t3\.micro|m5\.(large|2xlarge|4xlarge|xlarge)|m7g\.(medium|large|\d{0,2}xlarge))$/,
        "write an instance type such as mq.m7g.large",
      ),
      `${GUIDE}broker-instance-types.html`,
    ),
    rule("storageType", oneOf("ebs", "EBS", "efs", "EFS"), API),
    rule("securityGroups", length(0, 5), API),
    rule("users[].username", length(2, 100), API),
    rule("users[].password", brokerPassword, API),
    rule("encryptionOptions.kmsKeyId", arn("kms"), API),
    rule(
      "maintenanceWindowStartTime.dayOfWeek",
      oneOf("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"),
      API,
    ),
    rule(
      "maintenanceWindowStartTime.timeOfDay",
      pattern(/^([01]\d|2[0-3]):[0-5]\d$/, "write a time such as 04:00"),
      API,
    ),
  ],
  references: [
    refer("subnetIds[]", "aws:ec2/subnet:Subnet"),
    refer("securityGroups[]", "aws:ec2/securityGroup:SecurityGroup"),
    refer("encryptionOptions.kmsKeyId", ["aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"], {
      by: "arn",
      holds: false,
    }),
  ],
  check: (ctx) => versionProblem(ctx) ?? placeProblem(ctx) ?? keyProblem(ctx) ?? auditProblem(ctx),
  replaces: [
    "brokerName",
    "dataReplicationPrimaryBrokerArn",
    "deploymentMode",
    "encryptionOptions",
    "engineType",
    "ldapServerMetadata",
    "publiclyAccessible",
    "subnetIds",
  ],
  updates: [
    "applyImmediately",
    "authenticationStrategy",
    "autoMinorVersionUpgrade",
    "configuration",
    "dataReplicationMode",
    "engineVersion",
    "hostInstanceType",
    "logs",
    "maintenanceWindowStartTime",
    "resourceShareArns",
    "securityGroups",
    "storageType",
    "users",
  ],
  defaults: {
    applyImmediately: false,
    authenticationStrategy: "simple",
    autoMinorVersionUpgrade: false,
    configuration: { id: "", revision: 0 },
    dataReplicationMode: "NONE",
    deploymentMode: "SINGLE_INSTANCE",
    maintenanceWindowStartTime: { dayOfWeek: "SUNDAY", timeOfDay: "22:00", timeZone: "UTC" },
    publiclyAccessible: false,
    storageType: (ctx: Created) => (isRabbit(ctx) ? "ebs" : "efs"),
    subnetIds: [],
  },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "mq", `broker:${input(ctx, "brokerName")}:${ctx.id}`),
    instances: instances(ctx),
    pendingDataReplicationMode: "",
    sharedResources: [],
  }),
});

export const mq: readonly ResourceType[] = [broker];
