import * as aws from "@pulumi/aws";
import { ComponentResource } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import type { StoragePlace } from "../storage/keys.ts";

export interface AlarmTopicsArgs {
  readonly places: readonly StoragePlace[];
  /** Whose services may publish. */
  readonly accountId: string;
  /** Who is told; each must follow the link in a first mail. */
  readonly emails: readonly string[];
}

/** An SNS topic in each region that its CloudWatch alarms go to: an alarm reaches only topics of its own region. */
export class AlarmTopics extends ComponentResource {
  /** ARNs by region. */
  readonly arns: Readonly<Record<string, Output<string>>>;

  constructor(name: string, { places, accountId, emails }: AlarmTopicsArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:account:AlarmTopics", name, {}, opts);
    this.arns = Object.fromEntries(
      places.map(({ region, provider }) => {
        const topic = new aws.sns.Topic(`${name}-${region}`, {}, { parent: this, provider });
        const policy = new aws.sns.TopicPolicy(
          `${name}-${region}-policy`,
          { arn: topic.arn, policy: topic.arn.apply((arn) => publishers(arn, accountId)) },
          { parent: this, provider },
        );
        emails.forEach((endpoint, index) => {
          new aws.sns.TopicSubscription(
            `${name}-${region}-${index}`,
            { topic: topic.arn, protocol: "email", endpoint },
            { parent: this, provider },
          );
        });
        // Who is told of the topic finds it open: a first try that is refused makes ElastiCache give it up.
        return [region, policy.arn];
      }),
    );
    this.registerOutputs({ arns: this.arns });
  }
}

/**
 * CloudWatch's alarms and ElastiCache's events come from services of the account; the latter insists on this condition,
 * which new topics no longer have by default. https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/ElastiCacheSNS.html
 */
function publishers(topicArn: string, accountId: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "OwnServices",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: "sns:Publish",
        Resource: topicArn,
        Condition: { StringEquals: { "aws:SourceOwner": accountId } },
      },
    ],
  });
}
