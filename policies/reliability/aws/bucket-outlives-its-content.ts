import { requires } from "../../aws/requirement.ts";
import { BUCKETS } from "../../security/s3/buckets.ts";

export const bucketOutlivesItsContent = requires(
  {
    name: "bucket-outlives-its-content",
    family: "reliability",
    severity: "medium",
    level: "advisory",
    description: "A bucket that still has objects is not deleted.",
    why: "With forceDestroy a destroy, or a change that replaces, deletes every object and every version without asking.",
    fix: "Take forceDestroy away, and empty a bucket by hand before it goes.",
    control: {
      name: "Pulumi Registry: aws.s3.Bucket, forceDestroy",
      url: "https://www.pulumi.com/registry/packages/aws/api-docs/s3/bucket/",
    },
    types: [...BUCKETS],
  },
  {
    path: "forceDestroy",
    value: false,
    otherwise: false,
    harm: "everything in it is deleted together with it, without a question",
  },
);
