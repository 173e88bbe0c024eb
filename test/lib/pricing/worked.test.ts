import assert from "node:assert/strict";
import type { DesiredResource } from "@groundwork/lib/desired-state";
import { costOf, type ExtraNodes } from "@groundwork/lib/pricing/price";
import { ownPrices } from "@groundwork/lib/pricing/table";
import type { UsageAssumptions } from "@groundwork/lib/pricing/usage";
import { REGION, made } from "./environment.ts";

interface Worked {
  readonly name: string;
  readonly resources: readonly DesiredResource[];
  readonly usage?: UsageAssumptions;
  readonly extra?: readonly ExtraNodes[];
  /** The sum as a person works it out: each amount is rounded to a cent, then added. */
  readonly byHand: () => number;
}

/** US dollars of one unit, as the table of this repository has it. */
function usd(id: string, region = REGION): number {
  const price = ownPrices().find(id, region);
  assert.ok(price, `${id} in ${region}`);
  return price.usd;
}

/** An amount in cents, rounded half up, by way of text: not the way the code does it. */
function cents(dollars: number): number {
  const [whole = "0", rest = ""] = dollars.toFixed(8).split(".");
  return Number(whole) * 100 + Number(rest.slice(0, 2)) + (rest.charAt(2) >= "5" ? 1 : 0);
}

const NODES = made("aws:ec2/launchTemplate:LaunchTemplate", "nodes-template", {
  blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { volumeSize: 50, volumeType: "gp3" } }],
});

function nodeGroup(desired: number, type = "m7i.xlarge"): readonly DesiredResource[] {
  const inputs = { instanceTypes: [type], scalingConfig: { desiredSize: desired, minSize: 1, maxSize: 10 } };
  return [NODES, made("aws:eks/nodeGroup:NodeGroup", "nodes", inputs, { from: ["nodes-template"] })];
}

function aurora(
  instances: number,
  more: Record<string, unknown> = {},
  of: Record<string, unknown> = {},
): readonly DesiredResource[] {
  const cluster = { engine: "aurora-postgresql", masterUsername: "shop", backupRetentionPeriod: 1, ...more };
  const instance = { engine: "aurora-postgresql", instanceClass: "db.r8g.large", ...of };
  return [
    made("aws:rds/cluster:Cluster", "db", cluster),
    ...Array.from({ length: instances }, (_, index) =>
      made("aws:rds/clusterInstance:ClusterInstance", `db-${index}`, instance, { from: ["db"] }),
    ),
  ];
}

const NOTHING: UsageAssumptions = { default: { databaseIoMillions: 0, databaseGb: 0 } };

/** Versions whose standard support ended years before any table of prices, and one whose support has not ended. */
const CONTROL_PLANES = [
  made("aws:eks/cluster:Cluster", "old", { version: "1.29" }),
  made("aws:eks/cluster:Cluster", "older", { version: "1.21" }),
  made("aws:eks/cluster:Cluster", "upgraded", { version: "1.29", upgradePolicy: { supportType: "STANDARD" } }),
  made("aws:eks/cluster:Cluster", "new", { version: "1.99" }),
];

