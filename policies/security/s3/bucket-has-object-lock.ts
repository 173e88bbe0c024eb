import { pairs } from "../../aws/pairing.ts";
import { plainAt, textAt } from "../../framework/known.ts";
import { fits as fitsPattern, patterns } from "../../framework/settings.ts";
import { flagAt, securityHub } from "../values.ts";
import { bucketPair } from "./buckets.ts";

const settings = {
  buckets: patterns(
    ["*audit*", "*backup*", "*trail*"],
    "Buckets whose objects nobody may change, by logical name or bucket name.",
  ),
};

export const bucketHasObjectLock = pairs<typeof settings>(
  {
    name: "bucket-has-object-lock",
    family: "security",
    severity: "medium",
    level: "advisory",
    description: "Buckets of backups and audit logs are locked against change.",
    why: "Who takes over an account deletes backups and logs first; a locked object outlives even its owner's wish.",
    fix: "Write objectLockEnabled: true on the bucket, and make an aws.s3.BucketObjectLockConfiguration with a default retention.",
    control: securityHub("S3 general purpose buckets should have Object Lock enabled", ["S3.15"]),
    settings,
  },
  {
    ...bucketPair("BucketObjectLockConfiguration"),
    fits: () => true,
    hangsOn: [],
    spared: ({ name, inputs }, { buckets }) =>
      flagAt(inputs, "objectLockEnabled") === true ||
      Object.keys(plainAt(inputs, "objectLockConfiguration")).length > 0 ||
      ![name, textAt(inputs, "bucket") ?? name].some((each) => fitsPattern(each, buckets)),
    sparedHangsOn: ["objectLockEnabled"],
    says: ({ name }) =>
      `Bucket ${name} has no object lock, so who may delete may delete all of it; write objectLockEnabled: true and make a BucketObjectLockConfiguration, or change bucket-has-object-lock.buckets.`,
    asks: "whether the bucket is locked",
  },
);
