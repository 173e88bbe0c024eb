import { pairs } from "../../aws/pairing.ts";
import { listAt } from "../../framework/known.ts";
import { fsbp } from "../values.ts";
import { bucketPair } from "./buckets.ts";

export const bucketHasLifecycle = pairs(
  {
    name: "bucket-has-lifecycle",
    family: "security",
    severity: "low",
    level: "advisory",
    description: "Buckets have rules for what becomes of old objects and old versions.",
    why: "Without rules old versions and broken uploads stay for ever: they cost, and they can be stolen.",
    fix: "Make an aws.s3.BucketLifecycleConfiguration for the bucket that ends old versions and broken uploads.",
    control: fsbp("S3 general purpose buckets should have Lifecycle configurations", ["S3.13"], ["Security Hub S3.10"]),
    settings: {},
  },
  {
    ...bucketPair("BucketLifecycleConfiguration"),
    fits: () => true,
    hangsOn: [],
    spared: ({ inputs }) => listAt(inputs, "lifecycleRules").length > 0,
    says: ({ name }) =>
      `Bucket ${name} has no lifecycle rules, so old versions and broken uploads stay for ever; make a BucketLifecycleConfiguration for it.`,
    asks: "whether the bucket has lifecycle rules",
  },
);
