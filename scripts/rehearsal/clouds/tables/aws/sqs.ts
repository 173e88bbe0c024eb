import type { Check, Created, Ctx, ResourceType } from "../../table.ts";
import { policyDocument } from "./iam.ts";
import { all, arnOf, awsType, input, length, oneOf, pattern, range, refer, regionOf, rule, upstream } from "./rules.ts";

const API = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/";
const CREATE = `${API}API_CreateQueue.html`;
export const QUEUE = "aws:sqs/queue:Queue";

const isFifo = (ctx: Ctx): boolean => ctx.inputs["fifoQueue"] === true;

const queueName: Check = (value, ctx) =>
  isFifo(ctx) === String(value).endsWith(".fifo")
    ? undefined
    : "end the name of a FIFO queue, and of no other, with .fifo";

const queue = awsType({
  token: QUEUE,
  source: upstream("sqs/queue.go"),
  id: (ctx) => `https://sqs.${regionOf(ctx)}.amazonaws.com/${ctx.account}/${input(ctx, "name")}`,
  key: (ctx) => input(ctx, "name"),
  exists: "QueueAlreadyExists",
  autoName: { property: "name", maxLength: 80 },
  rules: [
    rule(
      "name",
      all(length(1, 80), pattern(/^[\w-]+(\.fifo)?$/, "write letters, digits, - and _ only"), queueName),
      CREATE,
    ),
    rule("messageRetentionSeconds", range(60, 1_209_600), CREATE),
    rule("visibilityTimeoutSeconds", range(0, 43_200), CREATE),
    rule("delaySeconds", range(0, 900), CREATE),
    rule("receiveWaitTimeSeconds", range(0, 20), CREATE),
    rule("maxMessageSize", range(1_024, 1_048_576), CREATE),
    rule("kmsDataKeyReusePeriodSeconds", range(60, 86_400), CREATE),
    rule("deduplicationScope", oneOf("messageGroup", "queue"), CREATE),
    rule("policy", policyDocument("resource", 20_480), `${API}API_SetQueueAttributes.html`),
  ],
  check: (ctx) =>
    ctx.inputs["sqsManagedSseEnabled"] === true && input(ctx, "kmsMasterKeyId") !== ""
      ? {
          path: "kmsMasterKeyId",
          reason: "leave it out or leave sqsManagedSseEnabled out: a queue is encrypted with one key",
          source: upstream("sqs/queue.go"),
        }
      : undefined,
  replaces: ["fifoQueue", "name", "namePrefix"],
  updates: [
    "contentBasedDeduplication",
    "deduplicationScope",
    "delaySeconds",
    "fifoThroughputLimit",
    "kmsDataKeyReusePeriodSeconds",
    "kmsMasterKeyId",
    "maxMessageSize",
    "messageRetentionSeconds",
    "policy",
    "receiveWaitTimeSeconds",
    "redriveAllowPolicy",
    "redrivePolicy",
    "sqsManagedSseEnabled",
    "visibilityTimeoutSeconds",
  ],
  defaults: {
    deduplicationScope: "",
    fifoThroughputLimit: "",
    kmsDataKeyReusePeriodSeconds: 300,
    maxMessageSize: 262_144,
    messageRetentionSeconds: 345_600,
    namePrefix: "",
    policy: "",
    redriveAllowPolicy: "",
    redrivePolicy: "",
    sqsManagedSseEnabled: (ctx: Created) => input(ctx, "kmsMasterKeyId") === "",
    visibilityTimeoutSeconds: 30,
  },
  outputs: (ctx) => ({ arn: arnOf(ctx, "sqs", input(ctx, "name")), url: ctx.id }),
});

const queuePolicy = awsType({
  token: "aws:sqs/queuePolicy:QueuePolicy",
  source: upstream("sqs/queue_policy.go"),
  id: (ctx) => input(ctx, "queueUrl"),
  key: (ctx) => input(ctx, "queueUrl"),
  exists: "the queue has a policy",
  rules: [rule("policy", policyDocument("resource", 20_480), `${API}API_SetQueueAttributes.html`)],
  references: [refer("queueUrl", QUEUE, { holds: false })],
  replaces: ["queueUrl"],
  updates: ["policy"],
  deleteBeforeReplace: true,
});

export const sqs: readonly ResourceType[] = [queue, queuePolicy];
