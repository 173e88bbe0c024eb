import type { Ctx, ResourceType } from "../../table.ts";
import { ROLE } from "./iam.ts";
import type { Problem } from "./rules.ts";
import {
  all,
  arn,
  awsType,
  everywhere,
  input,
  length,
  list,
  number,
  object,
  oneOf,
  range,
  refer,
  rule,
  sourced,
  text,
  upstream,
} from "./rules.ts";
import { BUCKET, setting } from "./s3.ts";

const API = "https://docs.aws.amazon.com/AmazonS3/latest/API/";
const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";

const ownership = setting("BucketOwnershipControls", "bucket_ownership_controls", {
  rules: [
    rule(
      "rule.objectOwnership",
      oneOf("BucketOwnerPreferred", "ObjectWriter", "BucketOwnerEnforced"),
      `${API}API_OwnershipControlsRule.html`,
    ),
  ],
  updates: ["rule"],
});

const logging = setting("BucketLogging", "bucket_logging", {
  rules: [rule("targetPrefix", length(0, 1024), `${API}API_LoggingEnabled.html`)],
  references: [
    refer("bucket", BUCKET, { by: "bucket", holds: false }),
    refer("targetBucket", BUCKET, { by: "bucket", holds: false }),
  ],
  replaces: ["expectedBucketOwner"],
  updates: ["targetBucket", "targetGrants", "targetObjectKeyFormat", "targetPrefix"],
});

const isVersioned = (ctx: Pick<Ctx, "all" | "account">, bucket: string): boolean =>
  everywhere(ctx, VERSIONING).some(
    (each) =>
      each.properties["bucket"] === bucket &&
      object(each.properties["versioningConfiguration"])["status"] === "Enabled",
  );

const nameOf = (bucketArn: unknown): string => text(bucketArn).replace(/^arn:aws:s3:::/, "");

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html */
const versioningProblem = (ctx: Ctx): Problem | undefined => {
  const own = input(ctx, "bucket");
  if (!isVersioned(ctx, own))
    return {
      path: "bucket",
      reason: `InvalidRequest: Versioning must be 'Enabled' on the bucket to apply a replication configuration: ${own} has none, let this depend on its BucketVersioning`,
    };
  const index = list(ctx.inputs["rules"])
    .map((each) => nameOf(object(object(each)["destination"])["bucket"]))
    .findIndex((bucket) => bucket === own || !isVersioned(ctx, bucket));
  if (index < 0) return undefined;
  const bucket = nameOf(object(object(list(ctx.inputs["rules"])[index])["destination"])["bucket"]);
  return {
    path: `rules[${index}].destination.bucket`,
    reason:
      bucket === own
        ? "InvalidArgument: the bucket itself cannot be the destination"
        : `InvalidRequest: Destination bucket must have versioning enabled: let this depend on the BucketVersioning of ${bucket}`,
  };
};

const ruleProblem = (given: unknown): string | undefined => {
  const { filter, deleteMarkerReplication, sourceSelectionCriteria, destination, priority } = object(given);
  const { replicationTime, metrics, encryptionConfiguration } = object(destination);
  if (filter !== undefined && deleteMarkerReplication === undefined)
    return "MalformedXML: a rule with a filter says what becomes of delete markers: write deleteMarkerReplication";
  if (filter !== undefined && priority === undefined) return "InvalidRequest: a rule with a filter has a priority";
  const encrypted = object(object(sourceSelectionCriteria)["sseKmsEncryptedObjects"])["status"] === "Enabled";
  if (encrypted && text(object(encryptionConfiguration)["replicaKmsKeyId"]) === "")
    return "InvalidRequest: name the key of the destination's region in destination.encryptionConfiguration.replicaKmsKeyId, because objects encrypted with KMS are replicated";
  return object(replicationTime)["status"] === "Enabled" && object(metrics)["status"] !== "Enabled"
    ? "InvalidRequest: replication time control needs destination.metrics too"
    : undefined;
};

const replicationProblem = (ctx: Ctx): Problem | undefined => {
  const rules = list(ctx.inputs["rules"]);
  const wrong = rules.map(ruleProblem).findIndex((problem) => problem !== undefined);
  if (wrong >= 0) return { path: `rules[${wrong}]`, reason: ruleProblem(rules[wrong]) ?? "" };
  const priorities = rules.map((each) => number(object(each)["priority"])).filter((each) => each !== undefined);
  return new Set(priorities).size < priorities.length
    ? { path: "rules", reason: "InvalidArgument: give each rule a priority of its own" }
    : versioningProblem(ctx);
};

const replication = setting("BucketReplicationConfig", "bucket_replication_configuration", {
  rules: [
    rule("rules", length(1, 1000), `${API}API_ReplicationConfiguration.html`),
    rule("rules[].status", oneOf("Enabled", "Disabled"), `${API}API_ReplicationRule.html`),
    rule("rules[].id", length(1, 255), `${API}API_ReplicationRule.html`),
    rule("rules[].priority", range(0, 2_147_483_647), `${API}API_ReplicationRule.html`),
    rule(
      "rules[].deleteMarkerReplication.status",
      oneOf("Enabled", "Disabled"),
      `${API}API_DeleteMarkerReplication.html`,
    ),
    rule("rules[].destination.replicationTime.time.minutes", oneOf(15), `${API}API_ReplicationTimeValue.html`),
    rule(
      "rules[].destination.encryptionConfiguration.replicaKmsKeyId",
      arn("kms"),
      `${API}API_EncryptionConfiguration.html`,
    ),
  ],
  references: [
    refer("bucket", BUCKET, { by: "bucket", holds: false }),
    refer("role", ROLE, { by: "arn", holds: false }),
    refer("rules[].destination.bucket", BUCKET, { by: "arn", anyRegion: true, holds: false }),
    refer(
      "rules[].destination.encryptionConfiguration.replicaKmsKeyId",
      ["aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"],
      { by: "arn", anyRegion: true, holds: false },
    ),
  ],
  check: (ctx) =>
    sourced(
      replicationProblem(ctx),
      "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html",
    ),
  updates: ["role", "rules", "token"],
  absent: ["token"],
});

const accountBlock = awsType({
  token: "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
  source: upstream("s3control/account_public_access_block.go"),
  scope: "global",
  id: (ctx) => ctx.account,
  key: (ctx) => ctx.account,
  exists: "AlreadyExists",
  rules: [
    rule(
      "accountId",
      all(length(12, 12)),
      "https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_PutPublicAccessBlock.html",
    ),
  ],
  replaces: ["accountId"],
  updates: ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"],
  defaults: { blockPublicAcls: false, blockPublicPolicy: false, ignorePublicAcls: false, restrictPublicBuckets: false },
  outputs: (ctx) => ({ accountId: ctx.account }),
});

export const s3Settings: readonly ResourceType[] = [ownership, logging, replication, accountBlock];
