import { pairs } from "../../aws/pairing.ts";
import { listAt, textAt } from "../../framework/known.ts";
import { fits as fitsPattern, patterns } from "../../framework/settings.ts";
import { bucketPair } from "../../security/s3/buckets.ts";
import { securityHub } from "../../security/values.ts";

const settings = {
  buckets: patterns(["*backup*"], "Buckets that have to be in a second region too, by logical name or bucket name."),
};

export const bucketIsReplicated = pairs<typeof settings>(
  {
    name: "bucket-is-replicated",
    family: "reliability",
    severity: "low",
    level: "advisory",
    description: "Buckets of backups are copied to another region.",
    why: "When a region is lost, its backups are what is needed elsewhere.",
    fix: "Make an aws.s3.BucketReplicationConfig for the bucket with a rule that is Enabled.",
    control: securityHub("S3 general purpose buckets should use cross-Region replication", ["S3.7"]),
    settings,
  },
  {
    ...bucketPair("BucketReplicationConfig"),
    companions: ["aws:s3/bucketReplicationConfig:BucketReplicationConfig"],
    fits: ({ inputs }) => listAt(inputs, "rules").some((rule) => textAt(rule, "status") === "Enabled"),
    hangsOn: ["rules"],
    spared: ({ name, inputs }, { buckets }) =>
      inputs["replicationConfiguration"] !== undefined ||
      ![name, textAt(inputs, "bucket") ?? name].some((each) => fitsPattern(each, buckets)),
    sparedHangsOn: ["replicationConfiguration"],
    says: ({ name }) =>
      `Bucket ${name} is in one region alone; make a BucketReplicationConfig for it, or change bucket-is-replicated.buckets.`,
    asks: "whether the bucket is copied to another region",
  },
);
