import type { Check, Ctx, ResourceType } from "../../table.ts";
import { ROLE } from "./iam.ts";
import type { Problem } from "./rules.ts";
import {
  all,
  arn,
  arnOf,
  awsType,
  everywhere,
  input,
  length,
  list,
  number,
  object,
  oneOf,
  pattern,
  range,
  refer,
  rule,
  sourced,
  text,
  texts,
  upstream,
  uuid,
} from "./rules.ts";

const API = "https://docs.aws.amazon.com/aws-backup/latest/devguide/";
const VAULT = "aws:backup/vault:Vault";
const LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration";
const PLAN = "aws:backup/plan:Plan";
const TESTING = "aws:backup/restoreTestingPlan:RestoreTestingPlan";
const KEYS = ["aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"];

const vaultName = pattern(/^[a-zA-Z0-9_-]{2,50}$/, "write 2 to 50 letters, digits, _ and -");
const planName = pattern(/^[a-zA-Z0-9_.-]{1,50}$/, "write 1 to 50 letters, digits, _, . and -");
const testName = pattern(/^[a-zA-Z0-9_]{1,50}$/, "write 1 to 50 letters, digits and _");

/** Six fields, one of the days a question mark. https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html */
const schedule: Check = pattern(
  /^(cron\((\S+ ){2}(\? \S+ \S+|\S+ \S+ \?) \S+\)|rate\([1-9]\d* (minutes?|hours?|days?)\))$/,
  'write an AWS cron of six fields such as "cron(0 5 ? * * *)"',
);

const vault = awsType({
  token: VAULT,
  source: upstream("backup/vault.go"),
  id: (ctx) => input(ctx, "name"),
  key: (ctx) => input(ctx, "name"),
  exists: "AlreadyExistsException",
  autoName: { property: "name", maxLength: 50 },
  rules: [
    rule("name", vaultName, `${API}API_CreateBackupVault.html`),
    rule("kmsKeyArn", arn("kms"), `${API}API_CreateBackupVault.html`),
  ],
  references: [refer("kmsKeyArn", KEYS, { by: "arn", holds: false })],
  replaces: ["kmsKeyArn", "name"],
  updates: ["forceDestroy"],
  defaults: {
    forceDestroy: false,
    kmsKeyArn: (ctx: Ctx) =>
      arnOf(ctx, "kms", `key/${ctx.hex(8, "aws/backup")}-0000-4000-8000-${ctx.hex(12, "aws/backup")}`),
  },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "backup", `backup-vault:${ctx.id}`),
    recoveryPoints: number(ctx.old?.properties["recoveryPoints"]) ?? 0,
  }),
  refuseDelete: (thing) =>
    (number(thing.properties["recoveryPoints"]) ?? 0) > 0 && thing.properties["forceDestroy"] !== true
      ? "InvalidRequestException: Backup vault cannot be deleted because it contains recovery points."
      : undefined,
});

const lock = awsType({
  token: LOCK,
  source: upstream("backup/vault_lock_configuration.go"),
  id: (ctx) => input(ctx, "backupVaultName"),
  key: (ctx) => input(ctx, "backupVaultName"),
  exists: "AlreadyExistsException",
  rules: [
    rule("changeableForDays", range(3, 36_500), `${API}API_PutBackupVaultLockConfiguration.html`),
    rule("minRetentionDays", range(1, 36_500), `${API}API_PutBackupVaultLockConfiguration.html`),
    rule("maxRetentionDays", range(1, 36_500), `${API}API_PutBackupVaultLockConfiguration.html`),
  ],
  references: [refer("backupVaultName", VAULT, { by: "name", holds: false })],
  check: (ctx) => {
    const [min, max] = [number(ctx.inputs["minRetentionDays"]), number(ctx.inputs["maxRetentionDays"])];
    return min !== undefined && max !== undefined && min > max
      ? {
          path: "minRetentionDays",
          reason: `InvalidParameterValueException: ${min} is above maxRetentionDays ${max}`,
          source: `${API}API_PutBackupVaultLockConfiguration.html`,
        }
      : undefined;
  },
  replaces: ["backupVaultName", "changeableForDays", "maxRetentionDays", "minRetentionDays"],
  outputs: (ctx) => ({ backupVaultArn: arnOf(ctx, "backup", `backup-vault:${ctx.id}`) }),
});

