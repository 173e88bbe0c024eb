import assert from "node:assert/strict";
import type { Properties } from "../../../../scripts/rehearsal/clouds/table.ts";
import { Cloud } from "./cloud.ts";
import { refuses } from "./refusals.ts";
import { role, scenery } from "./scenery.ts";

const PROXY = "aws:rds/proxy:Proxy";
const GROUP = "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup";
const TARGET = "aws:rds/proxyTarget:ProxyTarget";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const TOPIC = "aws:sns/topic:Topic";
const SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription";

const setting = () => {
  const cloud = new Cloud();
  const around = scenery(cloud);
  const secret = cloud.make("aws:secretsmanager/secret:Secret", { name: "login" });
  const inputs: Properties = {
    name: "pool",
    engineFamily: "POSTGRESQL",
    roleArn: role(cloud, "proxy", "rds.amazonaws.com").properties["arn"],
    vpcSubnetIds: around.subnetIds,
    vpcSecurityGroupIds: [around.group.id],
    auths: [{ authScheme: "SECRETS", secretArn: secret.id, iamAuth: "DISABLED" }],
  };
  return { cloud, around, inputs };
};

describe("AWS: RDS Proxy", () => {
  refuses(PROXY, setting, [
    ["a name with two hyphens in a row", { name: "my--pool" }, /single hyphens/],
    ["an engine of the cluster's kind", { engineFamily: "aurora-postgresql" }, /POSTGRESQL/],
    ["no login", { auths: [] }, /name a secret with the login/],
    ["an unknown way in", { auths: [{ authScheme: "PASSWORD" }] }, /SECRETS/],
    ["a client that waits forever", { idleClientTimeout: 30_000 }, /1 to 28800/],
    [
      "a secret that does not exist",
      { auths: [{ secretArn: "arn:aws:secretsmanager:us-west-2:1:secret:x" }] },
      /nothing has this arn/,
    ],
  ]);

  it("needs two zones", () => {
    const { cloud, around, inputs } = setting();
    const refused = cloud.refusals(PROXY, { ...inputs, vpcSubnetIds: around.subnetIds.slice(0, 1) });
    assert.match(refused[0] ?? "", /InvalidSubnet: .*at least 2 zones/);
  });

  it("has an endpoint of its region", () => {
    const { cloud, inputs } = setting();
    const made = cloud.make(PROXY, inputs);
    assert.match(String(made.properties["endpoint"]), /^pool\.proxy-c[0-9a-f]{11}\.us-west-2\.rds\.amazonaws\.com$/);
    assert.match(cloud.refusals(PROXY, inputs)[0] ?? "", /DBProxyAlreadyExistsFault/);
  });

  it("is pointed at a cluster once that has an instance", () => {
    const { cloud, around, inputs } = setting();
    cloud.make(PROXY, inputs);
    const subnets = cloud.make("aws:rds/subnetGroup:SubnetGroup", { name: "main", subnetIds: around.subnetIds });
    const cluster = cloud.make("aws:rds/cluster:Cluster", {
      engine: "aurora-postgresql",
      clusterIdentifier: "main",
      masterUsername: "groundwork",
      masterPassword: "a-long-password",
      dbSubnetGroupName: subnets.id,
      skipFinalSnapshot: true,
    });
    const target: Properties = { dbProxyName: "pool", targetGroupName: "default", dbClusterIdentifier: cluster.id };
    assert.match(cloud.refusals(TARGET, target)[0] ?? "", /main has no instance yet/);
    const instance = { clusterIdentifier: cluster.id, engine: "aurora-postgresql", instanceClass: "db.r8g.large" };
    cloud.make("aws:rds/clusterInstance:ClusterInstance", instance);
    assert.deepEqual(cloud.refusals(TARGET, target), []);
    assert.match(cloud.refusals(TARGET, { ...target, dbClusterIdentifier: undefined })[0] ?? "", /either a cluster or/);
    assert.match(cloud.refusals(TARGET, { ...target, targetGroupName: "mine" })[0] ?? "", /default/);
  });

  it("keeps fewer idle connections than connections", () => {
    const { cloud, inputs } = setting();
    cloud.make(PROXY, inputs);
    const pool = { maxConnectionsPercent: 40, maxIdleConnectionsPercent: 50 };
    assert.match(
      cloud.refusals(GROUP, { dbProxyName: "pool", connectionPoolConfig: pool })[0] ?? "",
      /50 is above maxConnectionsPercent 40/,
    );
  });
});

describe("AWS: alarms and who is told", () => {
  const alarm = (): { cloud: Cloud; inputs: Properties } => ({
    cloud: new Cloud(),
    inputs: {
      name: "lag",
      namespace: "AWS/RDS",
      metricName: "AuroraReplicaLagMaximum",
      statistic: "Maximum",
      comparisonOperator: "GreaterThanThreshold",
      threshold: 5000,
      period: 60,
      evaluationPeriods: 5,
    },
  });
  refuses(ALARM, alarm, [
    ["an unknown comparison", { comparisonOperator: "Above" }, /GreaterThanThreshold/],
    ["half a minute and a bit", { period: 45 }, /multiple of 60/],
    ["no statistic", { statistic: undefined }, /either statistic or extendedStatistic/],
    ["a metric of no namespace", { namespace: undefined }, /name the metric and its namespace/],
    ["more than a week", { evaluationPeriods: 20, period: 86_400 }, /at most a week/],
    ["a topic that does not exist", { alarmActions: ["arn:aws:sns:us-west-2:123456789012:x"] }, /nothing has this arn/],
  ]);

  it("mails to an address, and sends to a topic of the region only", () => {
    const { cloud, inputs } = alarm();
    const topic = cloud.make(TOPIC, { name: "alarms" });
    assert.deepEqual(cloud.refusals(ALARM, { ...inputs, alarmActions: [topic.id] }), []);
    const mail = { topic: topic.id, protocol: "email", endpoint: "ops@example.com" };
    assert.equal(cloud.make(SUBSCRIPTION, mail).properties["pendingConfirmation"], true);
    assert.match(cloud.refusals(SUBSCRIPTION, { ...mail, endpoint: "ops" })[0] ?? "", /does not fit protocol email/);
    assert.match(cloud.refusals(TOPIC, { name: "our alarms" })[0] ?? "", /letters, digits/);
  });
});
