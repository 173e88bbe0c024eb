import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createRole, policyOf } from "./iam.ts";

/** Where a VPC's flow logs go. */
export interface FlowLogsArgs {
  /**
   * `cloudwatch` can be searched at once and costs US$ 0.50 for a GB, `s3` costs US$ 0.25 and is read by Athena; `none`
   * keeps nothing. https://aws.amazon.com/cloudwatch/pricing/ (vended logs)
   */
  readonly to: "cloudwatch" | "s3" | "none";
  /** One of CloudWatch's own numbers; default 30. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
  readonly retentionDays: number;
}

interface Place {
  readonly vpcId: pulumi.Input<string>;
  readonly region: string;
  readonly accountId: string;
  /** Names the log group: `/aws/vpc/<clusterName>/flow-logs`. */
  readonly clusterName: string;
  /** Its policy lets CloudWatch Logs use it. */
  readonly keyArn: pulumi.Input<string>;
}

/** Ten minutes: one minute tells no more of who talks to whom, and writes up to ten times as much. */
const AGGREGATION_SECONDS = 600;

/** Every connection into, out of and inside the VPC, accepted or rejected. */
export function createFlowLogs(name: string, args: FlowLogsArgs & Place, parent: pulumi.Resource): void {
  if (args.to === "none") return;
  const { destination, dependsOn } = args.to === "s3" ? toBucket(name, args, parent) : toLogGroup(name, args, parent);
  new aws.ec2.FlowLog(
    `${name}-flow-logs`,
    {
      vpcId: args.vpcId,
      trafficType: "ALL",
      maxAggregationInterval: AGGREGATION_SECONDS,
      ...destination,
      tags: { Name: `${name}-flow-logs` },
    },
    { parent, dependsOn },
  );
}

interface Destination {
  readonly destination: Pick<aws.ec2.FlowLogArgs, "logDestination" | "logDestinationType" | "iamRoleArn">;
  readonly dependsOn: pulumi.Resource[];
}

function toLogGroup(name: string, args: FlowLogsArgs & Place, parent: pulumi.Resource): Destination {
  const group = new aws.cloudwatch.LogGroup(
    `${name}-flow-logs`,
    {
      name: `/aws/vpc/${args.clusterName}/flow-logs`,
      retentionInDays: args.retentionDays,
      kmsKeyId: args.keyArn,
    },
    { parent },
  );
  const { role } = createRole(`${name}-flow-logs`, "vpc-flow-logs.amazonaws.com", [], parent, onlyForUs(args));
  const rights = new aws.iam.RolePolicy(
    `${name}-flow-logs`,
    {
      role: role.name,
      // https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
      policy: policyOf([
        {
          Sid: "WriteOneLogGroup",
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
          Resource: [group.arn, pulumi.interpolate`${group.arn}:*`],
        },
        {
          Sid: "FindIt",
          Effect: "Allow",
          Action: ["logs:DescribeLogGroups"],
          Resource: `arn:aws:logs:${args.region}:${args.accountId}:log-group:*`,
        },
      ]),
    },
    { parent },
  );
  return {
    destination: { logDestinationType: "cloud-watch-logs", logDestination: group.arn, iamRoleArn: role.arn },
    dependsOn: [rights],
  };
}

/** Against the confused deputy: the service writes for flow logs of this account alone. */
function onlyForUs({ accountId, region }: Place): object {
  return {
    StringEquals: { "aws:SourceAccount": accountId },
    ArnLike: { "aws:SourceArn": `arn:aws:ec2:${region}:${accountId}:vpc-flow-log/*` },
  };
}

function toBucket(name: string, args: FlowLogsArgs & Place, parent: pulumi.Resource): Destination {
  const bucket = new aws.s3.Bucket(`${name}-flow-logs`, { tags: { Name: `${name}-flow-logs` } }, { parent });
  const closed = new aws.s3.BucketPublicAccessBlock(
    `${name}-flow-logs`,
    {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    { parent },
  );
  new aws.s3.BucketLifecycleConfiguration(
    `${name}-flow-logs`,
    {
      bucket: bucket.id,
      rules: [{ id: "expire", status: "Enabled", filter: {}, expiration: { days: args.retentionDays } }],
    },
    { parent },
  );
  const policy = new aws.s3.BucketPolicy(
    `${name}-flow-logs`,
    { bucket: bucket.id, policy: bucketPolicy(bucket.arn, args) },
    { parent, dependsOn: [closed] },
  );
  return { destination: { logDestinationType: "s3", logDestination: bucket.arn }, dependsOn: [policy] };
}

/** https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-permissions.html */
function bucketPolicy(bucketArn: pulumi.Output<string>, { accountId, region }: Place): pulumi.Output<string> {
  const service = { Service: "delivery.logs.amazonaws.com" };
  const ours = {
    StringEquals: { "aws:SourceAccount": accountId },
    ArnLike: { "aws:SourceArn": `arn:aws:logs:${region}:${accountId}:*` },
  };
  const objects = pulumi.interpolate`${bucketArn}/*`;
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AWSLogDeliveryWrite",
        Effect: "Allow",
        Principal: service,
        Action: "s3:PutObject",
        Resource: pulumi.interpolate`${bucketArn}/AWSLogs/${accountId}/*`,
        Condition: { ...ours, StringEquals: { ...ours.StringEquals, "s3:x-amz-acl": "bucket-owner-full-control" } },
      },
      {
        Sid: "AWSLogDeliveryAclCheck",
        Effect: "Allow",
        Principal: service,
        Action: ["s3:GetBucketAcl", "s3:ListBucket"],
        Resource: bucketArn,
        Condition: ours,
      },
      {
        Sid: "OnlyEncryptedConnections",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [bucketArn, objects],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });
}
