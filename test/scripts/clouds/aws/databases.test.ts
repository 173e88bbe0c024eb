import assert from "node:assert/strict";
import type { Properties, Thing } from "../../../../scripts/rehearsal/clouds/table.ts";
import { Cloud, EAST, WEST } from "./cloud.ts";
import { refuses } from "./refusals.ts";
import { type Scenery, scenery } from "./scenery.ts";

const GLOBAL = "aws:rds/globalCluster:GlobalCluster";
const CLUSTER = "aws:rds/cluster:Cluster";
const INSTANCE = "aws:rds/clusterInstance:ClusterInstance";
const SUBNETS = "aws:rds/subnetGroup:SubnetGroup";
const PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup";
const KEY = "aws:kms/key:Key";

const ENGINE = { engine: "aurora-postgresql", engineVersion: "17.9" };
const MASTER = { masterUsername: "groundwork", masterPassword: "a-long-password" };

const database = (cloud: Cloud, around: Scenery, more: Properties = {}): Properties => {
  const { region } = around;
  const subnets = cloud.make(SUBNETS, { name: `main-${region}`, subnetIds: around.subnetIds }, { region });
  return {
    ...ENGINE,
    clusterIdentifier: "main",
    dbSubnetGroupName: subnets.id,
    vpcSecurityGroupIds: [around.group.id],
    skipFinalSnapshot: true,
    ...more,
  };
};

