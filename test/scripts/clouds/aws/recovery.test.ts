import assert from "node:assert/strict";
import type { Properties } from "../../../../scripts/rehearsal/clouds/table.ts";
import { Cloud, EAST } from "./cloud.ts";
import { refuses } from "./refusals.ts";
import { role } from "./scenery.ts";

const VAULT = "aws:backup/vault:Vault";
const LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration";
const PLAN = "aws:backup/plan:Plan";
const SELECTION = "aws:backup/selection:Selection";
const TESTING = "aws:backup/restoreTestingPlan:RestoreTestingPlan";
const TESTED = "aws:backup/restoreTestingSelection:RestoreTestingSelection";
const BUCKET = "aws:s3/bucket:Bucket";
const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";
const REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig";

const daily = (more: Properties = {}): Properties => ({
  ruleName: "daily",
  targetVaultName: "vault",
  schedule: "cron(0 8 ? * * *)",
  lifecycle: { deleteAfter: 35 },
  ...more,
});

describe("AWS: Backup", () => {
  const setting = () => {
    const cloud = new Cloud();
    cloud.make(VAULT, { name: "vault" });
    return { cloud, inputs: { name: "plan", rules: [daily()] } as Properties };
  };
  refuses(PLAN, setting, [
    ["a cron of five fields", { rules: [daily({ schedule: "cron(0 8 * * *)" })] }, /six fields/],
    ["a vault that does not exist", { rules: [daily({ targetVaultName: "other" })] }, /nothing has this name/],
    ["two rules of one name", { rules: [daily(), daily()] }, /a name of its own/],
    [
      "cold storage for a month",
      { rules: [daily({ lifecycle: { coldStorageAfter: 30, deleteAfter: 60 } })] },
      /90 days after/,
    ],
    [
      "a year of continuous backups",
      { rules: [daily({ enableContinuousBackup: true, lifecycle: { deleteAfter: 365 } })] },
      /1 to 35 days/,
    ],
    [
      "a copy to nowhere",
      {
        rules: [
          daily({ copyActions: [{ destinationVaultArn: "arn:aws:backup:us-east-1:123456789012:backup-vault:x" }] }),
        ],
      },
      /nothing has this arn/,
    ],
  ]);

  it("copies to a vault of another region", () => {
    const { cloud, inputs } = setting();
    const far = cloud.make(VAULT, { name: "far" }, { region: EAST });
    const copyActions = [{ destinationVaultArn: far.properties["arn"] }];
    assert.deepEqual(cloud.refusals(PLAN, { ...inputs, rules: [daily({ copyActions })] }), []);
  });

  it("keeps what a lock says, and no shorter", () => {
    const { cloud, inputs } = setting();
    cloud.make(LOCK, { backupVaultName: "vault", minRetentionDays: 60, maxRetentionDays: 90 });
    assert.match(cloud.refusals(PLAN, inputs)[0] ?? "", /lock takes 60 to 90 days, not 35/);
    assert.match(
      cloud.refusals(LOCK, { backupVaultName: "vault", minRetentionDays: 9, maxRetentionDays: 8 })[0] ?? "",
      /9 is above maxRetentionDays 8/,
    );
    assert.match(cloud.refusals(LOCK, { backupVaultName: "vault", changeableForDays: 1 })[0] ?? "", /from 3/);
  });

  it("does not let go of a vault with recovery points, nor of a plan with selections", () => {
    const { cloud, inputs } = setting();
    const vault = cloud.all(VAULT)[0];
    assert.ok(vault !== undefined);
    assert.equal(cloud.refuseDelete(vault), undefined);
    const full = { ...vault, properties: { ...vault.properties, recoveryPoints: 3 } };
    assert.match(cloud.refuseDelete(full) ?? "", /contains recovery points/);
    const plan = cloud.make(PLAN, inputs);
    const iamRoleArn = role(cloud, "backup", "backup.amazonaws.com").properties["arn"];
    assert.match(cloud.refusals(SELECTION, { name: "none", planId: plan.id, iamRoleArn })[0] ?? "", /select something/);
    cloud.make(SELECTION, { name: "all", planId: plan.id, iamRoleArn, resources: ["*"] });
    assert.match(cloud.refuseDelete(plan) ?? "", /selections must be deleted prior/);
  });

  it("tests restores of what it is told, by names without hyphens", () => {
    const { cloud } = setting();
    const iamRoleArn = role(cloud, "backup", "backup.amazonaws.com").properties["arn"];
    const plan = {
      name: "weekly",
      scheduleExpression: "cron(0 12 ? * SUN *)",
      recoveryPointSelection: {
        algorithm: "LATEST_WITHIN_WINDOW",
        includeVaults: ["*"],
        recoveryPointTypes: ["SNAPSHOT"],
      },
    };
    assert.match(cloud.refusals(TESTING, { ...plan, name: "every-week" })[0] ?? "", /letters, digits and _/);
    cloud.make(TESTING, plan);
    const tested = { name: "database", restoreTestingPlanName: "weekly", iamRoleArn, protectedResourceType: "Aurora" };
    assert.match(cloud.refusals(TESTED, tested)[0] ?? "", /select either/);
    assert.deepEqual(cloud.refusals(TESTED, { ...tested, protectedResourceArns: ["*"] }), []);
    assert.match(
      cloud.refusals(TESTED, { ...tested, protectedResourceArns: ["*"], protectedResourceType: "Postgres" })[0] ?? "",
      /Aurora/,
    );
  });
});

