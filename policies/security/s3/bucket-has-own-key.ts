import { pairs } from "../../aws/pairing.ts";
import { at, listAt, textAt } from "../../framework/known.ts";
import { securityHub } from "../values.ts";
import { bucketPair } from "./buckets.ts";

export const bucketHasOwnKey = pairs(
  {
    name: "bucket-has-own-key",
    family: "security",
    severity: "medium",
    level: "advisory",
    description: "Buckets encrypt with a key of KMS.",
    why: "With S3's own key whoever may read the bucket may read the data; a key of KMS asks once more, and writes it down.",
    fix: "Make an aws.s3.BucketServerSideEncryptionConfiguration with sseAlgorithm aws:kms and bucketKeyEnabled: true.",
    control: securityHub("S3 general purpose buckets should be encrypted at rest with AWS KMS keys", ["S3.17"]),
    settings: {},
  },
  {
    ...bucketPair("BucketServerSideEncryptionConfiguration"),
    fits: ({ inputs }) => listAt(inputs, "rules").some((rule) => isWithKms(rule)),
    hangsOn: ["rules"],
    spared: ({ inputs }) => isWithKms(at(inputs, "serverSideEncryptionConfiguration.rule")),
    sparedHangsOn: ["serverSideEncryptionConfiguration"],
    says: ({ name }) =>
      `Bucket ${name} encrypts with the key of S3 itself; make a BucketServerSideEncryptionConfiguration with sseAlgorithm aws:kms for it.`,
    asks: "whether the bucket encrypts with a key of KMS",
  },
);

function isWithKms(rule: unknown): boolean {
  return (textAt(rule, "applyServerSideEncryptionByDefault.sseAlgorithm") ?? "").startsWith("aws:kms");
}
