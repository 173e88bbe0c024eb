import { listAt, textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";
import { BUCKETS, partTypes } from "./buckets.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html#canned-acl */
const PUBLIC_LISTS: readonly string[] = ["public-read", "public-read-write", "authenticated-read"];
const EVERYBODY = /\/groups\/global\/(AllUsers|AuthenticatedUsers)$/;

export const bucketListNotPublic = resourcePolicy({
  name: "bucket-list-not-public",
  family: "security",
  severity: "critical",
  level: "mandatory",
  description: "Access control lists of buckets and objects let neither everyone nor every AWS account in.",
  why: "Such a list gives the data to anyone who asks for it.",
  fix: "Take the acl away; where the public shall read, put a CDN before the bucket.",
  control: fsbp("S3 general purpose buckets should block public read access", ["S3.2", "S3.3"]),
  settings: {},
  types: [
    ...BUCKETS,
    ...partTypes("BucketAcl"),
    "aws:s3/bucketObject:BucketObject",
    "aws:s3/bucketObjectv2:BucketObjectv2",
  ],
  check({ inputs, unknown }, _settings, report) {
    const acl = textAt(inputs, "acl");
    const grants = [...listAt(inputs, "grants"), ...listAt(inputs, "accessControlPolicy.grants")];
    const path = unknownAt(unknown, "acl", "grants", "accessControlPolicy");
    if (acl !== undefined && PUBLIC_LISTS.includes(acl))
      report.violation(`acl is ${acl}, which lets everyone in; take it away.`);
    else if (grants.some(isForEverybody))
      report.violation("A grant is for a group that everyone is in; take it away, or name an account.");
    else if (path !== undefined) report.undecided(path, "whether the list lets everyone in");
  },
});

/** A bucket's own grants name the group directly, those of a list through a grantee. */
function isForEverybody(grant: unknown): boolean {
  return [textAt(grant, "uri"), textAt(grant, "grantee.uri")].some((uri) => EVERYBODY.test(uri ?? ""));
}
