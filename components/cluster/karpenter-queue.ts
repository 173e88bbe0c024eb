import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { autoNamed } from "@groundwork/lib/names";

/** A machine is gone two minutes after a warning, so older ones are of no use. https://karpenter.sh/docs/reference/cloudformation/#karpenterinterruptionqueue */
const RETENTION_SECONDS = 300;

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html */
const RULE_NAME_LIMIT = 64;

/** What tells that a machine is about to go. https://karpenter.sh/docs/concepts/disruption/#interruption */
const EVENTS = {
  health: { source: ["aws.health"], "detail-type": ["AWS Health Event"] },
  spot: { source: ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"] },
  rebalance: { source: ["aws.ec2"], "detail-type": ["EC2 Instance Rebalance Recommendation"] },
  state: { source: ["aws.ec2"], "detail-type": ["EC2 Instance State-change Notification"] },
} as const;

/** Through which Karpenter hears in time to move pods that their machine goes. */
export function createInterruptionQueue(name: string, accountId: string, parent: pulumi.Resource): aws.sqs.Queue {
  const queue = new aws.sqs.Queue(
    `${name}-interruptions`,
    { messageRetentionSeconds: RETENTION_SECONDS, sqsManagedSseEnabled: true },
    { parent },
  );
  const policy = new aws.sqs.QueuePolicy(
    `${name}-interruptions`,
    { queueUrl: queue.url, policy: queuePolicy(queue.arn, accountId) },
    { parent },
  );
  for (const [event, pattern] of Object.entries(EVENTS)) {
    const rule = new aws.cloudwatch.EventRule(
      autoNamed(`${name}-${event}`, RULE_NAME_LIMIT),
      { description: `For Karpenter of ${name}`, eventPattern: JSON.stringify(pattern) },
      { parent },
    );
    new aws.cloudwatch.EventTarget(
      `${name}-${event}`,
      { rule: rule.name, targetId: "interruptions", arn: queue.arn },
      { parent, dependsOn: [policy] },
    );
  }
  return queue;
}

function queuePolicy(queueArn: pulumi.Output<string>, accountId: string): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Events",
        Effect: "Allow",
        Principal: { Service: ["events.amazonaws.com", "sqs.amazonaws.com"] },
        Action: "sqs:SendMessage",
        Resource: queueArn,
        Condition: { StringEquals: { "aws:SourceAccount": accountId } },
      },
      {
        Sid: "DenyHTTP",
        Effect: "Deny",
        Principal: "*",
        Action: "sqs:*",
        Resource: queueArn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}
