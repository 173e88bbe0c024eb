import assert from "node:assert/strict";
import fc from "fast-check";
import type { Properties } from "../../../../scripts/rehearsal/clouds/table.ts";
import { Cloud, WEST } from "./cloud.ts";
import { refuses } from "./refusals.ts";
import { scenery } from "./scenery.ts";

const GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";
const SUBNETS = "aws:elasticache/subnetGroup:SubnetGroup";
const PARAMETERS = "aws:elasticache/parameterGroup:ParameterGroup";

const setting = (more: Properties = {}) => {
  const cloud = new Cloud();
  const { subnetIds, group } = scenery(cloud);
  const subnets = cloud.make(SUBNETS, { name: "cache", subnetIds });
  const inputs: Properties = {
    replicationGroupId: "cache",
    description: "Cache",
    engine: "valkey",
    engineVersion: "8.1",
    nodeType: "cache.r7g.large",
    numNodeGroups: 3,
    replicasPerNodeGroup: 1,
    automaticFailoverEnabled: true,
    multiAzEnabled: true,
    transitEncryptionEnabled: true,
    authToken: "0123456789abcdef",
    subnetGroupName: subnets.id,
    securityGroupIds: [group.id],
    ...more,
  };
  return { cloud, inputs };
};

describe("AWS: ElastiCache", () => {
  refuses(GROUP, setting, [
    ["a name that is too long", { replicationGroupId: "n".repeat(41) }, /1 to 40 characters/],
    ["a name with two hyphens in a row", { replicationGroupId: "my--cache" }, /single hyphens/],
    ["a node type of EC2", { nodeType: "r7g.large" }, /cache\.r7g\.large/],
    ["a version of the other engine", { engineVersion: "6.2" }, /Valkey version/],
    ["too many shards", { numNodeGroups: 501 }, /from 1 to 500/],
    ["too many replicas", { replicasPerNodeGroup: 6 }, /from 0 to 5/],
    ["too many nodes in all", { numNodeGroups: 251 }, /251 shards of 2 nodes are 502 nodes, take at most 500/],
    ["two ways to say how many", { numCacheClusters: 2 }, /numNodeGroups and replicasPerNodeGroup say it/],
    ["shards with no failover", { automaticFailoverEnabled: false }, /needs automatic failover/],
    ["several zones with no replica", { replicasPerNodeGroup: 0 }, /add a replica/],
    ["a token that is too short", { authToken: "short" }, /16 to 128 characters, not 5/],
    ["a token with odd characters", { authToken: "0123456789abcdef/@" }, /letters, digits and/],
    ["a token with no TLS", { transitEncryptionEnabled: false }, /write true: authToken is only used over TLS/],
    ["a token beside user groups", { userGroupIds: ["people"] }, /user groups do the authentication/],
    [
      "a parameter group of another version",
      { parameterGroupName: "default.valkey7.cluster.on" },
      /of family valkey7, take one of valkey8/,
    ],
    ["a window that is none", { snapshotWindow: "night" }, /03:00-04:00/],
    ["a subnet group that does not exist", { subnetGroupName: "other" }, /nothing has this name/],
  ]);

  it("refuses a security group of another VPC, and one name twice", () => {
    const { cloud, inputs } = setting();
    const far = scenery(cloud, WEST, "10.5");
    assert.match(cloud.refusals(GROUP, { ...inputs, securityGroupIds: [far.group.id] })[0] ?? "", /is of vpc-/);
    cloud.make(GROUP, inputs);
    assert.match(cloud.refusals(GROUP, inputs)[0] ?? "", /ReplicationGroupAlreadyExistsFault/);
  });

  it("has one endpoint for a cluster, and two for a single shard", () => {
    const { cloud, inputs } = setting();
    const cluster = cloud.make(GROUP, inputs);
    assert.match(
      String(cluster.properties["configurationEndpointAddress"]),
      /^clustercfg\.cache\.[0-9a-f]{6}\.usw2\.cache\.amazonaws\.com$/,
    );
    assert.equal(cluster.properties["primaryEndpointAddress"], "");
    assert.equal(cluster.properties["clusterEnabled"], true);
    const single = cloud.make(GROUP, {
      replicationGroupId: "one",
      description: "One",
      engine: "redis",
      numCacheClusters: 2,
      automaticFailoverEnabled: true,
    });
    assert.match(
      String(single.properties["primaryEndpointAddress"]),
      /^one\.[0-9a-f]{6}\.ng\.0001\.usw2\.cache\.amazonaws\.com$/,
    );
    assert.equal(single.properties["configurationEndpointAddress"], "");
    assert.deepEqual(single.properties["memberClusters"], ["one-001", "one-002"]);
  });

  it("has as many members as shards and replicas say", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 20 }),
        fc.integer({ min: 0, max: 5 }),
        (numNodeGroups, replicasPerNodeGroup) => {
          const { cloud, inputs } = setting({ numNodeGroups, replicasPerNodeGroup, multiAzEnabled: false });
          const { memberClusters, numCacheClusters } = cloud.make(GROUP, inputs).properties;
          const members = memberClusters as string[];
          assert.equal(members.length, numNodeGroups * (1 + replicasPerNodeGroup));
          assert.equal(numCacheClusters, members.length);
          assert.equal(new Set(members).size, members.length);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("knows a cluster by its own parameter group", () => {
    const { cloud, inputs } = setting({ numNodeGroups: 1 });
    cloud.make(PARAMETERS, {
      name: "sharded",
      family: "valkey8",
      parameters: [{ name: "cluster-enabled", value: "yes" }],
    });
    assert.equal(cloud.make(GROUP, { ...inputs, parameterGroupName: "sharded" }).properties["clusterEnabled"], true);
  });

  it("leaves a final snapshot when it is told so", () => {
    const { cloud, inputs } = setting();
    assert.equal(cloud.retains(cloud.make(GROUP, inputs)), undefined);
    const kept = cloud.make(GROUP, { ...inputs, replicationGroupId: "kept", finalSnapshotIdentifier: "cache-final" });
    assert.equal(cloud.retains(kept), "final snapshot cache-final");
  });

  it("needs subnets of two zones", () => {
    const cloud = new Cloud();
    const { subnetIds } = scenery(cloud);
    assert.match(
      cloud.refusals(SUBNETS, { name: "cache", subnetIds: subnetIds.slice(0, 1) })[0] ?? "",
      /at least 2 zones/,
    );
    assert.match(cloud.refusals(SUBNETS, { name: "default", subnetIds })[0] ?? "", /other than default/);
  });

  refuses(PARAMETERS, () => ({ cloud: new Cloud(), inputs: { name: "cache", family: "valkey8" } }), [
    ["an unknown family", { family: "valkey8.1" }, /valkey8/],
  ]);
});
