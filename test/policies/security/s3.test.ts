import { accessPointBlocksPublicAccess } from "../../../policies/security/s3/access-point-blocks-public-access.ts";
import { bucketBlocksPublicAccess } from "../../../policies/security/s3/bucket-blocks-public-access.ts";
import { bucketDisablesLists } from "../../../policies/security/s3/bucket-disables-lists.ts";
import { bucketHasAccessLog } from "../../../policies/security/s3/bucket-has-access-log.ts";
import { bucketHasLifecycle } from "../../../policies/security/s3/bucket-has-lifecycle.ts";
import { bucketHasObjectLock } from "../../../policies/security/s3/bucket-has-object-lock.ts";
import { bucketHasOwnKey } from "../../../policies/security/s3/bucket-has-own-key.ts";
import { bucketListNotPublic } from "../../../policies/security/s3/bucket-list-not-public.ts";
import { bucketPolicyKeepsControl } from "../../../policies/security/s3/bucket-policy-keeps-control.ts";
import { bucketPolicyNotPublic } from "../../../policies/security/s3/bucket-policy-not-public.ts";
import { bucketRequiresTls } from "../../../policies/security/s3/bucket-requires-tls.ts";
import { publicAccessBlockIsComplete } from "../../../policies/security/s3/public-access-block-is-complete.ts";
import { describePolicy } from "../cases.ts";
import { type Fake, UNKNOWN } from "../harness.ts";

const OPEN = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true };

/** One bucket whose parts know it by the graph, as in a preview, and one whose parts name it. */
const buckets: readonly Fake[] = [
  { type: "aws:s3/bucket:Bucket", name: "photos", props: {} },
  { type: "aws:s3/bucketV2:BucketV2", name: "backups", props: { bucket: "shop-backups" } },
];

function parts(part: string, props: Record<string, unknown>): readonly Fake[] {
  const type = `aws:s3/${part.charAt(0).toLowerCase()}${part.slice(1)}:${part}`;
  return [
    { type, name: "photos-part", props: { ...props, bucket: UNKNOWN }, from: { bucket: ["photos"] } },
    {
      type: `${type.split(":").slice(0, 2).join(":")}V2:${part}V2`,
      name: "backups-part",
      props: { ...props, bucket: "shop-backups" },
    },
  ];
}

function document(statement: Record<string, unknown>): string {
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

const FOR_ALL = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "*" };
const TLS = {
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: ["arn:aws:s3:::shop", "arn:aws:s3:::shop/*"],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};

