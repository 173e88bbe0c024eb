import { pairs } from "../../aws/pairing.ts";
import { fsbp } from "../values.ts";
import { ACCOUNT_BLOCK, bucketPair, openSwitches } from "./buckets.ts";

/**
 * Whether its four switches stand right is the business of public-access-block-is-complete. A bucket made since April 2023
 * has a block that no program knows of and nobody puts back.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
 */
export const bucketBlocksPublicAccess = pairs(
  {
    name: "bucket-blocks-public-access",
    family: "security",
    severity: "high",
    level: "mandatory",
    description: "Each bucket, or else the account, has a public access block in the program.",
    why: "AWS gives one to buckets made since April 2023, but an older bucket has none, and nobody notices that another's is gone.",
    fix: "Make an aws.s3.BucketPublicAccessBlock for the bucket, or an aws.s3.AccountPublicAccessBlock, with all four switches true.",
    control: fsbp(
      "S3 general purpose buckets should block public access",
      ["S3.8"],
      ["Security Hub CloudTrail.6", "CIS AWS 5.0.0 2.1.4"],
    ),
    settings: {},
  },
  {
    ...bucketPair("BucketPublicAccessBlock"),
    fits: () => true,
    hangsOn: [],
    spared: (_bucket, _settings, stack) =>
      stack.ofType(ACCOUNT_BLOCK).some((block) => openSwitches(block).length === 0),
    says: ({ name }) =>
      `Bucket ${name} has no public access block in the program, so it has at most the one that AWS gives new buckets, which nothing puts back once it is gone; make a BucketPublicAccessBlock for it.`,
    asks: "whether the bucket has a public access block",
  },
  [ACCOUNT_BLOCK],
);