describe("AWS: Aurora cluster", () => {
  const setting = () => {
    const cloud = new Cloud();
    return { cloud, inputs: database(cloud, scenery(cloud), MASTER) };
  };
  refuses(CLUSTER, setting, [
    ["an identifier with capitals", { clusterIdentifier: "Main" }, /lower-case letters/],
    ["an identifier with two hyphens in a row", { clusterIdentifier: "my--db" }, /single hyphens/],
    ["an identifier that is too long", { clusterIdentifier: "n".repeat(64) }, /1 to 63 characters/],
    ["a version that is none", { engineVersion: "17.9.1" }, /such as 17\.9/],
    ["an unknown engine", { engine: "postgresql" }, /aurora-postgresql/],
    ["a reserved master user", { masterUsername: "admin" }, /reserved word/],
    ["a password that is too short", { masterPassword: "short" }, /8 to 41 characters, not 5/],
    ["a password with a slash", { masterPassword: "with/a/slash" }, /leave out \//],
    ["no master user", { masterUsername: undefined }, /name the master user/],
    ["no password", { masterPassword: undefined }, /give a masterPassword or manageMasterUserPassword/],
    ["two ways to a password", { manageMasterUserPassword: true }, /write one of/],
    ["backups for too long", { backupRetentionPeriod: 36 }, /from 1 to 35/],
    ["a port that is too low", { port: 80 }, /1150 to 65535/],
    ["a window that is none", { preferredMaintenanceWindow: "sunday" }, /sun:05:00-sun:06:00/],
    [
      "a key with no encryption",
      { kmsKeyId: "arn:aws:kms:us-west-2:123456789012:key/1", storageEncrypted: false },
      /write true: a kmsKeyId/,
    ],
    ["odd capacities", { serverlessv2ScalingConfiguration: { minCapacity: 0.7, maxCapacity: 2 } }, /steps of 0\.5/],
    [
      "capacities the wrong way round",
      { serverlessv2ScalingConfiguration: { minCapacity: 4, maxCapacity: 2 } },
      /above maxCapacity/,
    ],
    ["an unknown log", { enabledCloudwatchLogsExports: ["logs"] }, /write one of audit/],
    ["a subnet group that does not exist", { dbSubnetGroupName: "other" }, /nothing has this name/],
  ]);

  it("refuses a parameter group of another version, and a security group of another VPC", () => {
    const { cloud, inputs } = setting();
    const old = cloud.make(PARAMETERS, { name: "old", family: "aurora-postgresql16" });
    assert.match(
      cloud.refusals(CLUSTER, { ...inputs, dbClusterParameterGroupName: old.id })[0] ?? "",
      /of family aurora-postgresql16, take one of aurora-postgresql17/,
    );
    const far = scenery(cloud, WEST, "10.5");
    assert.match(
      cloud.refusals(CLUSTER, { ...inputs, vpcSecurityGroupIds: [far.group.id] })[0] ?? "",
      /different VPCs/,
    );
  });

  it("goes to a new major version only when told so, and never back", () => {
    const { cloud, inputs } = setting();
    const made = cloud.make(CLUSTER, inputs);
    const to = (engineVersion: string, more: Properties = {}) =>
      cloud.refusals(CLUSTER, { ...inputs, engineVersion, ...more }, {}, made)[0] ?? "";
    assert.match(to("18.3"), /AllowMajorVersionUpgrade/);
    assert.equal(to("18.3", { allowMajorVersionUpgrade: true }), "");
    assert.match(to("17.5"), /a version never goes back/);
    assert.equal(to("17.10"), "");
  });

  it("has endpoints of its region", () => {
    const { cloud, inputs } = setting();
    const made = cloud.make(CLUSTER, inputs);
    assert.equal(made.id, "main");
    assert.match(String(made.properties["endpoint"]), /^main\.cluster-c[0-9a-f]{11}\.us-west-2\.rds\.amazonaws\.com$/);
    assert.match(String(made.properties["readerEndpoint"]), /^main\.cluster-ro-/);
    assert.equal(made.properties["port"], 5432);
    assert.match(cloud.refusals(CLUSTER, inputs)[0] ?? "", /DBClusterAlreadyExistsFault/);
  });

  it("stays while it is protected, has instances, or nobody said what becomes of the data", () => {
    const { cloud, inputs } = setting();
    const end = (more: Properties): Thing => {
      const made = cloud.make(CLUSTER, { ...inputs, ...more });
      cloud.remove(made);
      return made;
    };
    assert.match(cloud.refuseDelete(end({ deletionProtection: true })) ?? "", /protected Cluster/);
    assert.match(cloud.refuseDelete(end({ skipFinalSnapshot: false })) ?? "", /final_snapshot_identifier is required/);
    const kept = end({ skipFinalSnapshot: false, finalSnapshotIdentifier: "main-final" });
    assert.equal(cloud.refuseDelete(kept), undefined);
    assert.equal(cloud.retains(kept), "final snapshot main-final");
    const made = cloud.make(CLUSTER, inputs);
    assert.equal(cloud.retains(made), undefined);
    cloud.make(INSTANCE, {
      identifier: "main-0",
      clusterIdentifier: made.id,
      engine: ENGINE.engine,
      instanceClass: "db.r8g.large",
    });
    assert.match(cloud.refuseDelete(made) ?? "", /still contains DB instances/);
  });
});

describe("AWS: Aurora instance", () => {
  const setting = (more: Properties = {}) => {
    const cloud = new Cloud();
    const cluster = cloud.make(CLUSTER, database(cloud, scenery(cloud), { ...MASTER, ...more }));
    return {
      cloud,
      inputs: {
        identifier: "main-0",
        clusterIdentifier: cluster.id,
        engine: ENGINE.engine,
        instanceClass: "db.r8g.large",
      },
    };
  };
  refuses(INSTANCE, setting, [
    ["a class that Aurora does not run on", { instanceClass: "db.m5.large" }, /class that Aurora runs on/],
    ["a class that is none", { instanceClass: "r8g.large" }, /class that Aurora runs on/],
    ["an engine that is not the cluster's", { engine: "aurora-mysql" }, /write aurora-postgresql/],
    [
      "serverless in a cluster with no capacities",
      { instanceClass: "db.serverless" },
      /Serverless v2 scaling configuration/,
    ],
    ["a tier that is none", { promotionTier: 16 }, /from 0 to 15/],
    ["a cluster that does not exist", { clusterIdentifier: "other" }, /nothing has this/],
  ]);

  it("is the writer when it is the first", () => {
    const { cloud, inputs } = setting();
    const [writer, reader] = [cloud.make(INSTANCE, inputs), cloud.make(INSTANCE, { ...inputs, identifier: "main-1" })];
    assert.deepEqual([writer.properties["writer"], reader.properties["writer"]], [true, false]);
  });

  it("is one of at most sixteen", () => {
    const { cloud, inputs } = setting();
    for (let n = 0; n < 16; n += 1) cloud.make(INSTANCE, { ...inputs, identifier: `main-${n}` });
    assert.match(cloud.refusals(INSTANCE, { ...inputs, identifier: "main-16" })[0] ?? "", /at most 16 instances/);
  });
});

describe("AWS: Aurora global database", () => {
  const setting = () => {
    const cloud = new Cloud();
    const global = cloud.make(GLOBAL, { ...ENGINE, globalClusterIdentifier: "all", storageEncrypted: true });
    const keys = [WEST, EAST].map((region) => cloud.make(KEY, {}, { region }));
    const place = (region: string, key: Thing | undefined, more: Properties) =>
      database(cloud, scenery(cloud, region), {
        globalClusterIdentifier: "all",
        storageEncrypted: true,
        kmsKeyId: key?.properties["arn"],
        ...more,
      });
    const primary = place(WEST, keys[0], MASTER);
    const secondary = place(EAST, keys[1], {});
    return { cloud, global, primary, secondary };
  };

  it("has one writer, and clusters of other regions that follow it", () => {
    const { cloud, primary, secondary } = setting();
    const writer = cloud.make(CLUSTER, primary);
    const follower = cloud.make(CLUSTER, secondary, { region: EAST });
    assert.match(String(writer.properties["endpoint"]), /us-west-2/);
    assert.match(String(follower.properties["endpoint"]), /us-east-1/, "it leads nowhere yet, but it has its name");
    assert.equal(follower.properties["replicationSourceIdentifier"], writer.properties["arn"]);
    const instance = cloud.make(
      INSTANCE,
      { clusterIdentifier: follower.id, engine: ENGINE.engine, instanceClass: "db.r8g.large" },
      { region: EAST },
    );
    assert.equal(instance.properties["writer"], false);
  });

  it("refuses what only the writer has, once there is one", () => {
    const { cloud, primary, secondary } = setting();
    assert.deepEqual(cloud.refusals(CLUSTER, { ...secondary, ...MASTER }, { region: EAST }), []);
    cloud.make(CLUSTER, primary);
    for (const [property, value] of Object.entries({ ...MASTER, databaseName: "app" })) {
      const refused = cloud.refusals(CLUSTER, { ...secondary, [property]: value }, { region: EAST });
      assert.match(refused[0] ?? "", new RegExp(`^${property}: .*has a writer already`));
    }
    const bare = { ...secondary, kmsKeyId: undefined };
    assert.match(cloud.refusals(CLUSTER, bare, { region: EAST })[0] ?? "", /KmsKeyId .*a key of this region/);
    const foreign = { ...secondary, kmsKeyId: primary["kmsKeyId"] };
    assert.match(cloud.refusals(CLUSTER, foreign, { region: EAST })[0] ?? "", /kmsKeyId: nothing has this arn/);
  });

  it("refuses a password that RDS manages, another version, other encryption and burstable instances", () => {
    const { cloud, primary } = setting();
    const managed = { ...primary, masterPassword: undefined, manageMasterUserPassword: true };
    assert.match(cloud.refusals(CLUSTER, managed)[0] ?? "", /does not manage the password of a global database/);
    assert.match(cloud.refusals(CLUSTER, { ...primary, engineVersion: "16.9" })[0] ?? "", /write 17\.9, as all has/);
    const plain = { ...primary, storageEncrypted: false, kmsKeyId: undefined };
    assert.match(cloud.refusals(CLUSTER, plain)[0] ?? "", /storageEncrypted: .*write true/);
    const { id } = cloud.make(CLUSTER, primary);
    const burstable = { clusterIdentifier: id, engine: ENGINE.engine, instanceClass: "db.t4g.medium" };
    assert.match(cloud.refusals(INSTANCE, burstable)[0] ?? "", /takes no burstable/);
  });

  it("is torn down from the followers to the writer to the whole", () => {
    const { cloud, global, primary, secondary } = setting();
    const writer = cloud.make(CLUSTER, primary);
    const follower = cloud.make(CLUSTER, secondary, { region: EAST });
    assert.match(cloud.refuseDelete(global) ?? "", /InvalidGlobalClusterStateFault: .* is not empty/);
    assert.match(
      cloud.refuseDelete(writer) ?? "",
      /InvalidGlobalClusterStateFault: .*other global cluster members: main/,
    );
    assert.equal(cloud.refuseDelete(follower), undefined);
    cloud.remove(follower);
    assert.equal(cloud.refuseDelete(writer), undefined);
    cloud.remove(writer);
    assert.equal(cloud.refuseDelete(global), undefined);
  });

  it("stays while it is protected", () => {
    const cloud = new Cloud();
    const global = cloud.make(GLOBAL, { ...ENGINE, globalClusterIdentifier: "all", deletionProtection: true });
    assert.match(cloud.refuseDelete(global) ?? "", /protected Global Cluster/);
  });

  refuses(
    GLOBAL,
    () => ({ cloud: new Cloud(), inputs: { ...ENGINE, globalClusterIdentifier: "all", databaseName: "app" } }),
    [
      ["an engine that has none", { engine: "postgres" }, /aurora-postgresql/],
      ["an odd database name", { databaseName: "my-app" }, /letters and digits/],
      ["a source and an engine", { sourceDbClusterIdentifier: "arn" }, /the source cluster's/],
    ],
  );
});

describe("AWS: groups of databases", () => {
  const setting = () => {
    const cloud = new Cloud();
    return { cloud, inputs: { name: "main", subnetIds: scenery(cloud).subnetIds } };
  };
  refuses(SUBNETS, setting, [
    ["capitals", { name: "Main" }, /lower-case letters/],
    ["the name of the service's own group", { name: "default" }, /not default/],
    ["a subnet that does not exist", { subnetIds: ["subnet-0a"] }, /nothing has this id/],
  ]);

  it("needs subnets of two zones of one VPC", () => {
    const { cloud, inputs } = setting();
    const [first] = inputs.subnetIds;
    assert.match(
      cloud.refusals(SUBNETS, { ...inputs, subnetIds: [first] })[0] ?? "",
      /DBSubnetGroupDoesNotCoverEnoughAZs: .*at least 2 zones/,
    );
    const far = scenery(cloud, WEST, "10.5");
    assert.match(cloud.refusals(SUBNETS, { ...inputs, subnetIds: [first, far.subnetIds[1]] })[0] ?? "", /2 VPCs/);
    const made = cloud.make(SUBNETS, inputs);
    const moved = cloud.refusals(SUBNETS, { ...inputs, subnetIds: far.subnetIds }, {}, made);
    assert.match(moved[0] ?? "", /not in the same Vpc as the existing subnet group/);
  });

  refuses(PARAMETERS, () => ({ cloud: new Cloud(), inputs: { name: "main", family: "aurora-postgresql17" } }), [
    ["an unknown family", { family: "postgresql17" }, /aurora-postgresql17/],
    ["two hyphens in a row", { name: "my--group" }, /single hyphens/],
    [
      "an unknown way to apply",
      { parameters: [{ name: "work_mem", value: "1", applyMethod: "now" }] },
      /pending-reboot/,
    ],
  ]);
});
