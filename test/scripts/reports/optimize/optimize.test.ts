import assert from "node:assert/strict";
import type { CapacityReport, NodeCapacity } from "@groundwork/lib/capacity-report";
import type { DesiredResource } from "@groundwork/lib/desired-state";
import { costOf } from "@groundwork/lib/pricing/price";
import { ownPrices } from "@groundwork/lib/pricing/table";
import type { UsageAssumptions } from "@groundwork/lib/pricing/usage";
import { optimize } from "../../../../scripts/reports/optimize/optimize.ts";
import type { Proposal } from "../../../../scripts/reports/optimize/proposal.ts";
import { renderProposals } from "../../../../scripts/reports/optimize/render.ts";
import { made } from "../../../lib/pricing/environment.ts";

const PRICES = ownPrices();

function proposals(
  resources: readonly DesiredResource[],
  {
    stack = "prod",
    usage = {},
    nodes = [],
    model = {},
  }: {
    stack?: string;
    usage?: UsageAssumptions;
    nodes?: readonly NodeCapacity[];
    model?: Partial<CapacityReport>;
  } = {},
): readonly Proposal[] {
  const capacity: CapacityReport = {
    stack,
    places: [],
    nodes,
    throughput: [],
    projection: { months: 0, series: [], reached: [] },
    notes: [],
    ...model,
  };
  return optimize({ resources, cost: costOf(resources, usage, PRICES, stack), capacity, prices: PRICES });
}

function of(rule: string, found: readonly Proposal[]): Proposal {
  const proposal = found.find((each) => each.rule === rule);
  assert.ok(proposal, `${rule} is not among ${found.map((each) => each.rule).join(", ")}`);
  return proposal;
}

function has(rule: string, found: readonly Proposal[]): boolean {
  return found.some((each) => each.rule === rule);
}

function group(type: string, desired = 4): DesiredResource {
  return made("aws:eks/nodeGroup:NodeGroup", "nodes", {
    instanceTypes: [type],
    diskSize: 20,
    scalingConfig: { minSize: 2, desiredSize: desired, maxSize: 9 },
  });
}

const AURORA = [
  made("aws:rds/cluster:Cluster", "db", { engine: "aurora-postgresql", masterUsername: "shop" }),
  made(
    "aws:rds/clusterInstance:ClusterInstance",
    "db-0",
    { engine: "aurora-postgresql", instanceClass: "db.r8g.large" },
    { from: ["db"] },
  ),
];

