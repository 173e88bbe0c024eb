import type { Check, Created, Ctx, ResourceType } from "../../table.ts";
import { ROLE } from "./iam.ts";
import type { Problem } from "./rules.ts";
import {
  all,
  arn,
  arnOf,
  awsType,
  globalArn,
  input,
  length,
  list,
  object,
  oneOf,
  pattern,
  refer,
  regionOf,
  rule,
  sourced,
  text,
  texts,
  upstream,
} from "./rules.ts";
import { BUCKET } from "./s3.ts";

const CLOUDTRAIL = "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html";
const GUARDDUTY = "https://docs.aws.amazon.com/guardduty/latest/APIReference/";
const BUDGETS = "https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/";
const DETECTOR = "aws:guardduty/detector:Detector";
const TOPIC = "aws:sns/topic:Topic";

/** Whether the bucket's policy, whichever way it was put there, names the service; in a preview it may not be known. */
const allows = (ctx: Ctx, bucket: string, service: string): boolean => {
  const own = ctx.find("aws:s3/bucketPolicy:BucketPolicy", "bucket", bucket);
  const policy = (own ?? ctx.find(BUCKET, "bucket", bucket))?.properties["policy"];
  return own !== undefined && typeof policy !== "string" ? true : text(policy).includes(service);
};

const trailProblem = (ctx: Ctx): Problem | undefined => {
  const bucket = input(ctx, "s3BucketName");
  if (!allows(ctx, bucket, "cloudtrail.amazonaws.com"))
    return {
      path: "s3BucketName",
      reason: `InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket: ${bucket}: allow cloudtrail.amazonaws.com to write, and let the trail depend on the policy`,
      source: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html",
    };
  const key = ctx.find("aws:kms/key:Key", "arn", ctx.inputs["kmsKeyId"])?.properties["policy"];
  if (key !== undefined && !text(key).includes("cloudtrail.amazonaws.com"))
    return {
      path: "kmsKeyId",
      reason:
        "InsufficientEncryptionPolicyException: Insufficient permissions to access KMS key: let cloudtrail.amazonaws.com encrypt with it",
      source: "https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html",
    };
  if ((ctx.inputs["cloudWatchLogsGroupArn"] === undefined) !== (ctx.inputs["cloudWatchLogsRoleArn"] === undefined))
    return {
      path: "cloudWatchLogsRoleArn",
      reason: "InvalidCloudWatchLogsRoleArnException: name log group and role, or neither",
    };
  return ctx.inputs["isMultiRegionTrail"] === true && ctx.inputs["includeGlobalServiceEvents"] === false
    ? {
        path: "includeGlobalServiceEvents",
        reason: "InvalidParameterCombinationException: a trail of all regions has the global events",
      }
    : undefined;
};

const trail = awsType({
  token: "aws:cloudtrail/trail:Trail",
  source: upstream("cloudtrail/trail.go"),
  id: (ctx) => arnOf(ctx, "cloudtrail", `trail/${input(ctx, "name")}`),
  key: (ctx) => input(ctx, "name"),
  exists: "TrailAlreadyExistsException",
  autoName: { property: "name", maxLength: 128 },
  rules: [
    rule(
      "name",
      all(
        length(3, 128),
        pattern(/^[A-Za-z0-9]([._-]?[A-Za-z0-9])*$/, "write letters, digits and single ., _ and - between them"),
      ),
      CLOUDTRAIL,
    ),
    rule(
      "cloudWatchLogsGroupArn",
      pattern(/^arn:aws:logs:.*:\*$/, "write the log group's ARN with :* at its end"),
      CLOUDTRAIL,
    ),
    rule("kmsKeyId", arn("kms"), CLOUDTRAIL),
  ],
  references: [
    refer("s3BucketName", BUCKET, { by: "bucket", anyRegion: true, holds: false }),
    refer("kmsKeyId", "aws:kms/key:Key", { by: "arn", holds: false }),
    refer("cloudWatchLogsRoleArn", ROLE, { by: "arn", holds: false }),
  ],
  check: (ctx) => sourced(trailProblem(ctx), CLOUDTRAIL),
  replaces: ["name"],
  updates: [
    "advancedEventSelectors",
    "cloudWatchLogsGroupArn",
    "cloudWatchLogsRoleArn",
    "enableLogFileValidation",
    "enableLogging",
    "eventSelectors",
    "includeGlobalServiceEvents",
    "insightSelectors",
    "isMultiRegionTrail",
    "isOrganizationTrail",
    "kmsKeyId",
    "s3BucketName",
    "s3KeyPrefix",
    "snsTopicName",
  ],
  defaults: {
    enableLogFileValidation: false,
    enableLogging: true,
    includeGlobalServiceEvents: true,
    isMultiRegionTrail: false,
    isOrganizationTrail: false,
  },
  outputs: (ctx) => ({ arn: ctx.id, homeRegion: regionOf(ctx), snsTopicArn: "" }),
});

