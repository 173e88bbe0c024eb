import type { Pair } from "../../aws/companions.ts";

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
