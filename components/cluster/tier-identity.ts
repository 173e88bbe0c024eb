import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { autoNamed } from "@groundwork/lib/names";
import { createRole } from "./iam.ts";

/** A bucket for backups in one region. */
export interface BackupBucket {
  readonly name: pulumi.Input<string>;
  readonly arn: pulumi.Input<string>;
  /** The key that its objects are encrypted with. */
  readonly keyArn: pulumi.Input<string>;
  /** AWS's name of its region. */
  readonly region: string;
}

export interface TierIdentityArgs {
  readonly clusterName: pulumi.Input<string>;
  readonly namespace: pulumi.Input<string>;
  readonly serviceAccount: string;
  /** Where backups are written and expire. */
  readonly writes: BackupBucket;
  /** Where others' backups are read, to follow or to restore them. */
  readonly reads?: readonly BackupBucket[];
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
const ROLE_NAME_LIMIT = 64;

/** Lets a tier's pods use their backup buckets, and nothing else at AWS, by EKS Pod Identity. */
export function createTierIdentity(name: string, args: TierIdentityArgs, parent: pulumi.Resource): pulumi.Resource {
  const { role } = createRole(autoNamed(`${name}-backups`, ROLE_NAME_LIMIT), "pods.eks.amazonaws.com", [], parent);
  const policy = new aws.iam.RolePolicy(
    `${name}-backups`,
    { role: role.name, policy: pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements(args) }) },
    { parent },
  );
  return new aws.eks.PodIdentityAssociation(
    `${name}-backups`,
    {
      clusterName: args.clusterName,
      namespace: args.namespace,
      serviceAccount: args.serviceAccount,
      roleArn: role.arn,
    },
    { parent, dependsOn: [policy] },
  );
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html */
function statements({ writes, reads = [] }: TierIdentityArgs): object[] {
  const objects = (bucket: BackupBucket) => pulumi.interpolate`${bucket.arn}/*`;
  return [
    {
      Sid: "List",
      Effect: "Allow",
      Action: ["s3:ListBucket", "s3:GetBucketLocation"],
      Resource: [writes, ...reads].map(({ arn }) => arn),
    },
    {
      Sid: "Write",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
      Resource: objects(writes),
    },
    ...(reads.length === 0
      ? []
      : [{ Sid: "Read", Effect: "Allow", Action: ["s3:GetObject"], Resource: reads.map(objects) }]),
    {
      Sid: "Keys",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: [writes, ...reads].map(({ keyArn }) => keyArn),
    },
  ];
}
