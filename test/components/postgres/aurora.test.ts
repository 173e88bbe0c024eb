import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import { before, describe, it } from "mocha";
import { auroraParameters } from "../../../components/postgres/aurora-parameters.ts";
import { AuroraGlobal } from "../../../components/postgres/aurora.ts";
import type { AuroraGlobalArgs, AuroraPlace } from "../../../components/postgres/aurora-spec.ts";
import type { Registered } from "../../helpers/mocks.ts";
import { registered } from "../../helpers/mocks.ts";
import { DATA_OUTPUTS, shown } from "../data-fixture.ts";

const READERS = { primary: 3, failover: 1 };

function place(region: string, role: "primary" | "failover"): AuroraPlace {
  return {
    region,
    provider: new aws.Provider(`aws-${region}`, { region: region as aws.Region }),
    vpcId: `vpc-${region}`,
    subnetIds: ["a", "b"].map((zone) => `subnet-${region}${zone}`),
    clientGroupId: `sg-${region}`,
    keyArn: `arn:aws:kms:${region}:123456789012:key/1`,
    readers: READERS[role],
    alarmTopicArn: `arn:aws:sns:${region}:123456789012:alarms`,
  };
}

async function deployed(change: Partial<AuroraGlobalArgs> = {}, regions = ["us-west-2", "us-east-1"]) {
  let database: AuroraGlobal | undefined;
  const resources = await registered(() => {
    database = new AuroraGlobal("shop-postgres", {
      spec: { database: "shop", size: { cpu: 2, memory: "16Gi" }, maxConnections: 500 },
      identifier: "groundwork-prod-shop",
      instanceClass: "db.r8g.large",
      places: regions.map((region, index) => place(region, index === 0 ? "primary" : "failover")) as [AuroraPlace],
      pooling: "rds-proxy",
      monitoring: { interval: 60, insights: "standard" },
      backupTags: { "groundwork:backup": "daily" },
      protect: true,
      ...change,
    });
  }, DATA_OUTPUTS);
  return { resources, database: database as unknown as AuroraGlobal };
}

const ofType = (resources: readonly Registered[], type: string) => resources.filter((each) => each.type === type);
const one = (resources: readonly Registered[], type: string, name: RegExp) =>
  ofType(resources, type).find((each) => name.test(each.name));

