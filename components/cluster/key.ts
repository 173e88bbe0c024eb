import * as aws from "@pulumi/aws";
import type { Resource } from "@pulumi/pulumi";

/** The longest that KMS allows; what the key encrypted (final snapshots) is unreadable when it is over. https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html */
const DELETION_WINDOW_DAYS = 30;

/** One customer-managed key a region (US$ 1 a month) for etcd's secrets, the database and the cache. */
export function createKey(name: string, protect: boolean, parent: Resource): aws.kms.Key {
  return new aws.kms.Key(
    `${name}-key`,
    {
      description: `Data at rest in ${name}`,
      enableKeyRotation: true,
      deletionWindowInDays: DELETION_WINDOW_DAYS,
      tags: { Name: `${name}-key` },
    },
    { parent, protect },
  );
}
