import * as aws from "@pulumi/aws";
import type { Resource } from "@pulumi/pulumi";

/** The longest that KMS allows; what the key encrypted (final snapshots) is unreadable when it is over. https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html */
const DELETION_WINDOW_DAYS = 30;

export interface KeyArgs {
  readonly region: string;
  /** Twelve digits. */
  readonly accountId: string;
  readonly protect: boolean;
}

/** One customer-managed key a region (US$ 1 a month) for etcd's secrets, the database, the cache and the logs. */
export function createKey(name: string, args: KeyArgs, parent: Resource): aws.kms.Key {
  return new aws.kms.Key(
    `${name}-key`,
    {
      description: `Data at rest in ${name}`,
      enableKeyRotation: true,
      deletionWindowInDays: DELETION_WINDOW_DAYS,
      policy: keyPolicy(args),
      tags: { Name: `${name}-key` },
    },
    { parent, protect: args.protect },
  );
}

/**
 * As KMS gives every key, IAM decides; beside it, CloudWatch Logs, which uses a key by the key's own policy alone.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
 */
function keyPolicy({ region, accountId }: KeyArgs): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Enable IAM User Permissions",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      {
        Sid: "Logs",
        Effect: "Allow",
        Principal: { Service: `logs.${region}.amazonaws.com` },
        Action: ["kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
        Resource: "*",
        Condition: {
          ArnLike: { "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:${region}:${accountId}:log-group:*` },
        },
      },
    ],
  });
}
