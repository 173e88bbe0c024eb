import type { Check, Created, Ctx, ResourceType } from "../../table.ts";
import { policyDocument } from "./iam.ts";
import {
  all,
  arn,
  arnOf,
  autoName,
  awsType,
  input,
  length,
  number,
  oneOf,
  pattern,
  range,
  refer,
  regionOf,
  rule,
  text,
  upstream,
  uuid,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/kms/latest/APIReference/";
const CREATE = `${API}API_CreateKey.html`;
export const KEY = "aws:kms/key:Key";

const defaultPolicy = (ctx: Ctx): string =>
  JSON.stringify({
    Id: "key-default-1",
    Statement: [
      {
        Action: "kms:*",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${ctx.account}:root` },
        Resource: "*",
        Sid: "Enable IAM User Permissions",
      },
    ],
    Version: "2012-10-17",
  });

const SPECS = [
  "SYMMETRIC_DEFAULT",
  "RSA_2048",
  "RSA_3072",
  "RSA_4096",
  "HMAC_224",
  "HMAC_256",
  "HMAC_384",
  "HMAC_512",
  "ECC_NIST_P256",
  "ECC_NIST_P384",
  "ECC_NIST_P521",
  "ECC_SECG_P256K1",
  "ML_DSA_44",
  "ML_DSA_65",
  "ML_DSA_87",
  "SM2",
];

const key = awsType({
  token: KEY,
  source: upstream("kms/key.go"),
  id: (ctx) => (ctx.inputs["multiRegion"] === true ? `mrk-${ctx.hex(32, "key")}` : uuid(ctx, "key")),
  rules: [
    rule("customerMasterKeySpec", oneOf(...SPECS), CREATE),
    rule("keyUsage", oneOf("ENCRYPT_DECRYPT", "SIGN_VERIFY", "GENERATE_VERIFY_MAC", "KEY_AGREEMENT"), CREATE),
    rule("deletionWindowInDays", range(7, 30), `${API}API_ScheduleKeyDeletion.html`),
    rule("rotationPeriodInDays", range(90, 2560), `${API}API_EnableKeyRotation.html`),
    rule("description", length(0, 8192), CREATE),
    rule("policy", policyDocument("resource", 32_768), CREATE),
  ],
  check: (ctx) =>
    ctx.inputs["rotationPeriodInDays"] !== undefined && ctx.inputs["enableKeyRotation"] !== true
      ? {
          path: "rotationPeriodInDays",
          reason: "leave it out or write enableKeyRotation: true",
          source: upstream("kms/key.go"),
        }
      : undefined,
  replaces: ["customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"],
  updates: [
    "bypassPolicyLockoutSafetyCheck",
    "deletionWindowInDays",
    "description",
    "enableKeyRotation",
    "isEnabled",
    "policy",
    "rotationPeriodInDays",
  ],
  defaults: {
    customerMasterKeySpec: "SYMMETRIC_DEFAULT",
    description: "",
    enableKeyRotation: false,
    isEnabled: true,
    keyUsage: "ENCRYPT_DECRYPT",
    multiRegion: false,
    policy: (ctx: Created) => defaultPolicy(ctx),
    rotationPeriodInDays: (ctx: Created) => (ctx.inputs["enableKeyRotation"] === true ? 365 : 0),
  },
  outputs: (ctx) => ({ arn: arnOf(ctx, "kms", `key/${ctx.id}`), keyId: ctx.id }),
  retains: (thing) => `KMS key, deleted after ${number(thing.properties["deletionWindowInDays"]) ?? 30} days`,
});

const ALIAS = `${API}API_CreateAlias.html`;
const aliasName = (ctx: Ctx): string => input(ctx, "name") || `alias/${autoName(ctx)}`;
const bareKey = (target: string): string => target.replace(/^arn:.*:key\//, "");

const alias = awsType({
  token: "aws:kms/alias:Alias",
  source: upstream("kms/alias.go"),
  id: aliasName,
  key: aliasName,
  exists: "AlreadyExistsException",
  rules: [
    rule(
      "name",
      all(
        length(7, 256),
        pattern(
          /^alias\/(?!aws\/)[a-zA-Z0-9/_-]+$/,
          "write alias/ and letters, digits, /, _ and -, and not alias/aws/",
        ),
      ),
      ALIAS,
    ),
  ],
  references: [refer("targetKeyId", KEY, { by: ["id", "arn"], holds: false })],
  replaces: ["name", "namePrefix"],
  updates: ["targetKeyId"],
  deleteBeforeReplace: (ctx) => input(ctx, "name") !== "" && input(ctx, "name") === ctx.old?.id,
  defaults: { name: (ctx: Created) => ctx.id, namePrefix: "" },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "kms", ctx.id),
    targetKeyArn: arnOf(ctx, "kms", `key/${bareKey(input(ctx, "targetKeyId"))}`),
  }),
});

const SECRETS = "https://docs.aws.amazon.com/secretsmanager/latest/apireference/";
const SECRET = "aws:secretsmanager/secret:Secret";

const recovery: Check = (value) =>
  value === 0 || (typeof value === "number" && value >= 7 && value <= 30)
    ? undefined
    : "write 7 to 30 days, or 0 to delete at once";

const secret = awsType({
  token: SECRET,
  source: upstream("secretsmanager/secret.go"),
  id: (ctx) => arnOf(ctx, "secretsmanager", `secret:${input(ctx, "name")}-${ctx.hex(6, "secret")}`),
  key: (ctx) => input(ctx, "name"),
  retainsKey: true,
  exists: "ResourceExistsException",
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule(
      "name",
      all(length(1, 512), pattern(/^[A-Za-z0-9/_+=.@-]+$/, "write letters, digits and /_+=.@- only")),
      `${SECRETS}API_CreateSecret.html`,
    ),
    rule("description", length(0, 2048), `${SECRETS}API_CreateSecret.html`),
    rule("recoveryWindowInDays", recovery, `${SECRETS}API_DeleteSecret.html`),
    rule("policy", policyDocument("resource", 20_480), `${SECRETS}API_PutResourcePolicy.html`),
  ],
  references: [refer("kmsKeyId", KEY, { by: ["arn", "id"], holds: false, except: /^alias\/|:alias\// })],
  replaces: ["name", "namePrefix", "type"],
  updates: ["description", "forceOverwriteReplicaSecret", "kmsKeyId", "policy", "recoveryWindowInDays", "replicas"],
  defaults: { namePrefix: "", policy: "", recoveryWindowInDays: 30, forceOverwriteReplicaSecret: false },
  outputs: (ctx) => ({ arn: ctx.id }),
  retains: (thing) => {
    const days = number(thing.properties["recoveryWindowInDays"]) ?? 30;
    return days === 0 ? undefined : `Secrets Manager secret, can be restored for ${days} days`;
  },
});

const MOST_BYTES = 65_536;
const VALUES = ["secretString", "secretBinary", "secretStringWo"] as const;

const secretVersion: ResourceType = {
  ...awsType({
    token: "aws:secretsmanager/secretVersion:SecretVersion",
    source: upstream("secretsmanager/secret_version.go"),
    id: (ctx) => `${input(ctx, "secretId")}|terraform-${ctx.hex(26, "version")}`,
    findBy: (ctx) => input(ctx, "secretId"),
    rules: VALUES.map((property) =>
      rule(
        property,
        (value) => (Buffer.byteLength(text(value)) <= MOST_BYTES ? undefined : `write at most ${MOST_BYTES} bytes`),
        `${SECRETS}API_PutSecretValue.html`,
      ),
    ),
    references: [refer("secretId", SECRET, { by: ["id", "name"], holds: false })],
    check: (ctx) => {
      const given = VALUES.filter((property) => ctx.inputs[property] !== undefined);
      return given.length > 1
        ? {
            path: given[1] ?? "",
            reason: `write one of ${given.join(" and ")}`,
            source: upstream("secretsmanager/secret_version.go"),
          }
        : undefined;
    },
    replaces: ["secretBinary", "secretId", "secretString", "secretStringWoVersion"],
    updates: ["secretStringWo", "versionStages"],
    defaults: { versionStages: ["AWSCURRENT"] },
    outputs: (ctx) => ({
      arn: input(ctx, "secretId"),
      hasSecretStringWo: ctx.inputs["secretStringWo"] !== undefined,
      secretArn: input(ctx, "secretId"),
      versionId: ctx.id.split("|").pop() ?? "",
    }),
    secrets: [...VALUES],
  }),
};

const LOGS = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const RETENTIONS = [
  0, 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

/** EKS makes the log group of a cluster itself when nobody did before. */
const madeByEks = (ctx: Ctx): boolean => {
  const cluster = /^\/aws\/eks\/([^/]+)\/cluster$/.exec(input(ctx, "name"))?.[1];
  const logs = ctx.find("aws:eks/cluster:Cluster", "name", cluster)?.properties["enabledClusterLogTypes"];
  return ctx.old === undefined && cluster !== undefined && Array.isArray(logs) && logs.length > 0;
};

/** CloudWatch Logs uses a key by the key's own policy, in which the account's root alone is not enough. */
const lockedOut = (ctx: Ctx): ReturnType<NonNullable<ResourceType["check"]>> => {
  const policy = ctx.find(KEY, "arn", ctx.inputs["kmsKeyId"])?.properties["policy"];
  return typeof policy !== "string" || /"logs\.[a-z0-9.-]*amazonaws\.com"/.test(policy)
    ? undefined
    : {
        path: "kmsKeyId",
        reason:
          "AccessDeniedException: The specified KMS Key Id could not be found or is not allowed: let logs.<region>.amazonaws.com use it in the key's policy",
        source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
      };
};

const logGroup = awsType({
  token: LOG_GROUP,
  source: upstream("logs/group.go"),
  id: (ctx) => input(ctx, "name"),
  key: (ctx) => input(ctx, "name"),
  exists: "ResourceAlreadyExistsException",
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule(
      "name",
      all(length(1, 512), pattern(/^[.\-_/#A-Za-z0-9]+$/, "write letters, digits and ._-/# only")),
      `${LOGS}API_CreateLogGroup.html`,
    ),
    rule("retentionInDays", oneOf(...RETENTIONS), `${LOGS}API_PutRetentionPolicy.html`),
    rule("logGroupClass", oneOf("STANDARD", "INFREQUENT_ACCESS", "DELIVERY"), `${LOGS}API_CreateLogGroup.html`),
    rule("kmsKeyId", arn("kms"), `${LOGS}API_CreateLogGroup.html`),
  ],
  references: [refer("kmsKeyId", KEY, { by: "arn", holds: false })],
  check: (ctx) =>
    lockedOut(ctx) ??
    (madeByEks(ctx)
      ? {
          path: "name",
          reason:
            "ResourceAlreadyExistsException: The specified log group already exists: the cluster made it, create the group before the cluster",
          source: "https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html",
        }
      : undefined),
  replaces: ["logGroupClass", "name", "namePrefix"],
  updates: ["deletionProtectionEnabled", "kmsKeyId", "retentionInDays", "skipDestroy"],
  defaults: {
    deletionProtectionEnabled: false,
    logGroupClass: "STANDARD",
    namePrefix: "",
    retentionInDays: 0,
    skipDestroy: false,
  },
  outputs: (ctx) => ({ arn: arnOf(ctx, "logs", `log-group:${ctx.id}`) }),
  refuseDelete: (thing) =>
    thing.properties["deletionProtectionEnabled"] === true
      ? "ValidationException: The log group is protected from deletion"
      : undefined,
  retains: (thing) => (thing.properties["skipDestroy"] === true ? "log group, left by skipDestroy" : undefined),
});

const SSM = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/";

const parameter = awsType({
  token: "aws:ssm/parameter:Parameter",
  source: upstream("ssm/parameter.go"),
  id: (ctx) => input(ctx, "name"),
  key: (ctx) => (ctx.inputs["overwrite"] === true ? undefined : input(ctx, "name")),
  exists: "ParameterAlreadyExists",
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule(
      "name",
      all(
        length(1, 1011),
        pattern(/^(?!\/?(aws|ssm))[a-zA-Z0-9._/-]+$/i, "write letters, digits and ._-/, not beginning with aws or ssm"),
      ),
      `${SSM}API_PutParameter.html`,
    ),
    rule("type", oneOf("String", "StringList", "SecureString"), `${SSM}API_PutParameter.html`),
    rule("tier", oneOf("Standard", "Advanced", "Intelligent-Tiering"), `${SSM}API_PutParameter.html`),
  ],
  references: [refer("keyId", KEY, { by: ["id", "arn"], holds: false, except: /^alias\/|:alias\// })],
  check: (ctx) => {
    const size = Buffer.byteLength(text(ctx.inputs["value"]));
    const most = input(ctx, "tier") === "Advanced" ? 8192 : 4096;
    return size > most
      ? {
          path: "value",
          reason: `ValidationException: write at most ${most} bytes`,
          source: `${SSM}API_PutParameter.html`,
        }
      : undefined;
  },
  replaces: ["name"],
  updates: [
    "allowedPattern",
    "arn",
    "dataType",
    "description",
    "insecureValue",
    "keyId",
    "overwrite",
    "tier",
    "type",
    "value",
    "valueWo",
    "valueWoVersion",
  ],
  defaults: {
    dataType: "text",
    insecureValue: "",
    keyId: (ctx: Created) => (input(ctx, "type") === "SecureString" ? "alias/aws/ssm" : ""),
    tier: "Standard",
    value: (ctx: Created) => input(ctx, "insecureValue"),
  },
  outputs: (ctx) => ({
    arn: `arn:aws:ssm:${regionOf(ctx)}:${ctx.account}:parameter/${ctx.id.replace(/^\//, "")}`,
    hasValueWo: ctx.inputs["valueWo"] !== undefined,
    version: Number(ctx.old?.properties["version"] ?? 0) + 1,
  }),
  secrets: ["value", "valueWo"],
});

export const keys: readonly ResourceType[] = [key, alias, secret, secretVersion, logGroup, parameter];
