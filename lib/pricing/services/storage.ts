import { assumed, line, list, text, type Pricer } from "../line.ts";

const bucket: Pricer = (_resource, context) => [
  assumed(context, "s3/STANDARD", "bucketGb"),
  assumed(context, "s3/put", "bucketPutThousands"),
  assumed(context, "s3/get", "bucketGetThousands"),
];

const replication: Pricer = ({ inputs }, context) =>
  list(inputs, "rules").flatMap((rule) => [
    assumed(context, "transfer/regions", "replicatedGb"),
    ...(text(rule, "destination.replicationTime.status") === "Enabled"
      ? [assumed(context, "s3/replication-time", "replicatedGb")]
      : []),
  ]);

/** Backups of Aurora are paid as Aurora's own, in any vault. https://docs.aws.amazon.com/aws-backup/latest/devguide/metering-and-billing.html */
const vault: Pricer = (_resource, context) => [assumed(context, "aurora/backup", "vaultGb")];

const plan: Pricer = ({ inputs }, context) =>
  list(inputs, "rules").some((rule) => list(rule, "copyActions").length > 0)
    ? [assumed(context, "transfer/regions", "replicatedGb")]
    : [];

const repository: Pricer = (_resource, context) => [assumed(context, "ecr/storage", "imageGb")];

/** Requests are counted by the ten thousand. */
const key: Pricer = (_resource, context) => [
  line("kms/key", 1),
  assumed(context, "kms/requests", "keyRequests", 1 / 10_000),
];

/** A replica is paid as a secret of its own. https://aws.amazon.com/secrets-manager/pricing/ */
const secret: Pricer = ({ inputs }, context) => [
  line("secrets/secret", 1 + list(inputs, "replicas").length),
  assumed(context, "secrets/requests", "secretRequests", 1 / 10_000),
];

export const storage: Readonly<Record<string, Pricer>> = {
  "aws:s3/bucket:Bucket": bucket,
  "aws:s3/bucketV2:BucketV2": bucket,
  "aws:s3/bucketReplicationConfig:BucketReplicationConfig": replication,
  "aws:backup/vault:Vault": vault,
  "aws:backup/plan:Plan": plan,
  "aws:ecr/repository:Repository": repository,
  "aws:kms/key:Key": key,
  "aws:kms/replicaKey:ReplicaKey": key,
  "aws:secretsmanager/secret:Secret": secret,
};