describe("AWS: replication of buckets", () => {
  const rule = (more: Properties = {}, destination: Properties = {}): Properties => ({
    id: "all",
    status: "Enabled",
    priority: 1,
    filter: { prefix: "" },
    deleteMarkerReplication: { status: "Enabled" },
    destination: { bucket: "arn:aws:s3:::far", ...destination },
    ...more,
  });
  const setting = () => {
    const cloud = new Cloud();
    cloud.make(BUCKET, { bucket: "near" });
    cloud.make(BUCKET, { bucket: "far" }, { region: EAST });
    const versioningConfiguration = { status: "Enabled" };
    cloud.make(VERSIONING, { bucket: "near", versioningConfiguration });
    cloud.make(VERSIONING, { bucket: "far", versioningConfiguration }, { region: EAST });
    const arn = role(cloud, "copy", "s3.amazonaws.com").properties["arn"];
    return { cloud, inputs: { bucket: "near", role: arn, rules: [rule()] } as Properties };
  };
  refuses(REPLICATION, setting, [
    [
      "a filter that is silent on deletions",
      { rules: [rule({ deleteMarkerReplication: undefined })] },
      /deleteMarkerReplication/,
    ],
    ["two rules of one priority", { rules: [rule(), rule({ id: "more" })] }, /a priority of its own/],
    ["a copy onto itself", { rules: [rule({}, { bucket: "arn:aws:s3:::near" })] }, /cannot be the destination/],
    [
      "encrypted objects without a key there",
      { rules: [rule({ sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } } })] },
      /replicaKmsKeyId/,
    ],
    [
      "time control without metrics",
      { rules: [rule({}, { replicationTime: { status: "Enabled", time: { minutes: 15 } } })] },
      /needs destination\.metrics/,
    ],
  ]);

  it("needs versions on both ends", () => {
    const cloud = new Cloud();
    cloud.make(BUCKET, { bucket: "near" });
    cloud.make(BUCKET, { bucket: "far" }, { region: EAST });
    const inputs = { bucket: "near", role: role(cloud, "copy", "s3.amazonaws.com").properties["arn"], rules: [rule()] };
    assert.match(cloud.refusals(REPLICATION, inputs)[0] ?? "", /Versioning must be 'Enabled' on the bucket/);
    cloud.make(VERSIONING, { bucket: "near", versioningConfiguration: { status: "Enabled" } });
    assert.match(cloud.refusals(REPLICATION, inputs)[0] ?? "", /Destination bucket must have versioning enabled/);
  });
});
