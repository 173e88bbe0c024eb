import type { Ctx, ResourceType } from "../../table.ts";
import { policyDocument } from "./iam.ts";
import {
  all,
  arn,
  arnOf,
  awsType,
  input,
  length,
  number,
  oneOf,
  pattern,
  range,
  refer,
  rule,
  text,
  upstream,
} from "./rules.ts";

const ALARMS = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html";
const TOPIC = "aws:sns/topic:Topic";
const SNS = "https://docs.aws.amazon.com/sns/latest/api/";

/** 10, 20, 30 seconds or whole minutes. */
const period = (value: unknown): string | undefined =>
  value === 10 || value === 20 || value === 30 || (typeof value === "number" && value > 0 && value % 60 === 0)
    ? undefined
    : "write 10, 20, 30 or a multiple of 60 seconds";

const metricProblem = (ctx: Ctx): string | undefined => {
  const { metricName, metricQueries, statistic, extendedStatistic, namespace } = ctx.inputs;
  if (metricQueries !== undefined) return undefined;
  if (metricName === undefined || namespace === undefined) return "name the metric and its namespace";
  return (statistic === undefined) === (extendedStatistic === undefined)
    ? "write either statistic or extendedStatistic"
    : undefined;
};

const alarm = awsType({
  token: "aws:cloudwatch/metricAlarm:MetricAlarm",
  source: upstream("cloudwatch/metric_alarm.go"),
  id: (ctx) => input(ctx, "name"),
  // a second one of the same name takes the place of the first: the service knows no refusal
  key: () => undefined,
  findBy: (ctx) => input(ctx, "name"),
  autoName: { property: "name", maxLength: 255 },
  rules: [
    rule("name", length(1, 255), ALARMS),
    rule("alarmDescription", length(0, 1024), ALARMS),
    rule(
      "comparisonOperator",
      oneOf(
        "GreaterThanOrEqualToThreshold",
        "GreaterThanThreshold",
        "GreaterThanUpperThreshold",
        "LessThanLowerOrGreaterThanUpperThreshold",
        "LessThanLowerThreshold",
        "LessThanOrEqualToThreshold",
        "LessThanThreshold",
      ),
      ALARMS,
    ),
    rule("evaluationPeriods", range(1, 1440), ALARMS),
    rule("period", period, ALARMS),
    rule("statistic", oneOf("SampleCount", "Average", "Sum", "Minimum", "Maximum"), ALARMS),
    rule("treatMissingData", oneOf("missing", "ignore", "breaching", "notBreaching"), ALARMS),
    rule("alarmActions", length(0, 5), ALARMS),
    rule("alarmActions[]", arn(), ALARMS),
  ],
  references: [
    refer("alarmActions[]", TOPIC, { by: "arn", holds: false, except: /^arn:aws:(?!sns:)/ }),
    refer("okActions[]", TOPIC, { by: "arn", holds: false, except: /^arn:aws:(?!sns:)/ }),
  ],
  check: (ctx) => {
    const problem = metricProblem(ctx);
    if (problem !== undefined) return { path: "metricName", reason: `ValidationError: ${problem}`, source: ALARMS };
    const seconds = (number(ctx.inputs["period"]) ?? 0) * (number(ctx.inputs["evaluationPeriods"]) ?? 0);
    return seconds > 604_800
      ? {
          path: "evaluationPeriods",
          reason: `ValidationError: ${seconds} seconds in all, write at most a week`,
          source: ALARMS,
        }
      : undefined;
  },
  replaces: ["name"],
  updates: [
    "actionsEnabled",
    "alarmActions",
    "alarmDescription",
    "comparisonOperator",
    "datapointsToAlarm",
    "dimensions",
    "evaluateLowSampleCountPercentiles",
    "evaluationCriteria",
    "evaluationInterval",
    "evaluationPeriods",
    "extendedStatistic",
    "insufficientDataActions",
    "metricName",
    "metricQueries",
    "namespace",
    "okActions",
    "period",
    "statistic",
    "threshold",
    "thresholdMetricId",
    "treatMissingData",
    "unit",
    "warmUpConfiguration",
  ],
  defaults: { actionsEnabled: true, evaluateLowSampleCountPercentiles: "", treatMissingData: "missing" },
  outputs: (ctx) => ({ arn: arnOf(ctx, "cloudwatch", `alarm:${ctx.id}`) }),
});

const FEEDBACK = ["application", "firehose", "http", "lambda", "sqs"].flatMap((way) => [
  `${way}FailureFeedbackRoleArn`,
  `${way}SuccessFeedbackRoleArn`,
  `${way}SuccessFeedbackSampleRate`,
]);

const topicArn = (ctx: Ctx): string => arnOf(ctx, "sns", input(ctx, "name"));