const detector = awsType({
  token: DETECTOR,
  source: upstream("guardduty/detector.go"),
  id: (ctx) => ctx.hex(32, "detector"),
  // one for each account and region
  key: (ctx) => ctx.place,
  exists: "BadRequestException: The request is rejected because a detector already exists for the current account",
  rules: [
    rule(
      "findingPublishingFrequency",
      oneOf("FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"),
      `${GUARDDUTY}API_CreateDetector.html`,
    ),
  ],
  updates: ["datasources", "enable", "findingPublishingFrequency"],
  defaults: { enable: true, findingPublishingFrequency: "SIX_HOURS" },
  outputs: (ctx) => ({
    accountId: ctx.account,
    arn: arnOf(ctx, "guardduty", `detector/${ctx.id}`),
    datasources: {
      kubernetes: { auditLogs: { enable: true } },
      malwareProtection: { scanEc2InstanceWithFindings: { ebsVolumes: { enable: true } } },
      s3Logs: { enable: true },
    },
  }),
});

/** https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DetectorFeatureConfiguration.html */
const FEATURES = [
  "S3_DATA_EVENTS",
  "EKS_AUDIT_LOGS",
  "EBS_MALWARE_PROTECTION",
  "RDS_LOGIN_EVENTS",
  "EKS_RUNTIME_MONITORING",
  "LAMBDA_NETWORK_LOGS",
  "RUNTIME_MONITORING",
];
const AGENTS = ["EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"];

const detectorFeature = awsType({
  token: "aws:guardduty/detectorFeature:DetectorFeature",
  source: upstream("guardduty/detector_feature.go"),
  id: (ctx) => `${input(ctx, "detectorId")}/${input(ctx, "name")}`,
  key: (ctx) => `${input(ctx, "detectorId")}/${input(ctx, "name")}`,
  exists: "BadRequestException",
  rules: [
    rule("name", oneOf(...FEATURES), `${GUARDDUTY}API_DetectorFeatureConfiguration.html`),
    rule("status", oneOf("ENABLED", "DISABLED"), `${GUARDDUTY}API_DetectorFeatureConfiguration.html`),
    rule("additionalConfigurations[].name", oneOf(...AGENTS), `${GUARDDUTY}API_DetectorAdditionalConfiguration.html`),
    rule(
      "additionalConfigurations[].status",
      oneOf("ENABLED", "DISABLED"),
      `${GUARDDUTY}API_DetectorAdditionalConfiguration.html`,
    ),
  ],
  references: [refer("detectorId", DETECTOR, { holds: false })],
  check: (ctx) => {
    const others = ["EKS_RUNTIME_MONITORING", "RUNTIME_MONITORING"].filter((name) => name !== ctx.inputs["name"]);
    const twin = ctx
      .all("aws:guardduty/detectorFeature:DetectorFeature")
      .some(
        (each) =>
          each.properties["status"] === "ENABLED" &&
          each.properties["detectorId"] === ctx.inputs["detectorId"] &&
          others.length === 1 &&
          each.properties["name"] === others[0],
      );
    return twin && ctx.inputs["status"] === "ENABLED"
      ? {
          path: "name",
          reason: "BadRequestException: EKS_RUNTIME_MONITORING and RUNTIME_MONITORING cannot both be enabled",
          source: `${GUARDDUTY}API_DetectorFeatureConfiguration.html`,
        }
      : undefined;
  },
  replaces: ["detectorId", "name"],
  updates: ["additionalConfigurations", "status"],
});

const amount: Check = (value) =>
  typeof value === "string" && /^\d+(\.\d+)?$/.test(value) && Number(value) > 0
    ? undefined
    : 'write an amount such as "3000"';

/** At most ten, each told to at most ten addresses and one topic. */
const notificationProblem = (given: unknown): string | undefined => {
  const { subscriberEmailAddresses, subscriberSnsTopicArns } = object(given);
  const [mails, topics] = [texts(subscriberEmailAddresses).length, list(subscriberSnsTopicArns).length];
  if (mails + topics === 0) return "InvalidParameterException: name who is told, by mail or topic";
  return mails > 10 || topics > 1
    ? "InvalidParameterException: a notification goes to at most 10 addresses and 1 topic"
    : undefined;
};

