import { queueIsEncrypted } from "../../../policies/security/sqs/queue-is-encrypted.ts";
import { queueNotPublic } from "../../../policies/security/sqs/queue-not-public.ts";
import { topicHasOwnKey } from "../../../policies/security/sqs/topic-has-own-key.ts";
import { topicNotPublic } from "../../../policies/security/sqs/topic-not-public.ts";
import { describePolicy } from "../cases.ts";
import { type Fake, UNKNOWN } from "../harness.ts";

function document(change: Record<string, unknown>): string {
  const own = { ArnEquals: { "aws:SourceArn": "arn:aws:s3:::shop" } };
  return JSON.stringify({
    Statement: { Effect: "Allow", Principal: "*", Action: "sqs:SendMessage", Resource: "*", Condition: own, ...change },
  });
}

const messaging: readonly Fake[] = [
  { type: "aws:sqs/queue:Queue", name: "jobs", props: {} },
  { type: "aws:sqs/queue:Queue", name: "orders", props: { sqsManagedSseEnabled: false, kmsMasterKeyId: UNKNOWN } },
  { type: "aws:sqs/queuePolicy:QueuePolicy", name: "who", props: { queueUrl: UNKNOWN, policy: document({}) } },
  { type: "aws:sns/topic:Topic", name: "news", props: { kmsMasterKeyId: "alias/aws/sns", policy: document({}) } },
];

describe("security of queues and topics", () => {
  describePolicy({
    policy: queueIsEncrypted,
    compliant: messaging,
    breaks: [
      { path: "jobs/sqsManagedSseEnabled", value: false, says: /^sqsManagedSseEnabled is false/ },
      { path: "orders/kmsMasterKeyId", value: undefined, says: /in the clear/ },
    ],
    undecided: ["jobs/sqsManagedSseEnabled"],
  });

  describePolicy({
    policy: queueNotPublic,
    compliant: messaging,
    breaks: [
      { path: "who/policy", value: document({ Condition: undefined }), says: /anyone in the world use the queue/ },
    ],
    undecided: ["who/policy"],
  });

  describePolicy({
    policy: topicNotPublic,
    compliant: messaging,
    breaks: [{ path: "news/policy", value: document({ Condition: {} }), says: /anyone in the world use the topic/ }],
    undecided: ["news/policy"],
  });

  describePolicy({
    policy: topicHasOwnKey,
    compliant: messaging,
    breaks: [{ path: "news/kmsMasterKeyId", value: undefined, says: /^kmsMasterKeyId is not written/ }],
  });
});
