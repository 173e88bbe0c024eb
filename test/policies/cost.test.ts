import assert from "node:assert/strict";
import { logsExpire } from "../../policies/cost/logs-expire.ts";
import { monthlyCostWithinBudget } from "../../policies/cost/monthly-cost-within-budget.ts";
import { nothingUnattached } from "../../policies/cost/nothing-unattached.ts";
import { provisionedOperationsNeeded } from "../../policies/cost/provisioned-operations-needed.ts";
import { typeIsOfPresentGeneration } from "../../policies/cost/type-is-of-present-generation.ts";
import { describePolicy } from "./cases.ts";
import { changed } from "./fixtures.ts";
import { type Fake, UNKNOWN, say } from "./harness.ts";

const WEST: Fake = { type: "pulumi:providers:aws", name: "west", props: { region: "us-west-2" } };

/** Two gateways of the shop, a node group with a disk by its template, and a database. */
const environment: readonly Fake[] = [
  WEST,
  { type: "aws:ec2/natGateway:NatGateway", name: "nat-a", props: { tags: { system: "shop" } }, provider: "west" },
  { type: "aws:ec2/natGateway:NatGateway", name: "nat-b", props: { tags: { system: "shop" } }, provider: "west" },
  {
    type: "aws:ec2/launchTemplate:LaunchTemplate",
    name: "template",
    props: { blockDeviceMappings: [{ ebs: { volumeSize: 100, volumeType: "gp3" } }] },
    provider: "west",
  },
  {
    type: "aws:eks/nodeGroup:NodeGroup",
    name: "nodes",
    props: { instanceTypes: ["m7i.large"], scalingConfig: { minSize: 1, desiredSize: 2, maxSize: 9 } },
    from: { launchTemplate: ["template"] },
    provider: "west",
  },
];

// gateways: 2 x (730 x 0.045 + 100 GB x 0.045) = 74.70; nodes: 2 x 730 x 0.1008 + 200 x 0.08 = 163.17
const budgets = { shop: 100, total: 300 };