const topic = awsType({
  token: TOPIC,
  source: upstream("sns/topic.go"),
  id: topicArn,
  // CreateTopic of a name that is there answers with the topic that is there
  key: () => undefined,
  findBy: topicArn,
  autoName: { property: "name", maxLength: 256 },
  rules: [
    rule(
      "name",
      all(length(1, 256), pattern(/^[A-Za-z0-9_-]+(\.fifo)?$/, "write letters, digits, _ and - only")),
      `${SNS}API_CreateTopic.html`,
    ),
    rule("displayName", length(0, 100), `${SNS}API_SetTopicAttributes.html`),
    rule("policy", policyDocument("resource", 30_720), `${SNS}API_SetTopicAttributes.html`),
    rule("signatureVersion", oneOf(1, 2), `${SNS}API_SetTopicAttributes.html`),
  ],
  references: [refer("kmsMasterKeyId", "aws:kms/key:Key", { by: ["id", "arn"], holds: false, except: /alias\// })],
  replaces: ["fifoTopic", "name", "namePrefix"],
  updates: [
    "archivePolicy",
    "contentBasedDeduplication",
    "deliveryPolicy",
    "displayName",
    "fifoThroughputScope",
    "kmsMasterKeyId",
    "policy",
    "signatureVersion",
    "tracingConfig",
    ...FEEDBACK,
  ],
  defaults: {
    contentBasedDeduplication: false,
    fifoThroughputScope: "",
    fifoTopic: false,
    namePrefix: "",
    policy: (ctx: Ctx) =>
      JSON.stringify({ Version: "2008-10-17", Id: "__default_policy_ID", Statement: [], Owner: ctx.account }),
    signatureVersion: 1,
    tracingConfig: "",
  },
  outputs: (ctx) => ({ arn: ctx.id, beginningArchiveTime: "", owner: ctx.account }),
});

/** https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html */
const ENDPOINTS: Readonly<Record<string, RegExp>> = {
  email: /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
  "email-json": /^[^\s@]+@[^\s@]+\.[^\s@]+$/,
  https: /^https:\/\//,
  http: /^http:\/\//,
  sqs: /^arn:aws:sqs:/,
  lambda: /^arn:aws:lambda:/,
};

const subscription = awsType({
  token: "aws:sns/topicSubscription:TopicSubscription",
  source: upstream("sns/topic_subscription.go"),
  id: (ctx) =>
    `${input(ctx, "topic")}:${ctx.hex(8, "a")}-${ctx.hex(4, "b")}-4${ctx.hex(3, "c")}-8${ctx.hex(3, "d")}-${ctx.hex(12, "e")}`,
  findBy: (ctx) => `${input(ctx, "topic")}|${input(ctx, "protocol")}|${input(ctx, "endpoint")}`,
  rules: [
    rule(
      "protocol",
      oneOf("email", "email-json", "https", "http", "sqs", "lambda", "sms", "firehose", "application"),
      `${SNS}API_Subscribe.html`,
    ),
  ],
  references: [refer("topic", TOPIC, { by: "arn", holds: false })],
  check: (ctx) => {
    const shape = ENDPOINTS[input(ctx, "protocol")];
    return shape !== undefined && !shape.test(text(ctx.inputs["endpoint"]))
      ? {
          path: "endpoint",
          reason: `InvalidParameter: Endpoint does not fit protocol ${input(ctx, "protocol")}`,
          source: `${SNS}API_Subscribe.html`,
        }
      : undefined;
  },
  replaces: ["endpoint", "protocol", "topic"],
  updates: [
    "confirmationTimeoutInMinutes",
    "deliveryPolicy",
    "endpointAutoConfirms",
    "filterPolicy",
    "filterPolicyScope",
    "rawMessageDelivery",
    "redrivePolicy",
    "replayPolicy",
    "subscriptionRoleArn",
  ],
  defaults: {
    confirmationTimeoutInMinutes: 1,
    endpointAutoConfirms: false,
    filterPolicyScope: "",
    rawMessageDelivery: false,
  },
  outputs: (ctx) => ({
    arn: ctx.id,
    confirmationWasAuthenticated: false,
    ownerId: ctx.account,
    // somebody has to follow the link in the mail first
    pendingConfirmation: input(ctx, "protocol").startsWith("email"),
  }),
});

const topicPolicy = awsType({
  token: "aws:sns/topicPolicy:TopicPolicy",
  source: upstream("sns/topic_policy.go"),
  id: (ctx) => input(ctx, "arn"),
  key: (ctx) => input(ctx, "arn"),
  exists: "AlreadyExists",
  rules: [rule("policy", policyDocument("resource", 30_720), `${SNS}API_SetTopicAttributes.html`)],
  references: [refer("arn", TOPIC, { by: "arn", holds: false })],
  replaces: ["arn"],
  updates: ["policy"],
  outputs: (ctx) => ({ owner: ctx.account }),
});

export const alarms: readonly ResourceType[] = [alarm, topic, subscription, topicPolicy];
