import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { describe, it } from "mocha";
import type { CachePlace, GlobalDatastoreArgs } from "../../../components/redis/elasticache-global.ts";
import { GlobalDatastore } from "../../../components/redis/elasticache-global.ts";
import { registered } from "../../helpers/mocks.ts";
import { DATA_OUTPUTS, shown } from "../data-fixture.ts";

const GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";

const place = (region: string): CachePlace => ({
  region,
  provider: new aws.Provider(`aws-${region}`, { region: region as aws.Region }),
  vpcId: `vpc-${region}`,
  subnetIds: ["a", "b"].map((zone) => `subnet-${region}${zone}`),
  clientGroupId: `sg-${region}`,
  keyArn: `arn:aws:kms:${region}:123456789012:key/1`,
});

async function deployed(regions: readonly string[], change: Partial<GlobalDatastoreArgs> = {}) {
  let made: GlobalDatastore | undefined;
  const resources = await registered(() => {
    made = new GlobalDatastore("shop-redis", {
      spec: { size: { cpu: 2, memory: "6Gi" }, eviction: "allkeys-lru" },
      nodeType: "cache.r7g.large",
      shards: 3,
      replicasPerShard: 1,
      homeName: "us-west-2-shop-redis",
      places: regions.map(place) as [CachePlace],
      suffix: "groundwork-prod-shop",
      protect: true,
      ...change,
    });
  }, DATA_OUTPUTS);
  return { resources, datastore: made as unknown as GlobalDatastore };
}

describe("a global datastore", () => {
  it("keeps the name of the cache that stood in its home alone, and gives the others other names", async () => {
    const { resources } = await deployed(["us-west-2", "us-east-1"]);
    const groups = resources.filter(({ type }) => type === GROUP).map(({ name }) => name);
    assert.deepEqual(groups, ["us-west-2-shop-redis", "shop-redis-us-east-1"]);
  });

  it("leaves to the primary what a follower may not say, and shares one token", async () => {
    const { resources, datastore } = await deployed(["us-west-2", "us-east-1"]);
    const inputs = resources.find(({ name, type }) => type === GROUP && name === "shop-redis-us-east-1")?.inputs ?? {};
    for (const property of [
      "nodeType",
      "engine",
      "engineVersion",
      "numNodeGroups",
      "parameterGroupName",
      "clusterMode",
    ])
      assert.equal(inputs[property], undefined, property);
    for (const property of ["transitEncryptionEnabled", "atRestEncryptionEnabled"])
      assert.equal(inputs[property], undefined, property);
    assert.equal(inputs["kmsKeyId"], "arn:aws:kms:us-east-1:123456789012:key/1");
    assert.ok(inputs["globalReplicationGroupId"]);
    assert.equal(resources.filter(({ type }) => type === "random:index/randomPassword:RandomPassword").length, 1);
    const { "us-west-2": west, "us-east-1": east } = datastore.regions;
    assert.equal(await shown(west?.secret), await shown(east?.secret));
    assert.notEqual(await shown(west?.endpoint.host), await shown(east?.endpoint.host));
  });

  it("is refused of more than three regions and of nodes that burst", async () => {
    const four = ["us-west-2", "us-east-1", "eu-west-1", "eu-central-1"];
    await assert.rejects(deployed(four), /are 4; write at most 3, or let the caches stand alone/);
    await assert.rejects(
      deployed(["us-west-2"], { nodeType: "cache.t4g.medium" }),
      /"cache.t4g.medium", which it cannot/,
    );
  });

  it("says how another region starts to take writes, and refuses one that it is not in", async () => {
    const { datastore } = await deployed(["us-west-2", "us-east-1"]);
    const [step] = datastore.promotionSteps("us-east-1");
    assert.ok(step !== undefined && "command" in step.how);
    assert.match(step.how.command, /failover-global-replication-group --region us-east-1 .*--primary-region us-east-1/);
    assert.throws(() => datastore.promotionSteps("eu-west-1"), /goes to eu-west-1; write one of its regions/);
  });
});
