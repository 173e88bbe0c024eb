import assert from "node:assert/strict";
import type { Properties } from "../../../../scripts/rehearsal/clouds/table.ts";
import { Cloud, EAST, typeOf } from "./cloud.ts";
import { refuses } from "./refusals.ts";

const KEY = "aws:kms/key:Key";
const ALIAS = "aws:kms/alias:Alias";
const SECRET = "aws:secretsmanager/secret:Secret";
const REPOSITORY = "aws:ecr/repository:Repository";
const BUCKET = "aws:s3/bucket:Bucket";

describe("AWS: KMS", () => {
  refuses(
    KEY,
    () => ({
      cloud: new Cloud(),
      inputs: { enableKeyRotation: true, rotationPeriodInDays: 180, deletionWindowInDays: 7 },
    }),
    [
      ["a window that is too short", { deletionWindowInDays: 6 }, /7 to 30/],
      ["a rotation that is too often", { rotationPeriodInDays: 30 }, /90 to 2560/],
      ["a period with no rotation", { enableKeyRotation: undefined }, /enableKeyRotation: true/],
      ["an unknown spec", { customerMasterKeySpec: "AES_256" }, /SYMMETRIC_DEFAULT/],
      [
        "a policy with nobody in it",
        { policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}' },
        /Principal/,
      ],
    ],
  );

  it("keys outlive their deletion by their window", () => {
    const cloud = new Cloud();
    assert.equal(cloud.retains(cloud.make(KEY, {})), "KMS key, deleted after 30 days");
    assert.equal(cloud.retains(cloud.make(KEY, { deletionWindowInDays: 7 })), "KMS key, deleted after 7 days");
  });

  refuses(ALIAS, () => {
    const cloud = new Cloud();
    return { cloud, inputs: { name: "alias/main", targetKeyId: cloud.make(KEY, {}).id } };
  }, [
    ["a name with no prefix", { name: "main-key" }, /write alias\//],
    ["a name that AWS keeps", { name: "alias/aws/rds" }, /not alias\/aws\//],
    ["a key that does not exist", { targetKeyId: "1" }, /nothing has this id or arn/],
  ]);

  it("aliases are named by the provider when the program does not", () => {
    const cloud = new Cloud();
    const alias = cloud.make(ALIAS, { targetKeyId: cloud.make(KEY, {}).id }, { name: "main" });
    assert.match(alias.id, /^alias\/main-[0-9a-f]{7}$/);
    assert.equal(alias.properties["name"], alias.id);
  });
});

describe("AWS: Secrets Manager", () => {
  refuses(SECRET, () => {
    const cloud = new Cloud();
    cloud.make(SECRET, { name: "taken" });
    return { cloud, inputs: { name: "groundwork/database", recoveryWindowInDays: 7 } };
  }, [
    ["odd characters", { name: "my secret" }, /letters, digits and/],
    ["a window that is too short", { recoveryWindowInDays: 1 }, /7 to 30 days, or 0/],
    ["a name that is taken", { name: "taken" }, /ResourceExistsException/],
  ]);

  it("secrets keep their names as long as they can be restored", () => {
    const cloud = new Cloud();
    assert.equal(typeOf(SECRET).retainsKey, true);
    assert.match(cloud.retains(cloud.make(SECRET, { name: "kept" })) ?? "", /restored for 30 days/);
    assert.equal(cloud.retains(cloud.make(SECRET, { name: "gone", recoveryWindowInDays: 0 })), undefined);
  });

  refuses(
    "aws:secretsmanager/secretVersion:SecretVersion",
    () => {
      const cloud = new Cloud();
      return { cloud, inputs: { secretId: cloud.make(SECRET, { name: "it" }).id, secretString: "s" } };
    },
    [
      ["a value that is too long", { secretString: "s".repeat(65_537) }, /at most 65536 bytes/],
      ["two values", { secretBinary: "cw==" }, /write one of secretString and secretBinary/],
      ["a secret that does not exist", { secretId: "other" }, /nothing has this id or name/],
    ],
  );
});

describe("AWS: ECR", () => {
  refuses(REPOSITORY, () => {
    const cloud = new Cloud();
    cloud.make(REPOSITORY, { name: "taken" });
    return { cloud, inputs: { name: "groundwork/reference", imageTagMutability: "IMMUTABLE" } };
  }, [
    ["capitals", { name: "Web" }, /lower-case letters/],
    ["a slash at the end", { name: "web/" }, /lower-case letters/],
    ["a name that is too short", { name: "w" }, /2 to 256 characters/],
    ["a name that is taken", { name: "taken" }, /RepositoryAlreadyExistsException/],
    ["an unknown mutability", { imageTagMutability: "FIXED" }, /IMMUTABLE/],
  ]);

  it("repositories stay while they hold images, unless told otherwise", () => {
    const cloud = new Cloud();
    const made = cloud.make(REPOSITORY, { name: "web" });
    assert.equal(made.properties["repositoryUrl"], "123456789012.dkr.ecr.us-west-2.amazonaws.com/web");
    assert.equal(cloud.refuseDelete(made), undefined);
    cloud.add("docker-build:index:Image", "docker/here", {
      push: true,
      tags: [`${String(made.properties["repositoryUrl"])}:1`],
    });
    assert.match(cloud.refuseDelete(made) ?? "", /RepositoryNotEmptyException/);
    assert.equal(cloud.refuseDelete(cloud.change(made, { name: "web", forceDelete: true })), undefined);
  });

  const rule = {
    rulePriority: 1,
    selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 10 },
    action: { type: "expire" },
  };
  const rules = (...all: Properties[]): string => JSON.stringify({ rules: all });
  refuses(
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    () => {
      const cloud = new Cloud();
      cloud.make(REPOSITORY, { name: "web" });
      return { cloud, inputs: { repository: "web", policy: rules(rule) } };
    },
    [
      ["no JSON", { policy: "{" }, /as JSON/],
      ["no rule", { policy: rules() }, /1 to 50 rules/],
      ["a priority twice", { policy: rules(rule, rule) }, /rulePriority of its own/],
      [
        "tagged images with no prefix",
        { policy: rules({ ...rule, selection: { ...rule.selection, tagStatus: "tagged" } }) },
        /tagPrefixList/,
      ],
      [
        "an age with no unit",
        { policy: rules({ ...rule, selection: { ...rule.selection, countType: "sinceImagePushed" } }) },
        /countUnit days/,
      ],
      ["an action that is none", { policy: rules({ ...rule, action: { type: "delete" } }) }, /action type expire/],
      ["a repository that does not exist", { repository: "other" }, /nothing has this name/],
    ],
  );
});

describe("AWS: S3", () => {
  refuses(BUCKET, () => {
    const cloud = new Cloud();
    cloud.make(BUCKET, { bucket: "taken-bucket" });
    cloud.make(BUCKET, { bucket: "far-bucket" }, { region: EAST });
    return { cloud, inputs: { bucket: "groundwork-logs" } };
  }, [
    ["a name that is too short", { bucket: "ab" }, /3 to 63 characters/],
    ["capitals", { bucket: "Logs-Bucket" }, /lower-case letters/],
    ["two dots in a row", { bucket: "my..logs" }, /two dots/],
    ["an IP address", { bucket: "192.168.5.4" }, /no IP address/],
    ["a prefix that S3 keeps", { bucket: "xn--logs" }, /keeps for itself/],
    ["a name that is taken", { bucket: "taken-bucket" }, /BucketAlreadyOwnedByYou/],
    ["a name that is taken in another region", { bucket: "far-bucket" }, /taken in us-east-1/],
  ]);

  it("buckets stay while they hold objects, unless told otherwise", () => {
    const cloud = new Cloud();
    const bucket = cloud.make(BUCKET, { bucket: "groundwork-logs" });
    assert.equal(bucket.properties["arn"], "arn:aws:s3:::groundwork-logs");
    assert.equal(cloud.refuseDelete(bucket), undefined);
    cloud.add("aws:s3/bucketObjectv2:BucketObjectv2", bucket.place, { bucket: "groundwork-logs", key: "a" });
    assert.match(cloud.refuseDelete(bucket) ?? "", /BucketNotEmpty/);
    assert.equal(cloud.refuseDelete(cloud.change(bucket, { ...bucket.inputs, forceDestroy: true })), undefined);
  });

  it("settings need their bucket", () => {
    const cloud = new Cloud();
    const BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock";
    assert.match(cloud.refusals(BLOCK, { bucket: "groundwork-logs" })[0] ?? "", /nothing has this bucket/);
    cloud.make(BUCKET, { bucket: "groundwork-logs" });
    assert.equal(cloud.make(BLOCK, { bucket: "groundwork-logs" }).id, "groundwork-logs");
    const status = { versioningConfiguration: { status: "On" } };
    assert.match(
      cloud.refusals("aws:s3/bucketVersioning:BucketVersioning", { bucket: "groundwork-logs", ...status })[0] ?? "",
      /Enabled/,
    );
  });
});

describe("AWS: log groups, parameters and launch templates", () => {
  refuses(
    "aws:cloudwatch/logGroup:LogGroup",
    () => ({ cloud: new Cloud(), inputs: { name: "/groundwork/audit", retentionInDays: 90 } }),
    [
      ["a retention that is not offered", { retentionInDays: 100 }, /write one of 0, 1, 3/],
      ["odd characters", { name: "audit:log" }, /letters, digits and/],
      ["a key that does not exist", { kmsKeyId: "arn:aws:kms:us-west-2:123456789012:key/1" }, /nothing has this arn/],
    ],
  );

  it("a log group stays while it is protected, and when it is told to", () => {
    const cloud = new Cloud();
    const LOGS = "aws:cloudwatch/logGroup:LogGroup";
    assert.match(
      cloud.refuseDelete(cloud.make(LOGS, { name: "a", deletionProtectionEnabled: true })) ?? "",
      /protected/,
    );
    assert.match(cloud.retains(cloud.make(LOGS, { name: "b", skipDestroy: true })) ?? "", /skipDestroy/);
  });

  refuses(
    "aws:ssm/parameter:Parameter",
    () => ({ cloud: new Cloud(), inputs: { name: "/groundwork/a", type: "String", value: "1" } }),
    [
      ["a name that AWS keeps", { name: "/aws/service/x" }, /not beginning with aws/],
      ["a value that is too long", { value: "v".repeat(4097) }, /at most 4096 bytes/],
      ["an unknown type", { type: "Secret" }, /SecureString/],
    ],
  );

  refuses(
    "aws:ec2/launchTemplate:LaunchTemplate",
    () => ({
      cloud: new Cloud(),
      inputs: {
        name: "nodes",
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { volumeType: "gp3", volumeSize: 50 } }],
      },
    }),
    [
      ["a name that is too short", { name: "no" }, /3 to 128 characters/],
      ["something that is no instance type", { instanceType: "large" }, /m7g\.large/],
      ["an image that is none", { imageId: "ubuntu" }, /AMI id/],
      ["user data that is not base64", { userData: "#!/bin/sh" }, /base64/],
      ["tokens that are neither", { metadataOptions: { httpTokens: "yes" } }, /optional, required/],
      ["a volume type that is none", { blockDeviceMappings: [{ ebs: { volumeType: "ssd" } }] }, /gp2, gp3/],
    ],
  );

  it("a launch template has a new version with each change", () => {
    const cloud = new Cloud();
    const made = cloud.make("aws:ec2/launchTemplate:LaunchTemplate", { name: "nodes" });
    assert.equal(made.properties["latestVersion"], 1);
    assert.equal(cloud.change(made, { name: "nodes", instanceType: "m7i.large" }).properties["latestVersion"], 2);
  });
});
