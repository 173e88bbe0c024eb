import * as aws from "@pulumi/aws";
import { ComponentResource, jsonStringify } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Input, Output, Resource } from "@pulumi/pulumi";
import { autoNamed } from "@groundwork/lib/names";

/** How long objects stay, and where. */
export interface Lifecycle {
  /** Days after which an object moves to Glacier Instant Retrieval, a fifth of the price. Default: never. */
  readonly coldAfterDays?: number;
  /** Days after which an object expires. Default: never. */
  readonly expireAfterDays?: number;
  /** Days that overwritten and deleted objects can be brought back. Default 30. */
  readonly keepOldDays?: number;
}

/** A statement of a bucket policy beside the one on TLS. */
export interface BucketStatement {
  readonly sid: string;
  /** Service principals, e.g. `cloudtrail.amazonaws.com`. */
  readonly services: readonly string[];
  readonly actions: readonly string[];
  /** Behind the bucket's ARN: empty for the bucket itself, `/*` for what is in it. */
  readonly path: string;
  readonly condition?: Readonly<Record<string, Readonly<Record<string, Input<string>>>>>;
}

export interface BucketArgs {
  /** ARN of the key that objects are encrypted with. */
  readonly keyArn: Input<string>;
  readonly lifecycle?: Lifecycle;
  /** Who else may use it. Default: the account's IAM decides alone. */
  readonly statements?: readonly BucketStatement[];
  /** Name of the bucket of this region that access is logged to. Default: CloudTrail's data events are to tell, or nobody. */
  readonly logsTo?: Input<string>;
  /** Added to the bucket, e.g. so that a backup plan selects it. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Whether it refuses deletion by Pulumi. A bucket with objects refuses it in any case: nothing here empties one. */
  readonly protect: boolean;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const NAME_LIMIT = 63;
const KEEP_OLD_DAYS = 30;
/** Parts of an upload that nobody finished are paid for and seen by no listing. */
const UNFINISHED_DAYS = 7;

/**
 * A private bucket: versioned, encrypted with our own key, owned by the account alone, closed to the public and to
 * plain HTTP. https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
 */
export class PrivateBucket extends ComponentResource {
  readonly bucket: Output<string>;
  readonly arn: Output<string>;
  /** What must stand before somebody writes into it or replicates it: policy and versioning. */
  readonly ready: readonly Resource[];

  constructor(name: string, args: BucketArgs, opts: ComponentResourceOptions) {
    super("groundwork:storage:PrivateBucket", name, {}, opts);
    const bucket = new aws.s3.Bucket(
      autoNamed(name, NAME_LIMIT),
      { forceDestroy: false, tags: { ...args.tags } },
      { parent: this, protect: args.protect },
    );
    this.bucket = bucket.bucket;
    this.arn = bucket.arn;
    const closed = close(name, bucket, this);
    const versioning = version(name, bucket, this);
    encrypt(name, bucket, args.keyArn, this);
    expire(name, bucket, { lifecycle: args.lifecycle ?? {}, versioning }, this);
    const policy = allow(name, bucket, { statements: args.statements ?? [], closed }, this);
    if (args.logsTo !== undefined) logAccess(name, bucket, args.logsTo, this);
    this.ready = [policy, versioning];
    this.registerOutputs({ bucket: this.bucket });
  }
}

function close(name: string, { bucket }: aws.s3.Bucket, parent: Resource): Resource {
  new aws.s3.BucketOwnershipControls(
    `${name}-ownership`,
    { bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
    { parent },
  );
  return new aws.s3.BucketPublicAccessBlock(
    `${name}-private`,
    { bucket, blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true },
    { parent },
  );
}

function version(name: string, { bucket }: aws.s3.Bucket, parent: Resource): Resource {
  return new aws.s3.BucketVersioning(
    `${name}-versions`,
    { bucket, versioningConfiguration: { status: "Enabled" } },
    { parent },
  );
}

/** A bucket key asks KMS once for many objects, which is most of the price of the encryption. */
function encrypt(name: string, { bucket }: aws.s3.Bucket, keyArn: Input<string>, parent: Resource): void {
  new aws.s3.BucketServerSideEncryptionConfiguration(
    `${name}-encryption`,
    {
      bucket,
      rules: [
        {
          applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: keyArn },
          bucketKeyEnabled: true,
        },
      ],
    },
    { parent },
  );
}

function expire(
  name: string,
  { bucket }: aws.s3.Bucket,
  { lifecycle, versioning }: { readonly lifecycle: Lifecycle; readonly versioning: Resource },
  parent: Resource,
): void {
  const { coldAfterDays, expireAfterDays, keepOldDays = KEEP_OLD_DAYS } = lifecycle;
  new aws.s3.BucketLifecycleConfiguration(
    `${name}-lifecycle`,
    {
      bucket,
      rules: [
        {
          id: "all",
          status: "Enabled",
          filter: { prefix: "" },
          abortIncompleteMultipartUpload: { daysAfterInitiation: UNFINISHED_DAYS },
          noncurrentVersionExpiration: { noncurrentDays: keepOldDays },
          ...(coldAfterDays !== undefined && { transitions: [{ days: coldAfterDays, storageClass: "GLACIER_IR" }] }),
          ...(expireAfterDays !== undefined && { expiration: { days: expireAfterDays } }),
        },
      ],
    },
    { parent, dependsOn: [versioning] },
  );
}

function allow(
  name: string,
  { bucket, arn }: aws.s3.Bucket,
  { statements, closed }: { readonly statements: readonly BucketStatement[]; readonly closed: Resource },
  parent: Resource,
): Resource {
  const policy = jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "OnlyTls",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [arn, arn.apply((own) => `${own}/*`)],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      ...statements.map(({ sid, services, actions, path, condition }) => ({
        Sid: sid,
        Effect: "Allow",
        Principal: { Service: services },
        Action: actions,
        Resource: arn.apply((own) => `${own}${path}`),
        ...(condition && { Condition: condition }),
      })),
    ],
  });
  // S3 refuses both at the same time with "a conflicting conditional operation is in progress".
  return new aws.s3.BucketPolicy(`${name}-policy`, { bucket, policy }, { parent, dependsOn: [closed] });
}

function logAccess(name: string, { bucket }: aws.s3.Bucket, target: Input<string>, parent: Resource): void {
  new aws.s3.BucketLogging(
    `${name}-access-log`,
    { bucket, targetBucket: target, targetPrefix: `${name}/` },
    { parent },
  );
}
