import { pairs } from "../../aws/pairing.ts";
import { textAt } from "../../framework/known.ts";
import { bucketPair } from "../../security/s3/buckets.ts";
import { flagAt, securityHub } from "../../security/values.ts";

export const bucketKeepsVersions = pairs(
  {
    name: "bucket-keeps-versions",
    family: "reliability",
    severity: "low",
    level: "advisory",
    description: "Buckets keep what is overwritten and deleted.",
    why: "A wrong program or a stolen key overwrites every object within minutes.",
    fix: "Make an aws.s3.BucketVersioning with versioningConfiguration: { status: Enabled }, and rules that end old versions.",
    control: securityHub("S3 general purpose buckets should have versioning enabled", ["S3.14"]),
    settings: {},
  },
  {
    ...bucketPair("BucketVersioning"),
    fits: ({ inputs }) => textAt(inputs, "versioningConfiguration.status") === "Enabled",
    hangsOn: ["versioningConfiguration"],
    spared: ({ inputs }) => flagAt(inputs, "versioning.enabled") === true,
    sparedHangsOn: ["versioning"],
    says: ({ name }) =>
      `Bucket ${name} keeps no versions, so what is overwritten is gone; make a BucketVersioning with status Enabled for it.`,
    asks: "whether the bucket keeps versions",
  },
);