/** Cold storage is kept for 90 days at least. */
const lifecycleProblem = (given: unknown): string | undefined => {
  const { coldStorageAfter, deleteAfter } = object(given);
  const [cold, end] = [number(coldStorageAfter), number(deleteAfter)];
  return cold !== undefined && end !== undefined && end < cold + 90
    ? `InvalidParameterValueException: deleteAfter ${end} is less than 90 days after coldStorageAfter ${cold}`
    : undefined;
};

const lockOf = (ctx: Ctx, name: unknown) =>
  ctx.all(LOCK).find((each) => each.properties["backupVaultName"] === name)?.properties;

/** A locked vault takes no recovery point that it would have to let go too early or too late. */
const lockedProblem = (ctx: Ctx, given: unknown): string | undefined => {
  const { targetVaultName, lifecycle } = object(given);
  const held = lockOf(ctx, targetVaultName);
  const days = number(object(lifecycle)["deleteAfter"]);
  const [min, max] = [number(held?.["minRetentionDays"]), number(held?.["maxRetentionDays"])];
  if (held === undefined || days === undefined) return undefined;
  return (min !== undefined && days < min) || (max !== undefined && days > max)
    ? `InvalidParameterValueException: the vault's lock takes ${min ?? 1} to ${max ?? "any number of"} days, not ${days}`
    : undefined;
};

const planProblem = (ctx: Ctx): Problem | undefined => {
  const rules = list(ctx.inputs["rules"]);
  const names = rules.map((each) => text(object(each)["ruleName"]));
  if (new Set(names).size < names.length) return { path: "rules", reason: "give each rule a name of its own" };
  for (const [index, each] of rules.entries()) {
    const { lifecycle, copyActions, enableContinuousBackup } = object(each);
    const days = number(object(lifecycle)["deleteAfter"]);
    if (enableContinuousBackup === true && (days === undefined || days > 35))
      return {
        path: `rules[${index}].lifecycle.deleteAfter`,
        reason: "InvalidParameterValueException: a continuous backup is kept for 1 to 35 days",
      };
    const wrong =
      lifecycleProblem(lifecycle) ??
      lockedProblem(ctx, each) ??
      list(copyActions)
        .map((copy) => lifecycleProblem(object(copy)["lifecycle"]))
        .find((problem) => problem !== undefined);
    if (wrong !== undefined) return { path: `rules[${index}]`, reason: wrong };
  }
  return undefined;
};

const plan = awsType({
  token: PLAN,
  source: upstream("backup/plan.go"),
  id: (ctx) => uuid(ctx, "plan"),
  key: () => undefined,
  autoName: { property: "name", maxLength: 50 },
  rules: [
    rule("name", planName, `${API}API_BackupPlanInput.html`),
    rule("rules", length(1, 100), `${API}API_BackupPlanInput.html`),
    rule("rules[].ruleName", planName, `${API}API_BackupRuleInput.html`),
    rule("rules[].schedule", schedule, `${API}API_BackupRuleInput.html`),
    rule("rules[].startWindow", range(60, 100_000), `${API}API_BackupRuleInput.html`),
    rule("rules[].completionWindow", range(120, 100_000), `${API}API_BackupRuleInput.html`),
    rule("rules[].lifecycle.deleteAfter", range(1, 36_500), `${API}API_Lifecycle.html`),
  ],
  references: [
    refer("rules[].targetVaultName", VAULT, { by: "name" }),
    refer("rules[].copyActions[].destinationVaultArn", VAULT, { by: "arn", anyRegion: true }),
  ],
  check: (ctx) => sourced(planProblem(ctx), `${API}API_BackupRuleInput.html`),
  replaces: [],
  updates: ["advancedBackupSettings", "name", "rules", "scanSettings"],
  outputs: (ctx) => ({ arn: arnOf(ctx, "backup", `backup-plan:${ctx.id}`), version: ctx.hex(48, "version") }),
  refuseDelete: (thing, ctx) =>
    ctx.all("aws:backup/selection:Selection").some((each) => each.properties["planId"] === thing.id)
      ? "InvalidRequestException: Related backup plan selections must be deleted prior to backup plan deletion"
      : undefined,
});

