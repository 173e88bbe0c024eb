import * as aws from "@pulumi/aws";
import { ComponentResource, jsonStringify } from "@pulumi/pulumi";
import type { ComponentResourceOptions, Output, Resource } from "@pulumi/pulumi";
import { PrivateBucket } from "../storage/bucket.ts";
import type { BucketStatement } from "../storage/bucket.ts";
import type { StoragePlace } from "../storage/keys.ts";

export interface AuditTrailArgs {
  /** Where the trail and its bucket are; it records all regions. */
  readonly home: StoragePlace;
  readonly accountId: string;
  /** Of the trail; 3 to 128 letters, digits and hyphens. */
  readonly trailName: string;
  /**
   * Whether every read and write of an object in S3 is recorded too, at US$ 0.10 for 100,000 of them. Default false:
   * management events, of which a first copy is free of charge. https://aws.amazon.com/cloudtrail/pricing/
   */
  readonly dataEvents?: boolean;
  readonly protect: boolean;
}

const DELETION_WINDOW_DAYS = 30;
/** A year at hand and seven in all, as most audits ask. */
const COLD_AFTER_DAYS = 90;
const EXPIRE_AFTER_DAYS = 2557;
/** In CloudWatch, where alarms and queries look. */
const LOG_DAYS = 90;

/**
 * CloudTrail: who did what in the account, in every region, signed so that nobody changes it unseen, encrypted with a
 * key of its own. https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html
 */
export class AuditTrail extends ComponentResource {
  readonly bucket: Output<string>;

  constructor(name: string, args: AuditTrailArgs, opts: ComponentResourceOptions = {}) {
    super("groundwork:account:AuditTrail", name, {}, opts);
    const { home, accountId, trailName } = args;
    // The policies of key and bucket name the trail, which is made last: its ARN follows from its name.
    const trailArn = `arn:aws:cloudtrail:${home.region}:${accountId}:trail/${trailName}`;
    const key = createKey(name, args, trailArn, this);
    const bucket = new PrivateBucket(
      `${name}-trail`,
      {
        keyArn: key.arn,
        lifecycle: { coldAfterDays: COLD_AFTER_DAYS, expireAfterDays: EXPIRE_AFTER_DAYS },
        statements: statements(accountId, trailArn),
        protect: args.protect,
      },
      { parent: this, providers: [home.provider] },
    );
    const logs = createLogs(name, home.provider, this);
    createTrail(name, args, { key, bucket, ...logs }, this);
    this.bucket = bucket.bucket;
    this.registerOutputs({ bucket: this.bucket });
  }
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html */
function createKey(
  name: string,
  { home, accountId, protect }: AuditTrailArgs,
  arn: string,
  parent: Resource,
): aws.kms.Key {
  const policy = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "Account",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${accountId}:root` },
        Action: "kms:*",
        Resource: "*",
      },
      {
        Sid: "Trail",
        Effect: "Allow",
        Principal: { Service: "cloudtrail.amazonaws.com" },
        Action: ["kms:GenerateDataKey*", "kms:DescribeKey"],
        Resource: "*",
        Condition: { StringEquals: { "aws:SourceArn": arn } },
      },
    ],
  });
  return new aws.kms.Key(
    `${name}-key`,
    { description: "Audit trail", enableKeyRotation: true, deletionWindowInDays: DELETION_WINDOW_DAYS, policy },
    { parent, provider: home.provider, protect },
  );
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html */
function statements(accountId: string, arn: string): readonly BucketStatement[] {
  const services = ["cloudtrail.amazonaws.com"];
  const only = { StringEquals: { "aws:SourceArn": arn } };
  return [
    { sid: "TrailLooks", services, actions: ["s3:GetBucketAcl"], path: "", condition: only },
    {
      sid: "TrailWrites",
      services,
      actions: ["s3:PutObject"],
      path: `/AWSLogs/${accountId}/*`,
      condition: { StringEquals: { ...only.StringEquals, "s3:x-amz-acl": "bucket-owner-full-control" } },
    },
  ];
}

interface Logs {
  readonly group: aws.cloudwatch.LogGroup;
  readonly role: aws.iam.Role;
  readonly allowed: Resource;
}

function createLogs(name: string, provider: aws.Provider, parent: Resource): Logs {
  const group = new aws.cloudwatch.LogGroup(`${name}-log`, { retentionInDays: LOG_DAYS }, { parent, provider });
  const role = new aws.iam.Role(
    `${name}-log`,
    {
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { Service: "cloudtrail.amazonaws.com" }, Action: "sts:AssumeRole" }],
      }),
    },
    { parent, provider },
  );
  const allowed = new aws.iam.RolePolicy(
    `${name}-log`,
    {
      role: role.name,
      policy: jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
            Resource: group.arn.apply((arn) => `${arn}:log-stream:*`),
          },
        ],
      }),
    },
    { parent, provider },
  );
  return { group, role, allowed };
}

function createTrail(
  name: string,
  { home, trailName, dataEvents = false }: AuditTrailArgs,
  { key, bucket, group, role, allowed }: Logs & { readonly key: aws.kms.Key; readonly bucket: PrivateBucket },
  parent: Resource,
): void {
  new aws.cloudtrail.Trail(
    `${name}-trail`,
    {
      name: trailName,
      s3BucketName: bucket.bucket,
      kmsKeyId: key.arn,
      isMultiRegionTrail: true,
      enableLogFileValidation: true,
      cloudWatchLogsGroupArn: group.arn.apply((arn) => `${arn}:*`),
      cloudWatchLogsRoleArn: role.arn,
      ...(dataEvents && {
        eventSelectors: [
          {
            includeManagementEvents: true,
            readWriteType: "All",
            dataResources: [{ type: "AWS::S3::Object", values: ["arn:aws:s3"] }],
          },
        ],
      }),
    },
    // CloudTrail tries both before it makes the trail.
    { parent, provider: home.provider, dependsOn: [...bucket.ready, allowed] },
  );
}