describe("an Aurora global database", () => {
  let resources: readonly Registered[];
  let database: AuroraGlobal;
  before(async () => {
    ({ resources, database } = await deployed());
  });

  it("forwards writes from every cluster, also from the writer's once it is a follower", () => {
    const clusters = ofType(resources, "aws:rds/cluster:Cluster");
    assert.equal(clusters.length, 2);
    for (const { inputs } of clusters) assert.equal(inputs["enableGlobalWriteForwarding"], true);
  });

  it("is pooled where the writer is, and nowhere else", async () => {
    assert.deepEqual(
      ofType(resources, "aws:rds/proxy:Proxy").map(({ name }) => name),
      ["shop-postgres-us-west-2-proxy"],
    );
    const { "us-west-2": west, "us-east-1": east } = database.regions;
    assert.equal(west?.pooled?.mode, "transaction");
    assert.equal(await shown(west.pooled.host), "shop-postgres-us-west-2-proxy.proxy.example");
    assert.equal(east?.pooled, undefined);
    assert.equal(await shown(east?.writer.host), "shop-postgres-us-east-1.reader.example");
  });

  it("gives the proxy its password through Secrets Manager, encrypted with the region's key, and TLS to its clients", () => {
    const secret = one(resources, "aws:secretsmanager/secret:Secret", /proxy-secret/);
    assert.equal(secret?.inputs["kmsKeyId"], "arn:aws:kms:us-west-2:123456789012:key/1");
    const proxy = one(resources, "aws:rds/proxy:Proxy", /./);
    assert.equal(proxy?.inputs["requireTls"], true);
    const value = one(resources, "aws:secretsmanager/secretVersion:SecretVersion", /./)?.inputs["secretString"];
    // what the mocks are shown of a secret is its envelope
    assert.match(JSON.stringify(value), /4dabf18193072939515e22adb298388d|drawn-password/);
  });

  it("is opened to the nodes and to the proxy, and to nobody else", () => {
    const rules = ofType(resources, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule");
    assert.deepEqual(rules.map(({ name }) => name).sort(), [
      "shop-postgres-us-east-1-from-nodes",
      "shop-postgres-us-west-2-from-nodes",
      "shop-postgres-us-west-2-proxy-from-nodes",
      "shop-postgres-us-west-2-proxy-into-database",
    ]);
    for (const { inputs } of rules) assert.ok(inputs["referencedSecurityGroupId"], "no block of addresses");
  });

  it("tells of lag, of the global one where the followers are", () => {
    const alarms = ofType(resources, "aws:cloudwatch/metricAlarm:MetricAlarm");
    const named = (region: string) =>
      alarms.filter(({ name }) => name.includes(region)).map(({ inputs }) => inputs["metricName"]);
    assert.deepEqual(named("us-west-2"), ["AuroraReplicaLagMaximum", "CPUUtilization"]);
    assert.deepEqual(named("us-east-1"), ["AuroraReplicaLagMaximum", "CPUUtilization", "AuroraGlobalDBReplicationLag"]);
    for (const { inputs } of alarms) assert.ok(Array.isArray(inputs["alarmActions"]));
  });

  it("has its primary's cluster selected for backups, and no other", () => {
    const tags = (region: string) => one(resources, "aws:rds/cluster:Cluster", new RegExp(region))?.inputs["tags"];
    assert.deepEqual(tags("us-west-2"), { "groundwork:backup": "daily" });
    assert.deepEqual(tags("us-east-1"), {});
  });

  it("keeps its global cluster in its home when another region leads", async () => {
    const swapped = await deployed({ home: "us-west-2" }, ["us-east-1", "us-west-2"]);
    const providerOf = (all: readonly Registered[]) =>
      /aws-[a-z0-9-]+/.exec(one(all, "aws:rds/globalCluster:GlobalCluster", /./)?.provider ?? "")?.[0];
    assert.equal(providerOf(swapped.resources), providerOf(resources));
    assert.deepEqual(
      ofType(swapped.resources, "aws:rds/proxy:Proxy").map(({ name }) => name),
      ["shop-postgres-us-east-1-proxy"],
    );
  });

  it("costs nothing that was not asked for", async () => {
    const plain = await deployed({ pooling: "none", monitoring: { interval: 0, insights: "standard" } });
    for (const type of ["aws:rds/proxy:Proxy", "aws:secretsmanager/secret:Secret", "aws:iam/role:Role"])
      assert.equal(ofType(plain.resources, type).length, 0, type);
  });

  it("is refused where it cannot be", async () => {
    const cases: [Partial<AuroraGlobalArgs>, RegExp][] = [
      [{ instanceClass: "db.t4g.medium" }, /instance class of shop-postgres is "db.t4g.medium"/],
      [{ home: "eu-west-1" }, /home of shop-postgres is "eu-west-1", which is none of its regions/],
      [{ monitoring: { interval: 7, insights: "standard" } }, /interval of shop-postgres is 7; write one of 0, 1/],
    ];
    for (const [change, says] of cases) await assert.rejects(deployed(change), says);
  });

  it("says how another region takes over, planned and not", () => {
    const [failover, swap] = database.promotionSteps("us-east-1");
    assert.ok(failover !== undefined && "command" in failover.how);
    assert.match(failover.how.command, /failover-global-cluster --region us-east-1 .*--allow-data-loss$/);
    assert.match(failover.loses, /AuroraGlobalDBReplicationLag/);
    assert.ok(swap !== undefined && "config" in swap.how);
    const [planned] = database.promotionSteps("us-east-1", true);
    assert.ok(planned !== undefined && "command" in planned.how);
    assert.match(planned.how.command, /switchover-global-cluster --region us-west-2/);
    assert.match(planned.loses, /^nothing/);
    assert.throws(() => database.promotionSteps("us-west-2"), /from us-west-2 to us-west-2/);
  });
});

describe("the parameters of an Aurora cluster", () => {
  it("are what PostgreSQL's own notation says, in the units that RDS takes", () => {
    const size = { cpu: 1, memory: "1Gi" } as const;
    assert.deepEqual(auroraParameters({ database: "a", size, maxConnections: 200, parameters: { work_mem: "4MB" } }), {
      "rds.force_ssl": "1",
      max_connections: "200",
      work_mem: "4096",
    });
    const more = auroraParameters({
      database: "a",
      size,
      parameters: { shared_buffers: "1GB", random_page_cost: "1.1" },
    });
    assert.equal(more["shared_buffers"], "131072");
    assert.equal(more["random_page_cost"], "1.1");
  });
});