describe("security of buckets", () => {
  describePolicy({
    policy: bucketBlocksPublicAccess,
    compliant: [...buckets, ...parts("BucketPublicAccessBlock", OPEN)],
    breaks: [{ path: "backups-part/bucket", value: "another", says: /^Bucket backups has no public access block/ }],
    undecided: ["backups-part/bucket"],
  });
  describePolicy({
    policy: bucketBlocksPublicAccess,
    compliant: [
      { type: "aws:s3/bucket:Bucket", name: "photos", props: {} },
      { type: "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", name: "all", props: OPEN },
    ],
    breaks: [
      {
        path: "all/blockPublicAcls",
        value: false,
        says: /^Bucket photos has no public access block in the program, so it has at most the one that AWS gives/,
      },
    ],
    // the policy on the block itself says that this is not decided yet
    passes: [{ path: "all/blockPublicAcls", value: UNKNOWN }],
  });

  describePolicy({
    policy: publicAccessBlockIsComplete,
    compliant: [
      ...parts("BucketPublicAccessBlock", OPEN),
      { type: "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock", name: "all", props: OPEN },
    ],
    breaks: [
      { path: "photos-part/blockPublicAcls", value: false, says: /^blockPublicAcls is not true/ },
      { path: "all/restrictPublicBuckets", value: undefined, says: /^restrictPublicBuckets is not true/ },
    ],
    undecided: ["all/ignorePublicAcls"],
  });

  describePolicy({
    policy: accessPointBlocksPublicAccess,
    compliant: [
      { type: "aws:s3/accessPoint:AccessPoint", name: "point", props: { bucket: "shop" } },
      {
        type: "aws:s3control/multiRegionAccessPoint:MultiRegionAccessPoint",
        name: "points",
        props: { details: { publicAccessBlock: { blockPublicAcls: true } } },
      },
    ],
    breaks: [
      {
        path: "point/publicAccessBlockConfiguration",
        value: { blockPublicPolicy: false },
        says: /^blockPublicPolicy in publicAccessBlockConfiguration is false/,
      },
      {
        path: "points/details/publicAccessBlock",
        value: { blockPublicAcls: false, ignorePublicAcls: false },
        says: /^blockPublicAcls and ignorePublicAcls in details\.publicAccessBlock are false/,
      },
    ],
    undecided: ["point/publicAccessBlockConfiguration"],
  });

  describePolicy({
    policy: bucketListNotPublic,
    compliant: [
      ...buckets,
      { type: "aws:s3/bucketAcl:BucketAcl", name: "list", props: { acl: "private" } },
      { type: "aws:s3/bucketObject:BucketObject", name: "logo", props: { acl: "bucket-owner-full-control" } },
    ],
    breaks: [
      { path: "photos/acl", value: "public-read", says: /^acl is public-read/ },
      { path: "logo/acl", value: "authenticated-read", says: /^acl is authenticated-read/ },
      {
        path: "list/accessControlPolicy",
        value: {
          grants: [{ grantee: { uri: "http://acs.amazonaws.com/groups/global/AllUsers" }, permission: "READ" }],
        },
        says: /^A grant is for a group that everyone is in/,
      },
      {
        path: "photos/grants",
        value: [{ uri: "http://acs.amazonaws.com/groups/global/AuthenticatedUsers" }],
        says: /take it away/,
      },
    ],
    undecided: ["list/acl"],
  });

  describePolicy({
    policy: bucketPolicyNotPublic,
    compliant: [
      {
        type: "aws:s3/bucketPolicy:BucketPolicy",
        name: "policy",
        props: {
          bucket: "shop",
          policy: document({ ...FOR_ALL, Principal: { AWS: "arn:aws:iam::123456789012:root" } }),
        },
      },
    ],
    breaks: [
      {
        path: "policy/policy",
        value: document({ ...FOR_ALL, Sid: "Read" }),
        says: /^policy lets anyone in the world use the bucket \(Read\)/,
      },
      { path: "policy/policy", value: document({ ...FOR_ALL, Principal: { AWS: ["*"] } }), says: /\(statement 1\)/ },
      {
        path: "policy/policy",
        value: document({ ...FOR_ALL, Condition: { IpAddress: { "aws:SourceIp": "0.0.0.0/0" } } }),
        says: /anyone/,
      },
      {
        path: "policy/policy",
        value: document({ ...FOR_ALL, Condition: { StringLikeIfExists: { "aws:PrincipalOrgID": "o-1" } } }),
        says: /anyone/,
      },
      {
        path: "policy/policy",
        value: document({ ...FOR_ALL, Condition: { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/reader" } } }),
        says: /anyone/,
      },
      ...[
        { StringLike: { "aws:PrincipalOrgID": "o-*" } },
        { StringLike: { "aws:SourceAccount": "12345678901?" } },
        { StringLike: { "aws:PrincipalArn": "arn:aws:iam::*" } },
        { ArnLike: { "aws:SourceArn": "arn:*" } },
        { ArnLike: { "aws:SourceArn": "arn:aws:iam::1234*:role/reader" } },
        { ArnLike: { "aws:SourceArn": "arn:aws:s3:::shop-*" } },
        { ArnLike: { "aws:SourceArn": "arn:aws:s3:*:*:accesspoint/shop" } },
        { StringLike: { "aws:userid": "*:session" } },
        { "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-*/r-1/*" } },
        { IpAddress: { "aws:SourceIp": ["0.0.0.0/1", "128.0.0.0/1"] } },
        { IpAddress: { "aws:SourceIp": ["192.0.2.0/24", "::/16"] } },
        { StringLike: { "aws:SourceIp": "10.*" } },
      ].map((condition) => ({
        path: "policy/policy",
        value: document({ ...FOR_ALL, Condition: condition }),
        says: /anyone/,
      })),
      {
        path: "policy/policy",
        value: { Statement: { ...FOR_ALL, Principal: undefined, NotPrincipal: { AWS: "x" } } },
        says: /anyone/,
      },
    ],
    passes: [
      { path: "policy/policy", value: document(TLS) },
      ...[
        { StringEquals: { "aws:PrincipalOrgID": "o-1" } },
        { ArnLike: { "aws:SourceArn": "arn:aws:s3:::shop" } },
        { ArnLike: { "aws:SourceArn": "arn:aws:s3:::shop/*" } },
        { ArnLike: { "aws:SourceArn": "arn:aws:s3:*:*:shop" } },
        { ArnLike: { "aws:SourceArn": "arn:aws:sns:*:123456789012:*" } },
        { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::123456789012:role/*" } },
        { StringLike: { "aws:userid": "AROAEXAMPLEID:*" } },
        { "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-1/r-1/*" } },
        { IpAddress: { "aws:SourceIp": ["10.0.0.0/8", "192.0.2.1", "2001:db8::/32"] } },
      ].map((condition) => ({ path: "policy/policy", value: document({ ...FOR_ALL, Condition: condition }) })),
      {
        path: "policy/policy",
        value: document({ ...FOR_ALL, Condition: { IpAddress: { "AWS:SourceIp": ["192.0.2.0/24"] } } }),
      },
      { path: "policy/policy", value: "not a document" },
    ],
    undecided: ["policy/policy"],
  });

  const other = { ...FOR_ALL, Principal: { AWS: "arn:aws:iam::210987654321:root" }, Action: ["s3:GetObject"] };
  describePolicy({
    policy: bucketPolicyKeepsControl,
    compliant: [
      { type: "pulumi:providers:aws", name: "west", props: { allowedAccountIds: '["123456789012"]' } },
      {
        type: "aws:s3/bucketPolicy:BucketPolicy",
        name: "policy",
        props: { bucket: "shop", policy: document(other) },
        provider: "west",
      },
    ],
    breaks: [
      {
        path: "policy/policy",
        value: document({ ...other, Action: "s3:Put*" }),
        says: /^policy lets account 210987654321 take the bucket over \(statement 1 covers s3:putbucketacl\)/,
      },
      {
        path: "policy/policy",
        value: document({
          ...other,
          Principal: "*",
          Action: "s3:*",
          Condition: { Bool: { "aws:SecureTransport": "true" } },
        }),
        says: /^policy lets everyone take/,
      },
    ],
    passes: [
      {
        path: "policy/policy",
        value: document({
          ...other,
          Principal: "*",
          Action: "s3:*",
          Condition: { StringEquals: { "aws:PrincipalAccount": "123456789012" } },
        }),
      },
      { path: "policy/policy", value: document({ ...other, Principal: { AWS: "123456789012" }, Action: "s3:*" }) },
      {
        path: "policy/policy",
        value: document({ ...other, Principal: { Service: "logging.s3.amazonaws.com" }, Action: "s3:*" }),
      },
      { path: "policy/policy", value: document({ ...other, Effect: "Deny", Action: "s3:*" }) },
    ],
    undecided: ["policy/policy"],
  });

  describePolicy({
    policy: bucketRequiresTls,
    compliant: [...buckets, ...parts("BucketPolicy", { policy: document(TLS) })],
    breaks: [
      {
        path: "photos-part/policy",
        value: document({ ...TLS, Effect: "Allow" }),
        says: /^The policy of bucket photos does not deny requests without TLS/,
      },
      { path: "photos-part/policy", value: document({ ...TLS, Action: "s3:PutObject" }), says: /photos/ },
      { path: "photos-part/policy", value: document({ ...TLS, Condition: undefined }), says: /photos/ },
      { path: "backups-part/bucket", value: "another", says: /^Bucket backups has no policy/ },
    ],
    undecided: ["photos-part/policy", "backups-part/bucket"],
  });

  describePolicy({
    policy: bucketHasAccessLog,
    compliant: [
      ...buckets,
      {
        type: "aws:s3/bucketLogging:BucketLogging",
        name: "log",
        props: { bucket: UNKNOWN, targetBucket: UNKNOWN },
        from: { bucket: ["photos"], targetBucket: ["backups"] },
      },
    ],
    breaks: [],
    passes: [{ path: "photos/loggings", value: [{ targetBucket: "log" }] }],
  });
  describePolicy({
    policy: bucketHasAccessLog,
    compliant: [...buckets, ...parts("BucketLogging", { targetBucket: "somewhere" })],
    breaks: [{ path: "backups-part/bucket", value: "another", says: /^Bucket backups has no access log/ }],
    undecided: ["backups-part/bucket"],
  });

  describePolicy({
    policy: bucketHasLifecycle,
    compliant: [...buckets, ...parts("BucketLifecycleConfiguration", { rules: [] })],
    breaks: [{ path: "backups-part/bucket", value: "another", says: /^Bucket backups has no lifecycle rules/ }],
    undecided: ["backups-part/bucket"],
  });

  describePolicy({
    policy: bucketDisablesLists,
    compliant: [
      {
        type: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
        name: "owner",
        props: { bucket: "shop", rule: { objectOwnership: "BucketOwnerEnforced" } },
      },
    ],
    breaks: [
      { path: "owner/rule/objectOwnership", value: "ObjectWriter", says: /^rule\.objectOwnership is ObjectWriter/ },
    ],
    undecided: ["owner/rule"],
  });

  const encryption = {
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: UNKNOWN } }],
  };
  describePolicy({
    policy: bucketHasOwnKey,
    compliant: [...buckets, ...parts("BucketServerSideEncryptionConfiguration", encryption)],
    breaks: [
      {
        path: "photos-part/rules",
        value: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
        says: /^Bucket photos encrypts with the key of S3 itself/,
      },
      { path: "backups-part/bucket", value: "another", says: /backups/ },
    ],
    undecided: ["photos-part/rules"],
  });
  describePolicy({
    policy: bucketHasOwnKey,
    compliant: [
      {
        type: "aws:s3/bucket:Bucket",
        name: "old",
        props: {
          serverSideEncryptionConfiguration: {
            rule: { applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" } },
          },
        },
      },
    ],
    breaks: [{ path: "old/serverSideEncryptionConfiguration", value: undefined, says: /old/ }],
    undecided: ["old/serverSideEncryptionConfiguration"],
  });

  describePolicy({
    policy: bucketHasObjectLock,
    compliant: [...buckets, ...parts("BucketObjectLockConfiguration", {})],
    breaks: [{ path: "backups-part/bucket", value: "another", says: /^Bucket backups has no object lock/ }],
    passes: [{ path: "photos-part/bucket", value: "another" }],
    undecided: ["backups-part/bucket"],
  });
});