const WORKED: readonly Worked[] = [
  {
    name: "control planes out of standard support",
    resources: CONTROL_PLANES,
    usage: { default: { crossZoneGb: 0 } },
    byHand: () => 2 * cents(730 * usd("eks/extended")) + 2 * cents(730 * usd("eks/hours")),
  },
  {
    name: "a control plane, with the traffic between its zones",
    resources: [made("aws:eks/cluster:Cluster", "cluster")],
    // 730 h x 0.10 = 73.00, 500 GB x 0.01 = 5.00
    byHand: () => cents(730 * usd("eks/hours")) + cents(500 * usd("transfer/zones")),
  },
  {
    name: "four nodes with disks of 50 GiB",
    resources: nodeGroup(4),
    // 4 x 730 h x 0.2016 = 588.672, 4 x 50 GiB x 0.08 = 16.00
    byHand: () => cents(4 * 730 * usd("ec2/m7i.xlarge")) + cents(4 * 50 * usd("ebs/gp3")),
  },
  {
    name: "nodes that an autoscaler adds",
    resources: nodeGroup(2, "m7g.large"),
    extra: [{ region: REGION, name: "workloads", instanceType: "c7g.2xlarge", count: 3, disk: 60 }],
    // 2 x 730 x 0.0816, 2 x 50 x 0.08; 3 x 730 x 0.29, 3 x 60 x 0.08
    byHand: () =>
      cents(1460 * usd("ec2/m7g.large")) +
      cents(100 * usd("ebs/gp3")) +
      cents(2190 * usd("ec2/c7g.2xlarge")) +
      cents(180 * usd("ebs/gp3")),
  },
  {
    name: "a NAT gateway with its address",
    resources: [
      made("aws:ec2/eip:Eip", "ip", { domain: "vpc" }),
      made("aws:ec2/natGateway:NatGateway", "nat", {}, { from: ["ip"] }),
    ],
    usage: { shared: { natGb: 1234 } },
    // 730 x 0.005 = 3.65, 730 x 0.045 = 32.85, 1,234 x 0.045 = 55.53
    byHand: () => cents(730 * usd("ipv4")) + cents(730 * usd("nat/hours")) + cents(1234 * usd("nat/gb")),
  },
  {
    name: "a public balancer whose traffic passes the first tier",
    resources: [
      made("aws:lb/loadBalancer:LoadBalancer", "web", {
        loadBalancerType: "application",
        internal: false,
        subnets: ["a", "b", "c"],
      }),
    ],
    usage: { default: { internetGb: 12_000, balancerUnits: 2.5 } },
    // 730 x 0.0225; 2.5 x 730 x 0.008; 3 x 730 x 0.005; 10,240 GB x 0.09 and 1,760 GB x 0.085
    byHand: () =>
      cents(730 * usd("alb/hours")) +
      cents(2.5 * 730 * usd("alb/lcu")) +
      cents(3 * 730 * usd("ipv4")) +
      cents(10_240 * usd("transfer/out-1")) +
      cents(1760 * usd("transfer/out-2")),
  },
  {
    name: "network balancers: addresses of one's own are paid once, an internal one has none",
    resources: [
      made("aws:ec2/eip:Eip", "ip", { domain: "vpc" }),
      made(
        "aws:lb/loadBalancer:LoadBalancer",
        "tcp",
        { loadBalancerType: "network", subnetMappings: [{ subnetId: "a" }] },
        { from: ["ip"], unknown: ["subnetMappings[0].allocationId"] },
      ),
      made("aws:lb/loadBalancer:LoadBalancer", "inner", {
        loadBalancerType: "network",
        internal: true,
        subnets: ["a", "b"],
      }),
    ],
    usage: { default: { internetGb: 100 } },
    // 730 x 0.005 = 3.65; twice 730 x 0.0225 = 16.43 (16.425) and 730 x 0.006 = 4.38; 100 GB x 0.09 = 9.00
    byHand: () =>
      cents(730 * usd("ipv4")) +
      2 * (cents(730 * usd("nlb/hours")) + cents(730 * usd("nlb/lcu"))) +
      cents(100 * usd("transfer/out-1")),
  },
  {
    name: "endpoints: three zones are paid three times, a gateway endpoint never",
    resources: [
      made("aws:ec2/vpcEndpoint:VpcEndpoint", "ecr", { vpcEndpointType: "Interface", subnetIds: ["a", "b", "c"] }),
      made("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", { vpcEndpointType: "Gateway", routeTableIds: ["r"] }),
    ],
    // 3 x 730 x 0.01 = 21.90, 10 GB x 0.01 = 0.10
    byHand: () => cents(3 * 730 * usd("endpoint/hours")) + cents(10 * usd("endpoint/gb")),
  },
  {
    name: "an Aurora cluster of a writer and a reader, with what it stores, reads and keeps",
    resources: aurora(
      2,
      { backupRetentionPeriod: 14, enabledCloudwatchLogsExports: ["postgresql"] },
      { monitoringInterval: 60 },
    ),
    usage: { default: { databaseGb: 120, databaseIoMillions: 33 } },
    // per instance: 730 x 0.276 = 201.48, 0.3 GB x 0.50; 120 GB x 0.10, 33 M x 0.20, 50 GB x 0.021, 2 GB x 0.50
    byHand: () =>
      2 * cents(730 * usd("aurora/db.r8g.large")) +
      2 * cents(0.3 * usd("logs/ingest")) +
      cents(120 * usd("aurora/storage")) +
      cents(33 * usd("aurora/requests")) +
      cents(50 * usd("aurora/backup")) +
      cents(2 * usd("logs/ingest")),
  },
  {
    name: "an I/O-Optimized cluster, which pays no requests, with advanced insights",
    resources: aurora(1, { storageType: "aurora-iopt1", databaseInsightsMode: "advanced" }),
    usage: { default: { databaseGb: 500 } },
    // 730 x 0.3588; 500 GB x 0.225; 2 vCPUs x 730 x 0.0125
    byHand: () =>
      cents(730 * usd("aurora-io/db.r8g.large")) +
      cents(500 * usd("aurora-io/storage")) +
      cents(2 * 730 * usd("rds/insights")),
  },
  {
    name: "a proxy before three databases of two vCPUs",
    resources: [
      ...aurora(3),
      made("aws:rds/proxy:Proxy", "proxy"),
      made("aws:rds/proxyTarget:ProxyTarget", "target", {}, { from: ["proxy", "db"] }),
    ],
    usage: NOTHING,
    // 3 x 730 x 0.276; 6 vCPUs x 730 x 0.015 = 65.70
    byHand: () => 3 * cents(730 * usd("aurora/db.r8g.large")) + cents(6 * 730 * usd("rds/proxy")),
  },
  {
    name: "a serverless secondary of a global database",
    resources: aurora(
      1,
      {
        masterUsername: undefined,
        globalClusterIdentifier: "shop",
        serverlessv2ScalingConfiguration: { minCapacity: 0.5, maxCapacity: 16 },
      },
      { instanceClass: "db.serverless" },
    ),
    usage: { default: { databaseGb: 10, databaseIoMillions: 0, replicatedWriteMillions: 7, replicatedGb: 3 } },
    // 0.5 x 730 x 0.12; 10 GB x 0.10; 7 M x 0.20; 3 GB x 0.02
    byHand: () =>
      cents(0.5 * 730 * usd("aurora/acu")) +
      cents(10 * usd("aurora/storage")) +
      cents(7 * usd("aurora/replicated")) +
      cents(3 * usd("transfer/regions")),
  },
  {
    name: "a Valkey cluster of three shards with a replica each, beside a single Redis",
    resources: [
      made("aws:elasticache/replicationGroup:ReplicationGroup", "cache", {
        engine: "valkey",
        nodeType: "cache.r7g.large",
        numNodeGroups: 3,
        replicasPerNodeGroup: 1,
      }),
      made("aws:elasticache/replicationGroup:ReplicationGroup", "small", {
        engine: "redis",
        nodeType: "cache.t4g.small",
        numCacheClusters: 1,
      }),
    ],
    // 6 x 730 x 0.1752; 730 x 0.032
    byHand: () => cents(6 * 730 * usd("valkey/cache.r7g.large")) + cents(730 * usd("redis/cache.t4g.small")),
  },
  {
    name: "keys, secrets, logs, alarms and images",
    resources: [
      made("aws:kms/key:Key", "key"),
      made("aws:secretsmanager/secret:Secret", "secret", { name: "login" }),
      made("aws:cloudwatch/logGroup:LogGroup", "logs", { retentionInDays: 90 }),
      made("aws:cloudwatch/metricAlarm:MetricAlarm", "alarm", {
        metricQueries: [
          { id: "e", expression: "a+b" },
          { id: "a", metric: {} },
          { id: "b", metric: {} },
        ],
      }),
      made("aws:ecr/repository:Repository", "images"),
    ],
    // 1.00 + 10 x 0.03; 0.40 + 1 x 0.05; 10 GB x 0.50 + 30 GB x 0.03; 2 metrics x 0.10; 5 GB x 0.10
    byHand: () =>
      cents(usd("kms/key")) +
      cents(10 * usd("kms/requests")) +
      cents(usd("secrets/secret")) +
      cents(usd("secrets/requests")) +
      cents(10 * usd("logs/ingest")) +
      cents(30 * usd("logs/storage")) +
      cents(2 * usd("cloudwatch/alarm")) +
      cents(5 * usd("ecr/storage")),
  },
  {
    name: "a replicated bucket, and disks with more than their type includes",
    resources: [
      made("aws:s3/bucket:Bucket", "files"),
      made("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "copies", {
        rules: [{ destination: { replicationTime: { status: "Enabled" } } }],
      }),
      made("aws:ebs/volume:Volume", "disk", { type: "gp3", size: 200, iops: 5000, throughput: 250 }),
    ],
    // 50 x 0.023, 100 x 0.005, 1,000 x 0.0004; 20 x 0.02, 20 x 0.015; 200 x 0.08, 2,000 x 0.005, 125 x 0.04
    byHand: () =>
      cents(50 * usd("s3/STANDARD")) +
      cents(100 * usd("s3/put")) +
      cents(1000 * usd("s3/get")) +
      cents(20 * usd("transfer/regions")) +
      cents(20 * usd("s3/replication-time")) +
      cents(200 * usd("ebs/gp3")) +
      cents(2000 * usd("ebs/gp3-iops")) +
      cents(125 * usd("ebs/gp3-throughput")),
  },
  {
    name: "a RabbitMQ cluster of Amazon MQ",
    resources: [
      made("aws:mq/broker:Broker", "queue", {
        engineType: "RabbitMQ",
        hostInstanceType: "mq.m7g.large",
        deploymentMode: "CLUSTER_MULTI_AZ",
      }),
    ],
    // 3 x 730 x 0.2734; 3 x 20 GB x 0.10
    byHand: () => cents(3 * 730 * usd("mq/mq.m7g.large")) + cents(60 * usd("mq/storage")),
  },
  {
    name: "what GuardDuty reads: events, flow logs, objects, audit logs, and logins of two databases of two vCPUs",
    resources: [
      ...aurora(2),
      made("aws:guardduty/detector:Detector", "threats"),
      ...["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "RDS_LOGIN_EVENTS"].map((feature) =>
        made("aws:guardduty/detectorFeature:DetectorFeature", feature, { name: feature, status: "ENABLED" }),
      ),
      made("aws:guardduty/detectorFeature:DetectorFeature", "off", {
        name: "EBS_MALWARE_PROTECTION",
        status: "DISABLED",
      }),
    ],
    usage: NOTHING,
    // 1 M x 4.00, 20 GB x 1.00; 1 M x 0.80; 5 M x 1.60; 4 vCPUs x 1.00; 2 x 730 x 0.276
    byHand: () =>
      cents(usd("guardduty/events")) +
      cents(20 * usd("guardduty/flows")) +
      cents(usd("guardduty/s3")) +
      cents(5 * usd("guardduty/eks")) +
      cents(4 * usd("guardduty/rds")) +
      2 * cents(730 * usd("aurora/db.r8g.large")),
  },
  {
    name: "a Cloudflare zone with three endpoints behind its balancers, and Argo",
    resources: [
      made("cloudflare:index/zoneSetting:ZoneSetting", "tls", { zoneId: "z", settingId: "ssl" }),
      made("cloudflare:index/ruleset:Ruleset", "cache", { zoneId: "z" }),
      made("cloudflare:index/loadBalancerPool:LoadBalancerPool", "pool-a", { origins: [{}, {}] }),
      made("cloudflare:index/loadBalancerPool:LoadBalancerPool", "pool-b", { origins: [{}] }),
      made("cloudflare:index/argoSmartRouting:ArgoSmartRouting", "argo", { zoneId: "z", value: "on" }),
    ],
    usage: { shared: { cloudflarePlan: "business", cdnGb: 10 } },
    // 250.00 for the zone; 5.00 with two endpoints, 5.00 for the third; 5.00 + 10 GB x 0.10
    byHand: () =>
      cents(usd("cloudflare/business", "global")) +
      cents(usd("cloudflare/load-balancing", "global")) +
      cents(usd("cloudflare/endpoint", "global")) +
      cents(usd("cloudflare/argo", "global")) +
      cents(10 * usd("cloudflare/argo-gb", "global")),
  },
];

describe("costs of worked environments", () => {
  for (const { name, resources, usage = {}, extra = [], byHand } of WORKED) {
    it(name, () => {
      const report = costOf(resources, usage, ownPrices(), "shop", extra);
      assert.deepEqual(report.notPriced, []);
      assert.equal(report.totalCents, byHand());
    });
  }
});
