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

describe("alarms of a cache", () => {
  const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
  interface Query {
    readonly id: string;
    readonly expression?: string;
    readonly metric?: { readonly metricName: string; readonly dimensions: object };
  }
  const alarmed = async (change: Partial<GlobalDatastoreArgs> = {}, topic?: string) => {
    const regions = ["us-west-2", "us-east-1"];
    const places = regions.map((region) => ({ ...place(region), alarmTopicArn: topic })) as unknown as [CachePlace];
    const { resources } = await deployed(regions, { places, ...change });
    const alarms = resources.filter(({ type }) => type === ALARM);
    return { resources, alarms, queries: (name: string) => queriesOf(alarms.find((alarm) => alarm.name === name)) };
  };
  const queriesOf = (alarm: { inputs: object } | undefined) =>
    ((alarm?.inputs ?? {}) as { metricQueries: Query[] }).metricQueries;

  it("look at every node of each region, and the worst decides", async () => {
    const { alarms, queries } = await alarmed();
    assert.equal(alarms.length, 4 * 2);
    const [worst, ...nodes] = queries("us-west-2-shop-redis-evictions");
    assert.equal(worst?.expression, "MAX([n0, n1, n2, n3, n4, n5])");
    assert.equal(nodes.length, 6);
    assert.deepEqual(nodes[5]?.metric?.dimensions, { CacheClusterId: "us-west-2-shop-redis-0003-002" });
    for (const { inputs } of alarms) assert.equal(inputs["alarmActions"], undefined);
  });

  it("are two where there are more nodes than an alarm takes metrics", async () => {
    const { queries } = await alarmed({ shards: 6 });
    assert.equal(queries("us-west-2-shop-redis-cpu").length, 1 + 10);
    assert.equal(queries("us-west-2-shop-redis-cpu-2").length, 1 + 2);
  });

  it("go to the region's topic, and so do failovers", async () => {
    const topic = "arn:aws:sns:us-west-2:123456789012:alarms";
    const { resources, alarms } = await alarmed({}, topic);
    for (const { inputs } of alarms) assert.deepEqual(inputs["alarmActions"], [topic]);
    for (const { inputs } of resources.filter(({ type }) => type === GROUP))
      assert.equal(inputs["notificationTopicArn"], topic);
  });
});