const selection = awsType({
  token: "aws:backup/selection:Selection",
  source: upstream("backup/selection.go"),
  id: (ctx) => uuid(ctx, "selection"),
  findBy: (ctx) => `${input(ctx, "planId")}|${input(ctx, "name")}`,
  key: (ctx) => `${input(ctx, "planId")}|${input(ctx, "name")}`,
  exists: "AlreadyExistsException",
  autoName: { property: "name", maxLength: 50 },
  rules: [
    rule("name", planName, `${API}API_BackupSelection.html`),
    rule("selectionTags[].type", oneOf("STRINGEQUALS"), `${API}API_Condition.html`),
    rule("resources", length(0, 500), `${API}API_BackupSelection.html`),
    rule(
      "resources[]",
      pattern(/^(\*|arn:aws)/, "write ARNs, with * where any will do"),
      `${API}API_BackupSelection.html`,
    ),
  ],
  references: [
    refer("planId", PLAN, { holds: false }),
    refer("iamRoleArn", ROLE, { by: "arn", holds: false, except: /:role\/aws-service-role\// }),
  ],
  check: (ctx) =>
    texts(ctx.inputs["resources"]).length === 0 && list(ctx.inputs["selectionTags"]).length === 0
      ? {
          path: "selectionTags",
          reason: "InvalidParameterValueException: select something, by resources or by tags",
          source: `${API}API_BackupSelection.html`,
        }
      : undefined,
  replaces: ["conditions", "iamRoleArn", "name", "notResources", "planId", "resources", "selectionTags"],
  defaults: { notResources: [], conditions: [] },
});

/** https://docs.aws.amazon.com/aws-backup/latest/devguide/backup-feature-availability.html */
const SERVICES = [
  "Aurora",
  "CloudFormation",
  "DocumentDB",
  "DSQL",
  "DynamoDB",
  "EBS",
  "EC2",
  "EFS",
  "EKS",
  "FSx",
  "Neptune",
  "RDS",
  "Redshift",
  "Redshift Serverless",
  "S3",
  "SAP HANA on Amazon EC2",
  "Storage Gateway",
  "Timestream",
  "VirtualMachine",
];

const services: Check = (value) => {
  const stranger = Object.keys(object(value)).find((name) => !SERVICES.includes(name));
  return stranger === undefined ? undefined : `"${stranger}" is no resource type: write some of ${SERVICES.join(", ")}`;
};

const regionSettings = awsType({
  token: "aws:backup/regionSettings:RegionSettings",
  source: upstream("backup/region_settings.go"),
  id: (ctx) => ctx.region,
  key: () => undefined,
  findBy: (ctx) => ctx.region,
  rules: [rule("resourceTypeOptInPreference", services, `${API}API_UpdateRegionSettings.html`)],
  updates: ["resourceTypeManagementPreference", "resourceTypeOptInPreference"],
  defaults: { resourceTypeManagementPreference: { DynamoDB: true, EFS: true } },
  // the provider leaves the region's settings as they are
  retains: () => undefined,
});

const testingPlan = awsType({
  token: TESTING,
  source: upstream("backup/restore_testing_plan.go"),
  id: (ctx) => input(ctx, "name"),
  key: (ctx) => input(ctx, "name"),
  exists: "AlreadyExistsException",
  rules: [
    rule("name", testName, `${API}API_RestoreTestingPlanForCreate.html`),
    rule("scheduleExpression", schedule, `${API}API_RestoreTestingPlanForCreate.html`),
    rule("startWindowHours", range(1, 168), `${API}API_RestoreTestingPlanForCreate.html`),
    rule(
      "recoveryPointSelection.algorithm",
      oneOf("LATEST_WITHIN_WINDOW", "RANDOM_WITHIN_WINDOW"),
      `${API}API_RestoreTestingRecoveryPointSelection.html`,
    ),
    rule(
      "recoveryPointSelection.recoveryPointTypes[]",
      oneOf("CONTINUOUS", "SNAPSHOT"),
      `${API}API_RestoreTestingRecoveryPointSelection.html`,
    ),
    rule(
      "recoveryPointSelection.selectionWindowDays",
      range(1, 365),
      `${API}API_RestoreTestingRecoveryPointSelection.html`,
    ),
  ],
  references: [refer("recoveryPointSelection.includeVaults[]", VAULT, { by: "arn", except: /^\*$/, holds: false })],
  replaces: ["name"],
  updates: ["recoveryPointSelection", "scheduleExpression", "scheduleExpressionTimezone", "startWindowHours"],
  defaults: { scheduleExpressionTimezone: "Etc/UTC", startWindowHours: 24 },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "backup", `restore-testing-plan:${ctx.id}-${uuid(ctx, "testing")}`),
    recoveryPointSelection: {
      excludeVaults: [],
      selectionWindowDays: 30,
      ...object(ctx.inputs["recoveryPointSelection"]),
    },
  }),
  refuseDelete: (thing, ctx) =>
    everywhere(ctx, "aws:backup/restoreTestingSelection:RestoreTestingSelection").some(
      (each) => each.properties["restoreTestingPlanName"] === thing.id && each.place === thing.place,
    )
      ? "InvalidRequestException: Restore testing plan has selections"
      : undefined,
});

