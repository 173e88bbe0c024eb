import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { cloudEnvironment } from "../../stacks/cloud.ts";
import { SYSTEMS } from "../../stacks/systems/index.ts";
import { registered } from "../helpers/mocks.ts";
import type { Outputs, Registered } from "../helpers/mocks.ts";
import { CLOUD_OUTPUTS } from "./cloud-fixture.ts";
import { prodConfig } from "./prod-config.ts";

const REGIONS = ["us-west-2", "us-east-1"] as const;
const OUTPUTS: Outputs = {
  ...CLOUD_OUTPUTS,
  "aws:mq/broker:Broker": (_inputs, name) => ({ instances: [{ endpoints: [`amqps://${name}.mq.example:5671`] }] }),
};

const deployed = (values: Readonly<Record<string, unknown>>): Promise<readonly Registered[]> =>
  registered(() => cloudEnvironment(prodConfig(values)), OUTPUTS);

/** Reads a property by its path, e.g. `spec.sharding.enabled`. */
function at({ inputs }: Registered, path: string): unknown {
  return path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], inputs);
}

describe("production: two regions with all five systems", () => {
  let resources: readonly Registered[];
  const of = (type: string, region = "") =>
    resources.filter((each) => each.type.endsWith(type) && each.provider?.includes(region) === true);
  const only = (type: string, region: string, part: string): Registered => {
    const found = of(type, region).filter(({ name }) => name.includes(part));
    assert.equal(found.length, 1, `${type} ${region} ${part}: ${found.map(({ name }) => name).join(", ")}`);
    return found[0] as Registered;
  };

  before(async () => {
    resources = await deployed({});
  });

  it("have finai-nexus's writer with 3 readers and its 3+3 caches, and one reader and one replica for the others", () => {
    const instances = (system: string, region: string) =>
      of("rds/clusterInstance:ClusterInstance", region).filter(({ name }) => name.startsWith(`${system}-postgres`));
    const nodes = (system: string, region: string) => {
      const group = only("elasticache/replicationGroup:ReplicationGroup", region, `${system}-redis`);
      return [at(group, "engine"), at(group, "numNodeGroups"), at(group, "replicasPerNodeGroup")];
    };
    for (const system of Object.keys(SYSTEMS)) {
      const isLarge = system === "finai-nexus";
      const counts = REGIONS.map((region) => instances(system, region).length);
      assert.deepEqual(counts, isLarge ? [4, 2] : [2, 1], system);
      for (const region of REGIONS)
        assert.deepEqual(nodes(system, region), ["valkey", isLarge ? 3 : 1, 1], `${system} in ${region}`);
    }
  });

  it("pool each database where it is written to", () => {
    const proxies = of("rds/proxy:Proxy").map(({ name }) => name);
    assert.deepEqual(
      proxies.sort(),
      Object.keys(SYSTEMS)
        .map((name) => `${name}-postgres-${REGIONS[0]}-proxy`)
        .sort(),
    );
  });

  it("let no global database's password be RDS's own, and give it to no follower", () => {
    for (const cluster of of("rds/cluster:Cluster")) {
      assert.equal(at(cluster, "manageMasterUserPassword"), undefined);
      assert.equal(at(cluster, "masterPassword") !== undefined, cluster.provider?.includes(REGIONS[0]));
    }
  });

  it("have MongoDB as 3 shards of 3 with config servers, routers and a balancer in each region", () => {
    for (const region of REGIONS) {
      const mongodb = only("PerconaServerMongoDB", region, "finai-nexus");
      const shards = at(mongodb, "spec.replsets") as { size: number }[];
      assert.deepEqual(
        shards.map(({ size }) => size),
        [3, 3, 3],
      );
      assert.equal(at(mongodb, "spec.sharding.enabled"), true);
      assert.equal(at(mongodb, "spec.sharding.configsvrReplSet.size"), 3);
      assert.ok(Number(at(mongodb, "spec.sharding.mongos.size")) >= 2);
      assert.notEqual(at(mongodb, "spec.sharding.balancer.enabled"), false);
    }
  });

  it("have RabbitMQ of three nodes under its operator in each region", () => {
    for (const region of REGIONS) assert.equal(at(only("RabbitmqCluster", region, "tracks"), "spec.replicas"), 3);
  });

  it("copy every object of the backups to the other region, with that region's key", () => {
    for (const [from, to] of [REGIONS, REGIONS.toReversed()] as [string, string][]) {
      const rules = at(only("BucketReplicationConfig", from, "backups"), "rules") as {
        status: string;
        destination: { bucket: string; encryptionConfiguration: { replicaKmsKeyId: string } };
      }[];
      assert.equal(rules.length, 1);
      assert.equal(rules[0]?.status, "Enabled");
      assert.match(rules[0]?.destination.bucket ?? "", new RegExp(`backups-${to}$`));
      assert.match(rules[0]?.destination.encryptionConfiguration.replicaKmsKeyId ?? "", /recovery-key/);
    }
  });

  it("have one key for backups in both regions: the home's, and a replica of it", () => {
    const key = only("kms/key:Key", REGIONS[0], "recovery-key");
    assert.equal(at(key, "multiRegion"), true);
    assert.match(String(at(only("ReplicaKey", REGIONS[1], "recovery-key"), "primaryKeyArn")), /recovery-key/);
  });

  it("copy the daily and monthly recovery points of each region's plan into the other's vault", () => {
    for (const [from, to] of [REGIONS, REGIONS.toReversed()] as [string, string][]) {
      const rules = at(only("backup/plan:Plan", from, "recovery"), "rules") as {
        ruleName: string;
        copyActions: { destinationVaultArn: string }[];
      }[];
      assert.deepEqual(
        rules.map(({ ruleName }) => ruleName),
        ["daily", "monthly"],
      );
      for (const { copyActions } of rules) assert.match(copyActions[0]?.destinationVaultArn ?? "", new RegExp(to));
    }
  });

  it("select every system's database by the tag that the plans look for", () => {
    const [tag] = at(only("backup/selection:Selection", REGIONS[0], "recovery"), "selectionTags") as [
      { key: string; value: string },
    ];
    const tagged = of("rds/cluster:Cluster", REGIONS[0]).filter(
      (cluster) => (at(cluster, "tags") as Record<string, string>)[tag.key] === tag.value,
    );
    assert.equal(tagged.length, Object.keys(SYSTEMS).length);
  });

  it("are audited in all regions, watched for threats in each, and have a budget a system that warns", () => {
    const [trail] = of("cloudtrail/trail:Trail");
    assert.ok(trail !== undefined);
    assert.deepEqual([at(trail, "isMultiRegionTrail"), at(trail, "enableLogFileValidation")], [true, true]);
    for (const region of REGIONS) assert.equal(of("guardduty/detector:Detector", region).length, 1);
    const budgets = of("budgets/budget:Budget");
    assert.deepEqual(
      budgets.map(({ name }) => name).sort(),
      ["all", ...Object.keys(SYSTEMS)].map((name) => `budget-${name}`).sort(),
    );
    const [start, limit] = [3000, 8000];
    const finai = budgets.find(({ name }) => name === "budget-finai-nexus");
    assert.ok(finai !== undefined);
    assert.equal(Number(at(finai, "limitAmount")), limit);
    assert.ok(SYSTEMS["finai-nexus"]?.budget?.start === start);
  });
});

describe("RabbitMQ by Amazon MQ, one line away", () => {
  it("is a broker in each region, and nothing in the cluster", async () => {
    const resources = await deployed({ systems: ["tracks"], database: {}, cache: {}, brokers: { kind: "amazon-mq" } });
    const brokers = resources.filter(({ type }) => type === "aws:mq/broker:Broker");
    assert.equal(brokers.length, REGIONS.length);
    for (const broker of brokers) assert.equal(at(broker, "deploymentMode"), "CLUSTER_MULTI_AZ");
    assert.equal(resources.filter(({ type }) => type.endsWith(":RabbitmqCluster")).length, 0);
  });
});
