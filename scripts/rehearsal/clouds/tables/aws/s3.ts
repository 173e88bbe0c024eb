import type { Check, Created, Ctx, ResourceType } from "../../table.ts";
import { policyDocument } from "./iam.ts";
import { all, awsType, everywhere, input, length, oneOf, pattern, refer, regionOf, rule, upstream } from "./rules.ts";

const NAMES = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html";
export const BUCKET = "aws:s3/bucket:Bucket";
const OBJECTS = ["aws:s3/bucketObjectv2:BucketObjectv2", "aws:s3/bucketObject:BucketObject"];

const bucketName: Check = all(
  length(3, 63),
  pattern(
    /^[a-z0-9][a-z0-9.-]*[a-z0-9]$/,
    "write lower-case letters, digits, . and -, with a letter or digit first and last",
  ),
  pattern(/^(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)/, "write no two dots in a row and no IP address"),
  pattern(
    /^(?!xn--|sthree-|amzn-s3-demo-)(?!.*(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$)/,
    "leave out the prefixes and suffixes that S3 keeps for itself",
  ),
);

/** https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints */
const WEBSITE_ZONES: Readonly<Record<string, string>> = {
  "us-east-1": "Z3AQBSTGFYJSTF",
  "us-west-2": "Z3BJ6K6RIION7M",
};

const bucket = awsType({
  token: BUCKET,
  source: upstream("s3/bucket.go"),
  id: (ctx) => input(ctx, "bucket"),
  key: (ctx) => input(ctx, "bucket"),
  exists: "BucketAlreadyOwnedByYou",
  autoName: { property: "bucket", maxLength: 63 },
  rules: [
    rule("bucket", bucketName, NAMES),
    rule(
      "accelerationStatus",
      oneOf("Enabled", "Suspended"),
      "https://docs.aws.amazon.com/AmazonS3/latest/API/API_AccelerateConfiguration.html",
    ),
    rule(
      "policy",
      policyDocument("resource", 20_480),
      "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html",
    ),
  ],
  check: (ctx) => {
    const twin = everywhere(ctx, BUCKET).find((each) => each.id === ctx.inputs["bucket"] && each.place !== ctx.place);
    return ctx.old === undefined && twin !== undefined
      ? {
          path: "bucket",
          reason: `BucketAlreadyOwnedByYou: the name is taken in ${twin.place.split("/").pop() ?? ""}: bucket names are unique over all regions`,
          source: NAMES,
        }
      : undefined;
  },
  replaces: ["bucket", "bucketNamespace", "bucketPrefix", "objectLockEnabled"],
  updates: [
    "accelerationStatus",
    "acl",
    "corsRules",
    "forceDestroy",
    "grants",
    "lifecycleRules",
    "logging",
    "objectLockConfiguration",
    "policy",
    "replicationConfiguration",
    "requestPayer",
    "serverSideEncryptionConfiguration",
    "versioning",
    "website",
  ],
  defaults: {
    accelerationStatus: "",
    acl: "private",
    bucketNamespace: "global",
    bucketPrefix: "",
    corsRules: [],
    forceDestroy: false,
    grants: (ctx: Created) => [
      { id: ctx.hex(64, ctx.account), permissions: ["FULL_CONTROL"], type: "CanonicalUser", uri: "" },
    ],
    lifecycleRules: [],
    objectLockEnabled: false,
    policy: "",
    requestPayer: "BucketOwner",
    serverSideEncryptionConfiguration: {
      rule: {
        applyServerSideEncryptionByDefault: { kmsMasterKeyId: "", sseAlgorithm: "AES256" },
        bucketKeyEnabled: false,
      },
    },
    versioning: { enabled: false, mfaDelete: false },
  },
  absent: ["logging", "objectLockConfiguration", "replicationConfiguration", "website"],
  outputs: (ctx) => ({
    arn: `arn:aws:s3:::${ctx.id}`,
    bucketDomainName: `${ctx.id}.s3.amazonaws.com`,
    bucketRegion: regionOf(ctx),
    bucketRegionalDomainName: `${ctx.id}.s3.${regionOf(ctx)}.amazonaws.com`,
    hostedZoneId: WEBSITE_ZONES[regionOf(ctx)] ?? `Z${ctx.hex(13, regionOf(ctx)).toUpperCase()}`,
    websiteDomain: ctx.inputs["website"] === undefined ? "" : `s3-website-${regionOf(ctx)}.amazonaws.com`,
    websiteEndpoint: ctx.inputs["website"] === undefined ? "" : `${ctx.id}.s3-website-${regionOf(ctx)}.amazonaws.com`,
  }),
  refuseDelete: (thing, ctx) =>
    thing.properties["forceDestroy"] !== true &&
    OBJECTS.some((token) => ctx.all(token).some((each) => each.properties["bucket"] === thing.id))
      ? "BucketNotEmpty: The bucket you tried to delete is not empty. You must delete all versions in the bucket."
      : undefined,
});

/** Settings of a bucket: one of each kind, put in place of what was there. */
export const setting = (name: string, file: string, more: Partial<ResourceType>): ResourceType =>
  awsType({
    token: `aws:s3/${name.charAt(0).toLowerCase()}${name.slice(1)}:${name}`,
    source: upstream(`s3/${file}.go`),
    id: (ctx: Ctx) => input(ctx, "bucket"),
    references: [refer("bucket", BUCKET, { by: "bucket", holds: false })],
    ...more,
    replaces: ["bucket", ...(more.replaces ?? [])],
  });

const settings = [
  setting("BucketPublicAccessBlock", "bucket_public_access_block", {
    updates: ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets", "skipDestroy"],
  }),
  setting("BucketVersioning", "bucket_versioning", {
    rules: [
      rule(
        "versioningConfiguration.status",
        oneOf("Enabled", "Suspended", "Disabled"),
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_VersioningConfiguration.html",
      ),
    ],
    replaces: ["expectedBucketOwner"],
    updates: ["mfa", "versioningConfiguration"],
  }),
  setting("BucketPolicy", "bucket_policy", {
    rules: [
      rule(
        "policy",
        policyDocument("resource", 20_480),
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html",
      ),
    ],
    updates: ["policy"],
  }),
  setting("BucketServerSideEncryptionConfiguration", "bucket_server_side_encryption_configuration", {
    rules: [
      rule(
        "rules[].applyServerSideEncryptionByDefault.sseAlgorithm",
        oneOf("AES256", "aws:kms", "aws:kms:dsse"),
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html",
      ),
    ],
    replaces: ["expectedBucketOwner"],
    updates: ["rules"],
  }),
  setting("BucketLifecycleConfiguration", "bucket_lifecycle_configuration", {
    rules: [
      rule(
        "rules[].status",
        oneOf("Enabled", "Disabled"),
        "https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html",
      ),
    ],
    replaces: ["expectedBucketOwner"],
    updates: ["rules", "timeouts", "transitionDefaultMinimumObjectSize"],
    defaults: { expectedBucketOwner: "", transitionDefaultMinimumObjectSize: "all_storage_classes_128K" },
  }),
];

export const s3: readonly ResourceType[] = [bucket, ...settings];