describe("what makes a stack cheaper", () => {
  it("is to commit to machines, databases and caches that always run", () => {
    const cache = made("aws:elasticache/replicationGroup:ReplicationGroup", "cache", {
      engine: "valkey",
      nodeType: "cache.m7g.large",
      numNodeGroups: 1,
      replicasPerNodeGroup: 1,
    });
    const found = proposals([group("m7g.large"), cache, ...AURORA]);
    // 4 x 730 x 0.0816 = 238.27, of which 40 %; 730 x 0.276 = 201.48, of which 30 %; 2 x 730 x 0.1264 = 184.54, of which 31.6 %
    assert.deepEqual(
      [of("reserved-compute", found), of("reserved-database", found), of("reserved-cache", found)].map(
        ({ savingCents }) => savingCents,
      ),
      [9531, 6044, 5831],
    );
    assert.match(of("reserved-compute", found).change, /Compute Savings Plan of US\$ 0\.20 an hour/);
  });

  it("is to take Graviton machines, or what follows an old family", () => {
    const found = proposals([group("m7i.xlarge")]);
    // 4 x 730 x (0.2016 - 0.1632)
    assert.equal(of("graviton", found).savingCents, 58867 - 47654);
    assert.match(of("graviton", found).change, /instanceTypes of nodes .*"m7g\.xlarge"/);
    assert.equal(has("graviton", proposals([group("m7g.xlarge")])), false);
    assert.equal(of("previous-generation", proposals([group("m4.xlarge")])).area, "compute");
  });

  it("names the key of the configuration where the program is Groundwork's", () => {
    const ours = { ...made("groundwork:cluster:RegionalCluster", "cluster"), custom: false };
    assert.equal(
      of("graviton", proposals([group("m7i.xlarge"), ours])).change,
      "groundwork:nodes: { instanceType: m7g.xlarge }",
    );
  });

  it("is gp3 in the place of gp2", () => {
    const disk = made("aws:ebs/volume:Volume", "disk", { type: "gp2", size: 500 });
    assert.equal(of("previous-generation", proposals([disk])).savingCents, 1000);
  });

  it("is to let go nodes that no pod needs", () => {
    const nodes = [
      {
        region: "us-west-2",
        name: "nodes",
        instanceType: "m7g.large",
        count: { min: 4, max: 9 },
        needed: { min: 3, max: 6 },
      },
    ];
    const found = proposals([group("m7g.large")], { nodes });
    assert.equal(of("idle-nodes", found).savingCents, 5957);
    assert.match(of("idle-nodes", found).change, /desiredSize of nodes .*: 3/);
    assert.equal(has("idle-nodes", proposals([group("m7g.large", 3)], { nodes })), false);
  });

  it("is to request fewer cores where the busiest region leaves most of them idle", () => {
    const region = "us-west-2";
    const range = { min: 0, max: 0 };
    /** Two replicas of up to four, which carry 1,000 requests a second together; asked `load` at the end. */
    const model = (load: number, figure = "cpuSeconds"): Partial<CapacityReport> => ({
      places: [
        {
          ...{ system: "shop", region, replicas: range, vcpu: range, memory: range, gpus: range, storage: 0, iops: 0 },
          managed: { vcpu: 0, memory: 0 },
          connections: { wanted: 0, limit: 0 },
          workloads: [{ name: "api", replicas: { min: 2, max: 4 }, vcpu: 1, memory: 0 }],
        },
      ],
      throughput: [
        {
          ...{ system: "shop", region, requestsPerSecond: 1000, concurrentUsers: 0 },
          saturatesFirst: { part: "api", why: "" },
          parts: [
            {
              part: "api",
              requestsPerSecond: 1000,
              why: "",
              figures: [{ name: figure, value: 1, source: "measured" }],
            },
          ],
        },
      ],
      projection: {
        months: 6,
        series: [{ system: "shop", region, measure: "requests a second", limit: 1000, values: [1, load] }],
        reached: [],
      },
    });
    const nodes = [
      { region, name: "nodes", instanceType: "m7g.large", count: { min: 4, max: 9 }, needed: { min: 4, max: 6 } },
    ];
    // 100 of 500: 20 %, so 0.4 cores are half used; a core costs 730 x 0.0816 / 2 = 29.784; 2 x 0.6 of them
    const found = of("requested-cores", proposals([group("m7g.large")], { nodes, model: model(100) }));
    assert.equal(found.savingCents, 3574);
    assert.match(found.what, /request 0\.4 cores instead of 1: 6 months ahead they are asked for 20 %/);
    assert.equal(found.change, "resources.requests.cpu of api (shop): 0.4");
    // a quarter is kept however little is asked
    assert.match(of("requested-cores", proposals([group("m7g.large")], { nodes, model: model(1) })).change, /: 0\.25$/);
    for (const none of [model(200), model(900), model(1, "concurrency")])
      assert.equal(has("requested-cores", proposals([group("m7g.large")], { nodes, model: none })), false);
  });

  it("is to stop at night what is no production", () => {
    assert.equal(has("schedules", proposals([group("m7g.large")])), false);
    const found = proposals([group("m7g.large")], { stack: "staging" });
    // 238.27 x (1 - 50 / 168)
    assert.equal(of("schedules", found).savingCents, 16736);
  });

  it("is to move objects that are seldom read, where no lifecycle does", () => {
    const bucket = made("aws:s3/bucket:Bucket", "files");
    // 50 GB x 0.023 = 1.15, of which 25 %
    assert.equal(of("storage-tiering", proposals([bucket])).savingCents, 29);
    const rules = [{ id: "all", status: "Enabled", transitions: [{ days: 90, storageClass: "GLACIER_IR" }] }];
    const lifecycle = made(
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
      "rules",
      { rules },
      { from: ["files"] },
    );
    assert.equal(has("storage-tiering", proposals([bucket, lifecycle])), false);
  });

  it("is I/O-Optimized storage where requests cost more than it does", () => {
    assert.equal(has("aurora-storage", proposals(AURORA)), false);
    const busy = proposals(AURORA, { usage: { default: { databaseIoMillions: 1000, databaseGb: 100 } } });
    // 201.48 + 10.00 + 200.00 against 730 x 0.3588 = 261.92 + 22.50
    assert.equal(of("aurora-storage", busy).savingCents, 20148 + 1000 + 20000 - 26192 - 2250);
    assert.match(of("aurora-storage", busy).change, /storageType of db .*: aurora-iopt1/);
  });

  it("is I/O-Optimized storage of serverless databases only where it costs less with their capacity, too", () => {
    const serverless = (minCapacity: number) => [
      made("aws:rds/cluster:Cluster", "db", {
        engine: "aurora-postgresql",
        masterUsername: "shop",
        serverlessv2ScalingConfiguration: { minCapacity, maxCapacity: 16 },
      }),
      made(
        "aws:rds/clusterInstance:ClusterInstance",
        "one",
        { engine: "aurora-postgresql", instanceClass: "db.serverless" },
        { from: ["db"] },
      ),
    ];
    const usage = { default: { databaseIoMillions: 200, databaseGb: 100 } };
    // 8 x 730 x (0.156 - 0.12) = 210.24 more and 12.50 more for the storage, against 40.00 for requests
    assert.equal(has("aurora-storage", proposals(serverless(8), { usage })), false);
    // 0.5 x 730: 43.80 + 10.00 + 40.00 against 56.94 + 22.50
    const small = proposals(serverless(0.5), { usage });
    assert.equal(of("aurora-storage", small).savingCents, 4380 + 1000 + 4000 - 5694 - 2250);
  });

  it("is to keep logs for a month", () => {
    const logs = (retentionInDays?: number) =>
      made("aws:cloudwatch/logGroup:LogGroup", "logs", retentionInDays === undefined ? {} : { retentionInDays });
    // 10 GB: 12 months instead of 1, at 0.03
    assert.equal(of("log-retention", proposals([logs()])).savingCents, 330);
    assert.equal(has("log-retention", proposals([logs(30)])), false);
  });

  it("is to have the traffic to S3 not pass a NAT gateway", () => {
    const nat = made("aws:ec2/natGateway:NatGateway", "nat");
    const usage = { default: { natGb: 1000 } };
    assert.equal(of("gateway-endpoints", proposals([nat], { usage })).savingCents, 900);
    const endpoint = made("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", {
      serviceName: "com.amazonaws.us-west-2.s3",
      vpcEndpointType: "Gateway",
    });
    assert.equal(has("gateway-endpoints", proposals([nat, endpoint], { usage })), false);
  });

  it("is to have no interface endpoint whose traffic does not pay for it", () => {
    const nat = made("aws:ec2/natGateway:NatGateway", "nat");
    const endpoint = made("aws:ec2/vpcEndpoint:VpcEndpoint", "ecr", {
      vpcEndpointType: "Interface",
      subnetIds: ["a", "b"],
    });
    // 14.60 + 0.10 against 10 GB x 0.045
    assert.equal(of("interface-endpoints", proposals([nat, endpoint])).savingCents, 1460 + 10 - 45);
    assert.equal(
      has("interface-endpoints", proposals([nat, endpoint], { usage: { default: { endpointGb: 5000 } } })),
      false,
    );
    assert.equal(has("interface-endpoints", proposals([endpoint])), false);
  });

  it("comes with its risk, the line to change and a source, the largest saving first", () => {
    const found = proposals([
      group("m7i.xlarge"),
      ...AURORA,
      made("aws:cloudwatch/logGroup:LogGroup", "logs"),
      made("aws:ec2/natGateway:NatGateway", "nat"),
    ]);
    for (const { rule, riskWhy, change, source, savingCents } of found) {
      assert.ok(savingCents > 0 && change !== "", rule);
      assert.match(riskWhy, /\.$/);
      assert.match(source, /^https:\/\//);
    }
    assert.deepEqual(
      found,
      found.toSorted((a, b) => b.savingCents - a.savingCents),
    );
  });

  it("is told one by one from a dollar, and in one line below", () => {
    const buckets = ["a", "b"].map((name) => made("aws:s3/bucket:Bucket", name));
    const gateway = made("aws:ec2/natGateway:NatGateway", "nat");
    const found = proposals([...buckets, gateway], { usage: { default: { natGb: 1000 } } });
    const text = renderProposals("prod", 10_000, found);
    assert.match(text, /^US\$ 9\.00 a month: Give the VPC/m);
    assert.match(text, /^2 more of less than US\$ 1\.00 each, US\$ 0\.58 together: --json lists them\.$/m);
    assert.doesNotMatch(text, /storage-tiering/);
  });

  it("is nothing where nothing is paid", () => assert.deepEqual(proposals([made("aws:iam/role:Role", "role")]), []));
});
