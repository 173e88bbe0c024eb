import { pairs } from "../../aws/pairing.ts";
import { listAt, plainAt } from "../../framework/known.ts";
import { fsbp } from "../values.ts";
import { bucketPair, partTypes } from "./buckets.ts";

const LOGGING = partTypes("BucketLogging");

export const bucketHasAccessLog = pairs(
  {
    name: "bucket-has-access-log",
    family: "security",
    severity: "medium",
    level: "advisory",
    description: "Buckets write down who asked for what, except those that take such logs.",
    why: "After a leak nothing else tells which objects were read, and by whom.",
    fix: "Make an aws.s3.BucketLogging for the bucket with targetBucket, or record data events in CloudTrail.",
    control: fsbp(
      "S3 general purpose buckets should have server access logging enabled",
      ["S3.9"],
      ["Security Hub CloudTrail.7", "CIS AWS 5.0.0 3.4"],
    ),
    settings: {},
  },
  {
    ...bucketPair("BucketLogging"),
    fits: () => true,
    hangsOn: [],
    spared: ({ urn, inputs }, _values, stack) =>
      listAt(inputs, "loggings").length > 0 ||
      Object.keys(plainAt(inputs, "logging")).length > 0 ||
      stack.ofType(...LOGGING).some((logging) => logsInto(stack.nearest.bind(stack), logging.urn, urn)),
    says: ({ name }) =>
      `Bucket ${name} has no access log, so nobody can tell who read what; make a BucketLogging with a target bucket for it.`,
    asks: "whether the bucket has an access log",
  },
);

type Nearest = (urn: string, type: string, property?: string) => readonly string[];

function logsInto(nearest: Nearest, logging: string, bucket: string): boolean {
  return bucketPair("BucketLogging").owners.some((type) => nearest(logging, type, "targetBucket").includes(bucket));
}