const budget = awsType({
  token: "aws:budgets/budget:Budget",
  source: upstream("budgets/budget.go"),
  scope: "global",
  id: (ctx) => `${ctx.account}:${input(ctx, "name")}`,
  key: (ctx) => input(ctx, "name"),
  exists: "DuplicateRecordException",
  autoName: { property: "name", maxLength: 100 },
  rules: [
    rule("name", all(length(1, 100), pattern(/^[^:\\]+$/, "leave out : and \\")), `${BUDGETS}API_budgets_Budget.html`),
    rule(
      "budgetType",
      oneOf("COST", "USAGE", "RI_UTILIZATION", "RI_COVERAGE", "SAVINGS_PLANS_UTILIZATION", "SAVINGS_PLANS_COVERAGE"),
      `${BUDGETS}API_budgets_Budget.html`,
    ),
    rule("timeUnit", oneOf("DAILY", "MONTHLY", "QUARTERLY", "ANNUALLY", "CUSTOM"), `${BUDGETS}API_budgets_Budget.html`),
    rule("limitAmount", amount, `${BUDGETS}API_budgets_Spend.html`),
    rule("limitUnit", oneOf("USD"), `${BUDGETS}API_budgets_Spend.html`),
    rule("notifications", length(0, 10), `${BUDGETS}API_budgets_CreateBudget.html`),
    rule("notifications[].notificationType", oneOf("ACTUAL", "FORECASTED"), `${BUDGETS}API_budgets_Notification.html`),
    rule(
      "notifications[].comparisonOperator",
      oneOf("GREATER_THAN", "LESS_THAN", "EQUAL_TO"),
      `${BUDGETS}API_budgets_Notification.html`,
    ),
    rule(
      "notifications[].thresholdType",
      oneOf("PERCENTAGE", "ABSOLUTE_VALUE"),
      `${BUDGETS}API_budgets_Notification.html`,
    ),
    rule(
      "notifications[].subscriberEmailAddresses[]",
      pattern(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, "write an address"),
      `${BUDGETS}API_budgets_Subscriber.html`,
    ),
  ],
  references: [refer("notifications[].subscriberSnsTopicArns[]", TOPIC, { by: "arn", anyRegion: true, holds: false })],
  check: (ctx) => {
    const all = list(ctx.inputs["notifications"]).map(notificationProblem);
    const index = all.findIndex((problem) => problem !== undefined);
    return index < 0
      ? undefined
      : {
          path: `notifications[${index}]`,
          reason: all[index] ?? "",
          source: `${BUDGETS}API_budgets_CreateNotification.html`,
        };
  },
  replaces: ["accountId", "name", "namePrefix"],
  updates: [
    "autoAdjustData",
    "billingViewArn",
    "budgetType",
    "costFilters",
    "costTypes",
    "filterExpression",
    "limitAmount",
    "limitUnit",
    "metrics",
    "notifications",
    "plannedLimits",
    "timePeriodEnd",
    "timePeriodStart",
    "timeUnit",
  ],
  defaults: {
    accountId: (ctx: Created) => ctx.account,
    costFilters: [],
    limitAmount: "",
    limitUnit: "USD",
    namePrefix: "",
    timePeriodEnd: "2087-06-15_00:00",
    timePeriodStart: "2026-11-01_00:00",
  },
  outputs: (ctx) => ({
    arn: globalArn(ctx, "budgets", `budget/${input(ctx, "name")}`),
    costTypes: {
      includeCredit: true,
      includeDiscount: true,
      includeOtherSubscription: true,
      includeRecurring: true,
      includeRefund: true,
      includeSubscription: true,
      includeSupport: true,
      includeTax: true,
      includeUpfront: true,
      useAmortized: false,
      useBlended: false,
      ...object(ctx.inputs["costTypes"]),
    },
  }),
});

const analyzer = awsType({
  token: "aws:accessanalyzer/analyzer:Analyzer",
  source: upstream("accessanalyzer/analyzer.go"),
  id: (ctx) => input(ctx, "analyzerName"),
  key: (ctx) => input(ctx, "analyzerName"),
  exists: "ConflictException",
  rules: [
    rule(
      "analyzerName",
      all(
        length(1, 255),
        pattern(/^[A-Za-z][A-Za-z0-9_.-]*$/, "write letters, digits, ., _ and -, beginning with a letter"),
      ),
      "https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html",
    ),
    rule(
      "type",
      oneOf(
        "ACCOUNT",
        "ACCOUNT_INTERNAL_ACCESS",
        "ACCOUNT_UNUSED_ACCESS",
        "ORGANIZATION",
        "ORGANIZATION_INTERNAL_ACCESS",
        "ORGANIZATION_UNUSED_ACCESS",
      ),
      "https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html",
    ),
  ],
  replaces: ["analyzerName", "type"],
  updates: ["configuration"],
  defaults: { type: "ACCOUNT" },
  outputs: (ctx) => ({ arn: arnOf(ctx, "access-analyzer", `analyzer/${ctx.id}`) }),
});

const ebsEncryption = awsType({
  token: "aws:ebs/encryptionByDefault:EncryptionByDefault",
  source: upstream("ec2/ebs_encryption_by_default.go"),
  id: (ctx) => `terraform-${ctx.hex(26, "setting")}`,
  key: () => undefined,
  findBy: (ctx) => ctx.place,
  updates: ["enabled"],
  defaults: { enabled: true },
});

const costTag = awsType({
  token: "aws:costexplorer/costAllocationTag:CostAllocationTag",
  source: upstream("ce/cost_allocation_tag.go"),
  scope: "global",
  id: (ctx) => input(ctx, "tagKey"),
  key: (ctx) => input(ctx, "tagKey"),
  exists: "ValidationException",
  rules: [
    rule(
      "status",
      oneOf("Active", "Inactive"),
      "https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_UpdateCostAllocationTagsStatus.html",
    ),
  ],
  replaces: ["tagKey"],
  updates: ["status"],
  outputs: () => ({ type: "UserDefined" }),
});

export const account: readonly ResourceType[] = [
  trail,
  detector,
  detectorFeature,
  budget,
  analyzer,
  ebsEncryption,
  costTag,
];
