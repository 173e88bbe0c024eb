import { letsNobodyIn } from "../../aws/public-documents.ts";
import { fsbp } from "../values.ts";
import { BUCKETS } from "./buckets.ts";

export const bucketPolicyNotPublic = letsNobodyIn(
  {
    name: "bucket-policy-not-public",
    family: "security",
    severity: "critical",
    level: "mandatory",
    description: "No bucket policy lets anyone in the world in.",
    why: "A statement for everyone without a condition that narrows it gives the data to whoever asks.",
    fix: "Name the principals, or narrow the statement by account, organisation, network or source ARN.",
    control: fsbp("S3 general purpose buckets should block public write access", ["S3.3", "S3.2"]),
    types: ["aws:s3/bucketPolicy:BucketPolicy", "aws:s3/accessPoint:AccessPoint", ...BUCKETS],
  },
  ["policy"],
  "the bucket",
);
