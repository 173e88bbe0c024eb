import assert from "node:assert/strict";
import type { Properties } from "../../../../scripts/rehearsal/clouds/table.ts";
import { Cloud, EAST, WEST } from "./cloud.ts";
import { scenery } from "./scenery.ts";

const GLOBAL = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup";
const GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";
const SUBNETS = "aws:elasticache/subnetGroup:SubnetGroup";
const KEY = "aws:kms/key:Key";
const REPLICA = "aws:kms/replicaKey:ReplicaKey";

const ALONE: Properties = {
  replicationGroupId: "home",
  description: "Cache",
  engine: "valkey",
  engineVersion: "8.1",
  nodeType: "cache.r7g.large",
  numNodeGroups: 3,
  replicasPerNodeGroup: 1,
  automaticFailoverEnabled: true,
  atRestEncryptionEnabled: true,
};

const member = (cloud: Cloud, region: string, datastore: string, more: Properties = {}): Properties => {
  const { subnetIds } = scenery(cloud, region, "10.9");
  const subnets = cloud.make(SUBNETS, { name: `cache-${region}`, subnetIds }, { region });
  return {
    replicationGroupId: `follower-${region}`,
    description: "Follower",
    globalReplicationGroupId: datastore,
    replicasPerNodeGroup: 1,
    automaticFailoverEnabled: true,
    subnetGroupName: subnets.id,
    ...more,
  };
};

const setting = (more: Properties = {}) => {
  const cloud = new Cloud();
  const home = cloud.make(GROUP, { ...ALONE, ...more });
  return { cloud, home, inputs: { globalReplicationGroupIdSuffix: "all", primaryReplicationGroupId: home.id } };
};

describe("AWS: a global datastore of ElastiCache", () => {
  it("takes its shape from the primary, and gives it to who joins", () => {
    const { cloud, inputs } = setting();
    const whole = cloud.make(GLOBAL, inputs);
    assert.match(whole.id, /^[a-z]{5}-all$/);
    assert.equal(whole.properties["cacheNodeType"], "cache.r7g.large");
    const follower = cloud.make(GROUP, member(cloud, EAST, whole.id), { region: EAST });
    const { nodeType, engine, engineVersion, numNodeGroups, clusterEnabled, atRestEncryptionEnabled } =
      follower.properties;
    assert.deepEqual(
      [nodeType, engine, engineVersion, numNodeGroups, clusterEnabled, atRestEncryptionEnabled],
      ["cache.r7g.large", "valkey", "8.1", 3, true, true],
    );
    assert.equal((follower.properties["memberClusters"] as string[]).length, 6);
    assert.match(String(follower.properties["configurationEndpointAddress"]), /use1/);
  });

  for (const [property, value] of Object.entries({
    nodeType: "cache.r7g.large",
    engine: "valkey",
    engineVersion: "8.1",
    numNodeGroups: 3,
    parameterGroupName: "default.valkey8.cluster.on",
    transitEncryptionEnabled: true,
    atRestEncryptionEnabled: true,
  })) {
    it(`refuses ${property} of who joins`, () => {
      const { cloud, inputs } = setting();
      const whole = cloud.make(GLOBAL, inputs);
      const refused = cloud.refusals(GROUP, member(cloud, EAST, whole.id, { [property]: value }), { region: EAST });
      assert.match(refused[0] ?? "", new RegExp(`^${property}: leave it out`));
    });
  }

  it("refuses a primary of an older or bursting node type, and a second member of a region", () => {
    const { cloud, inputs } = setting({ nodeType: "cache.t4g.medium" });
    assert.match(cloud.refusals(GLOBAL, inputs)[0] ?? "", /cache\.t4g\.medium is not supported by global datastores/);
    const able = setting();
    const whole = able.cloud.make(GLOBAL, able.inputs);
    const refused = able.cloud.refusals(GROUP, member(able.cloud, WEST, whole.id));
    assert.match(refused[0] ?? "", /has a member in us-west-2 already/);
  });

  it("has at most two secondaries", () => {
    const { cloud, inputs } = setting();
    const whole = cloud.make(GLOBAL, inputs);
    for (const region of [EAST, "eu-west-1"]) cloud.make(GROUP, member(cloud, region, whole.id), { region });
    const third = cloud.refusals(GROUP, member(cloud, "eu-central-1", whole.id), { region: "eu-central-1" });
    assert.match(third[0] ?? "", /at most 2 secondary/);
  });

  it("goes after its secondaries and before its primary", () => {
    const { cloud, home, inputs } = setting();
    const whole = cloud.make(GLOBAL, inputs);
    const follower = cloud.make(GROUP, member(cloud, EAST, whole.id), { region: EAST });
    assert.match(cloud.refuseDelete(home) ?? "", /is the primary of global datastore/);
    assert.match(cloud.refuseDelete(whole) ?? "", /still has the secondary follower-us-east-1/);
    assert.equal(cloud.refuseDelete(follower), undefined);
    cloud.remove(follower);
    assert.equal(cloud.refuseDelete(whole), undefined);
    cloud.remove(whole);
    assert.equal(cloud.refuseDelete(home), undefined);
  });
});

describe("AWS: a key of several regions", () => {
  it("has the same id everywhere, and is retained everywhere", () => {
    const cloud = new Cloud();
    const key = cloud.make(KEY, { multiRegion: true });
    const replica = cloud.make(REPLICA, { primaryKeyArn: key.properties["arn"] }, { region: EAST });
    assert.match(key.id, /^mrk-/);
    assert.equal(replica.properties["keyId"], key.id);
    assert.match(String(replica.properties["arn"]), /us-east-1/);
    assert.match(cloud.retains(replica) ?? "", /deleted after 30 days/);
  });

  it("is refused of a key of one region, and in the primary's own", () => {
    const cloud = new Cloud();
    const plain = cloud.make(KEY, {});
    const own = { primaryKeyArn: plain.properties["arn"] };
    assert.match(cloud.refusals(REPLICA, own, { region: EAST })[0] ?? "", /multiRegion: true/);
    const wide = cloud.make(KEY, { multiRegion: true }, { name: "wide" });
    assert.match(cloud.refusals(REPLICA, { primaryKeyArn: wide.properties["arn"] })[0] ?? "", /in another one/);
  });
});
