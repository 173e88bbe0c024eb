import assert from "node:assert/strict";
import type { Properties } from "../../../../scripts/rehearsal/clouds/table.ts";
import { Cloud, EAST } from "./cloud.ts";
import { refuses } from "./refusals.ts";

const TRAIL = "aws:cloudtrail/trail:Trail";
const DETECTOR = "aws:guardduty/detector:Detector";
const FEATURE = "aws:guardduty/detectorFeature:DetectorFeature";
const BUDGET = "aws:budgets/budget:Budget";
const ANALYZER = "aws:accessanalyzer/analyzer:Analyzer";
const BLOCK = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock";

const allowing = (service: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "*", Resource: "*" }],
  });

describe("AWS: the audit trail", () => {
  const setting = () => {
    const cloud = new Cloud();
    cloud.make("aws:s3/bucket:Bucket", { bucket: "trail" });
    cloud.make("aws:s3/bucketPolicy:BucketPolicy", { bucket: "trail", policy: allowing("cloudtrail.amazonaws.com") });
    cloud.make("aws:s3/bucket:Bucket", { bucket: "closed" });
    const key = cloud.make("aws:kms/key:Key", { policy: allowing("cloudtrail.amazonaws.com") });
    const inputs: Properties = {
      name: "audit",
      s3BucketName: "trail",
      kmsKeyId: key.properties["arn"],
      isMultiRegionTrail: true,
    };
    return { cloud, inputs };
  };
  refuses(TRAIL, setting, [
    ["a name of two letters", { name: "ab" }, /3 to 128/],
    ["a bucket that does not let it in", { s3BucketName: "closed" }, /InsufficientS3BucketPolicyException/],
    [
      "half of the logs",
      { cloudWatchLogsGroupArn: "arn:aws:logs:us-west-2:123456789012:log-group:a:*" },
      /name log group and role/,
    ],
    ["logs without their stars", { cloudWatchLogsGroupArn: "arn:aws:logs:us-west-2:1:log-group:a" }, /:\* at its end/],
    ["all regions without the global ones", { includeGlobalServiceEvents: false }, /has the global events/],
  ]);

  it("needs a key that lets it encrypt", () => {
    const { cloud, inputs } = setting();
    const key = cloud.make("aws:kms/key:Key", {}, { name: "other" });
    assert.match(
      cloud.refusals(TRAIL, { ...inputs, kmsKeyId: key.properties["arn"] })[0] ?? "",
      /Insufficient permissions to access KMS key/,
    );
  });
});

describe("AWS: GuardDuty", () => {
  it("has one detector a region", () => {
    const cloud = new Cloud();
    cloud.make(DETECTOR, {});
    assert.match(cloud.refusals(DETECTOR, {})[0] ?? "", /a detector already exists/);
    assert.deepEqual(cloud.refusals(DETECTOR, {}, { region: EAST }), []);
  });

  it("knows its features, and runs one agent at most", () => {
    const cloud = new Cloud();
    const detectorId = cloud.make(DETECTOR, {}).id;
    const feature = (name: string) => ({ detectorId, name, status: "ENABLED" });
    assert.match(cloud.refusals(FEATURE, feature("EKS_LOGS"))[0] ?? "", /EKS_AUDIT_LOGS/);
    cloud.make(FEATURE, feature("RUNTIME_MONITORING"));
    assert.match(cloud.refusals(FEATURE, feature("EKS_RUNTIME_MONITORING"))[0] ?? "", /cannot both be enabled/);
    assert.match(cloud.refusals(FEATURE, { ...feature("S3_DATA_EVENTS"), detectorId: "x" })[0] ?? "", /nothing has/);
  });
});

describe("AWS: budgets", () => {
  const told = (more: Properties = {}): Properties => ({
    comparisonOperator: "GREATER_THAN",
    notificationType: "ACTUAL",
    threshold: 80,
    thresholdType: "PERCENTAGE",
    subscriberEmailAddresses: ["ops@example.com"],
    ...more,
  });
  const setting = () => ({
    cloud: new Cloud(),
    inputs: {
      name: "shop",
      budgetType: "COST",
      timeUnit: "MONTHLY",
      limitAmount: "3000",
      limitUnit: "USD",
      notifications: [told()],
    } as Properties,
  });
  refuses(BUDGET, setting, [
    ["an amount with its sign", { limitAmount: "$3000" }, /such as "3000"/],
    ["another currency", { limitUnit: "EUR" }, /USD/],
    ["a fortnight", { timeUnit: "WEEKLY" }, /MONTHLY/],
    ["a note to nobody", { notifications: [told({ subscriberEmailAddresses: [] })] }, /name who is told/],
    ["an address that is none", { notifications: [told({ subscriberEmailAddresses: ["ops"] })] }, /write an address/],
    ["eleven notes", { notifications: Array.from({ length: 11 }, () => told()) }, /0 to 10/],
    ["a colon in the name", { name: "shop:all" }, /leave out/],
  ]);

  it("has each name once in the account", () => {
    const { cloud, inputs } = setting();
    cloud.make(BUDGET, inputs);
    assert.match(cloud.refusals(BUDGET, inputs, { region: EAST })[0] ?? "", /DuplicateRecordException/);
  });
});

describe("AWS: guards of an account", () => {
  it("are there once: the public access block in the account, an analyzer's name in a region", () => {
    const cloud = new Cloud();
    cloud.make(BLOCK, {});
    assert.match(cloud.refusals(BLOCK, {}, { region: EAST })[0] ?? "", /AlreadyExists/);
    cloud.make(ANALYZER, { analyzerName: "shop" });
    assert.match(cloud.refusals(ANALYZER, { analyzerName: "shop" })[0] ?? "", /ConflictException/);
    assert.deepEqual(cloud.refusals(ANALYZER, { analyzerName: "shop" }, { region: EAST }), []);
    assert.match(cloud.refusals(ANALYZER, { analyzerName: "1" })[0] ?? "", /beginning with a letter/);
  });
});
