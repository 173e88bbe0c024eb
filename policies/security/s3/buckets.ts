import type { Pair } from "../../aws/companions.ts";
import { unknownAt } from "../../framework/known.ts";
import type { Resource } from "../../framework/policy.ts";
import { flagAt } from "../values.ts";

/** Both names of a bucket in the provider; the second is the one of version 6. */
export const BUCKETS = ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"] as const;

/** Both types of something that belongs to a bucket, e.g. `BucketVersioning`. */
export function partTypes(part: string): readonly [string, string] {
  const module = `${part.charAt(0).toLowerCase()}${part.slice(1)}`;
  return [`aws:s3/${module}:${part}`, `aws:s3/${module}V2:${part}V2`];
}

/** Buckets and what belongs to them. */
export function bucketPair(part: string): Pair {
  return { owners: BUCKETS, names: ["bucket"], companions: partTypes(part), property: "bucket" };
}

/** The public access block of all buckets of an account. */
export const ACCOUNT_BLOCK = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock";

/** The ways that a public access block closes. */
export const SWITCHES = ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"] as const;

/** The ways that a public access block certainly leaves open. */
export function openSwitches({ inputs, unknown }: Resource): string[] {
  return SWITCHES.filter((input) => flagAt(inputs, input) !== true && unknownAt(unknown, input) === undefined);
}