describe("cost", () => {
  describePolicy({
    policy: monthlyCostWithinBudget,
    compliant: environment,
    config: { budgets },
    breaks: [
      {
        path: "nodes/scalingConfig/desiredSize",
        value: 4,
        says: /^The environment costs about US\$ 401\.04 a month, above the US\$ 300 of monthly-cost-within-budget\.budgets\.total/,
      },
      {
        path: "nodes/instanceTypes",
        value: ["m7i.xlarge"],
        says: /^The environment costs about US\$ 385\.04 a month, above/,
      },
      { path: "nodes/scalingConfig/desiredSize", value: 2.2, level: "advisory", says: /above 80 % of the US\$ 300/ },
    ],
    passes: [{ path: "nodes/scalingConfig/desiredSize", value: 1 }],
  });

  it("monthly-cost-within-budget looks at each system's own", () => {
    const said = say(monthlyCostWithinBudget, environment, { budgets: { shop: 70, other: 1 } });
    assert.deepEqual(said, [
      "mandatory: System shop costs about US$ 74.70 a month, above the US$ 70 of monthly-cost-within-budget.budgets.shop; take less or raise that budget.",
    ]);
  });

  it("monthly-cost-within-budget says nothing without a budget, and takes one by stack", () => {
    assert.deepEqual(say(monthlyCostWithinBudget, environment), []);
    const config = { budgets: { total: 1000 }, stacks: { "prod*": { budgets: { total: 10 } } } };
    assert.deepEqual(say(monthlyCostWithinBudget, environment, config, "dev"), []);
    assert.equal(say(monthlyCostWithinBudget, environment, config, "prod-eu").length, 1);
  });

  it("monthly-cost-within-budget is undecided while it cannot price everything", () => {
    const [said] = say(
      monthlyCostWithinBudget,
      changed(
        "nodes/instanceTypes",
        UNKNOWN,
        environment.filter(({ name }) => name !== "template"),
      ),
      { budgets },
    );
    assert.match(said ?? "", /^advisory: Undecided until up: /);
  });

  const attached: readonly Fake[] = [
    { type: "aws:ec2/eip:Eip", name: "address", props: { domain: "vpc" } },
    { type: "aws:ec2/natGateway:NatGateway", name: "nat", props: {}, from: { allocationId: ["address"] } },
    { type: "aws:ec2/routeTable:RouteTable", name: "private", props: {}, from: { routes: ["nat"] } },
    { type: "aws:ec2/eip:Eip", name: "own", props: { instance: "i-1" } },
    { type: "aws:ebs/volume:Volume", name: "disk", props: {} },
    {
      type: "aws:ec2/volumeAttachment:VolumeAttachment",
      name: "disk-attachment",
      props: {},
      from: { volumeId: ["disk"] },
    },
    { type: "aws:lb/targetGroup:TargetGroup", name: "targets", props: {} },
    { type: "aws:lb/listener:Listener", name: "listener", props: {}, from: { defaultActions: ["targets"] } },
  ];

  describePolicy({
    policy: nothingUnattached,
    compliant: attached,
    breaks: [
      { path: "own/instance", value: undefined, says: /^Nothing uses the address own, .*give it to a NAT gateway/ },
    ],
    undecided: ["own/instance"],
  });

  it("nothing-unattached finds what lost the one that took it", () => {
    const lost = [
      ["private", "NAT gateway nat"],
      ["disk-attachment", "volume disk"],
      ["listener", "target group targets"],
    ] as const;
    for (const [taker, what] of lost) {
      const said = say(
        nothingUnattached,
        attached.filter(({ name }) => name !== taker),
      );
      assert.equal(said.length, 1, said.join("\n"));
      assert.ok(said[0]?.includes(`Nothing uses the ${what},`), said[0]);
    }
  });

  describePolicy({
    policy: typeIsOfPresentGeneration,
    compliant: [
      {
        type: "aws:ec2/instance:Instance",
        name: "machine",
        props: { instanceType: "t4g.small", rootBlockDevice: { volumeType: "gp3" } },
      },
      {
        type: "aws:ec2/launchTemplate:LaunchTemplate",
        name: "template",
        props: { instanceType: "m7g.large", blockDeviceMappings: [{ ebs: { volumeType: "gp3" } }] },
      },
      { type: "aws:eks/nodeGroup:NodeGroup", name: "nodes", props: { instanceTypes: ["m7i.xlarge"] } },
      { type: "aws:rds/clusterInstance:ClusterInstance", name: "db", props: { instanceClass: "db.r8g.large" } },
      {
        type: "aws:elasticache/replicationGroup:ReplicationGroup",
        name: "cache",
        props: { nodeType: "cache.r7g.large" },
      },
      { type: "aws:ebs/volume:Volume", name: "disk", props: { type: "gp3" } },
    ],
    breaks: [
      {
        path: "machine/instanceType",
        value: "t2.micro",
        says: /^instanceType is t2\.micro, of a previous generation; take t4g/,
      },
      {
        path: "machine/rootBlockDevice/volumeType",
        value: "gp2",
        says: /^rootBlockDevice\.volumeType is gp2, .*take gp3/,
      },
      {
        path: "template/blockDeviceMappings",
        value: [{ ebs: { volumeType: "standard" } }],
        says: /^blockDeviceMappings\[0\]\.ebs\.volumeType is standard/,
      },
      {
        path: "nodes/instanceTypes",
        value: ["m7i.xlarge", "m4.xlarge"],
        says: /^instanceTypes is m4\.xlarge, .*take m7g/,
      },
      { path: "db/instanceClass", value: "db.r4.large", says: /^instanceClass is db\.r4\.large, .*take db\.r7g/ },
      { path: "cache/nodeType", value: "cache.m3.large", says: /^nodeType is cache\.m3\.large, .*take cache\.m7g/ },
      { path: "disk/type", value: "io1", says: /^type is io1, .*take io2/ },
    ],
    passes: [
      { path: "db/instanceClass", value: "db.serverless" },
      { path: "machine/instanceType", value: "constructor" },
      { path: "disk/type", value: "constructor" },
    ],
    undecided: ["machine/instanceType", "nodes/instanceTypes", "cache/nodeType"],
  });

  describePolicy({
    policy: provisionedOperationsNeeded,
    compliant: [
      { type: "aws:ebs/volume:Volume", name: "disk", props: { type: "io2", iops: 40_000 } },
      {
        type: "aws:ec2/instance:Instance",
        name: "machine",
        props: { rootBlockDevice: { volumeType: "gp3", iops: 4000 }, ebsBlockDevices: [{ volumeType: "gp3" }] },
      },
      {
        type: "aws:ec2/launchTemplate:LaunchTemplate",
        name: "template",
        props: { blockDeviceMappings: [{ ebs: { volumeType: "gp3" } }] },
      },
      { type: "aws:rds/instance:Instance", name: "db", props: { storageType: "gp3", iops: 12_000 } },
    ],
    breaks: [
      {
        path: "disk/iops",
        value: 5000,
        says: /^type is io2 with 5000 operations a second, .*take gp3 with iops: 5000/,
      },
      {
        path: "machine/rootBlockDevice/volumeType",
        value: "io1",
        says: /^rootBlockDevice\.volumeType is io1 with 4000/,
      },
      {
        path: "machine/ebsBlockDevices",
        value: [{ volumeType: "io2", iops: 100 }],
        says: /^ebsBlockDevices\[0\]\.volumeType is io2/,
      },
      {
        path: "template/blockDeviceMappings",
        value: [{ ebs: { volumeType: "io2", iops: 100 } }],
        says: /^blockDeviceMappings\[0\]\.ebs\.volumeType/,
      },
      { path: "db/storageType", value: "io1", says: /^storageType is io1 with 12000/ },
    ],
    passes: [{ path: "disk/iops", value: UNKNOWN }],
  });

  describePolicy({
    policy: logsExpire,
    compliant: [{ type: "aws:cloudwatch/logGroup:LogGroup", name: "logs", props: { retentionInDays: 90 } }],
    breaks: [
      {
        path: "logs/retentionInDays",
        value: undefined,
        says: /^retentionInDays is not set, so that logs are kept and paid for ever; write at most 731/,
      },
      { path: "logs/retentionInDays", value: 0, says: /not set/ },
      {
        path: "logs/retentionInDays",
        value: 3653,
        says: /^retentionInDays is 3653, above the 731 of logs-expire\.days/,
      },
    ],
    passes: [{ path: "logs/retentionInDays", value: 731 }],
    undecided: ["logs/retentionInDays"],
  });
});