const testingSelection = awsType({
  token: "aws:backup/restoreTestingSelection:RestoreTestingSelection",
  source: upstream("backup/restore_testing_selection.go"),
  id: (ctx) => `${input(ctx, "name")}:${input(ctx, "restoreTestingPlanName")}`,
  key: (ctx) => `${input(ctx, "restoreTestingPlanName")}|${input(ctx, "name")}`,
  exists: "AlreadyExistsException",
  rules: [
    rule("name", testName, `${API}API_RestoreTestingSelectionForCreate.html`),
    rule("protectedResourceType", oneOf(...SERVICES), `${API}API_RestoreTestingSelectionForCreate.html`),
    rule("validationWindowHours", range(1, 168), `${API}API_RestoreTestingSelectionForCreate.html`),
    rule("protectedResourceArns", all(length(1, 30)), `${API}API_RestoreTestingSelectionForCreate.html`),
  ],
  references: [
    refer("restoreTestingPlanName", TESTING, { by: "name", holds: false }),
    refer("iamRoleArn", ROLE, { by: "arn", holds: false }),
  ],
  check: (ctx) =>
    (ctx.inputs["protectedResourceArns"] === undefined) === (ctx.inputs["protectedResourceConditions"] === undefined)
      ? {
          path: "protectedResourceArns",
          reason:
            "InvalidParameterValueException: select either by protectedResourceArns or by protectedResourceConditions",
          source: `${API}API_RestoreTestingSelectionForCreate.html`,
        }
      : undefined,
  replaces: ["name", "protectedResourceType", "restoreTestingPlanName"],
  updates: [
    "iamRoleArn",
    "protectedResourceArns",
    "protectedResourceConditions",
    "restoreMetadataOverrides",
    "validationWindowHours",
  ],
  defaults: { protectedResourceArns: [], restoreMetadataOverrides: {}, validationWindowHours: 0 },
});

export const backup: readonly ResourceType[] = [
  vault,
  lock,
  plan,
  selection,
  regionSettings,
  testingPlan,
  testingSelection,
];
