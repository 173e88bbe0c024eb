import { pairs } from "../../aws/pairing.ts";
import { fsbp } from "../values.ts";
import { bucketPair } from "./buckets.ts";

/** Whether its four switches stand right is the business of public-access-block-is-complete. */
export const bucketBlocksPublicAccess = pairs(
  {
    name: "bucket-blocks-public-access",
    family: "security",
    severity: "high",
    level: "mandatory",
    description: "Each bucket has a public access block.",
    why: "It holds even where a policy or an access control list of a single object opens the bucket by mistake.",
    fix: "Make an aws.s3.BucketPublicAccessBlock for the bucket with all four switches true.",
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
    says: ({ name }) =>
      `Bucket ${name} has no public access block, so one wrong policy opens it to the world; make a BucketPublicAccessBlock for it.`,
    asks: "whether the bucket has a public access block",
  },
);
