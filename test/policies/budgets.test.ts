import assert from "node:assert/strict";
import { dataNodesWithinBudget } from "../../policies/resource-limits/data-nodes-within-budget.ts";
import { instanceClassWithinBudget } from "../../policies/resource-limits/instance-class-within-budget.ts";
import { nodeCountWithinBudget } from "../../policies/resource-limits/node-count-within-budget.ts";
import { volumeSizeWithinBudget } from "../../policies/resource-limits/volume-size-within-budget.ts";
import { changed, environment } from "./fixtures.ts";
import type { Fake } from "./harness.ts";
import { say, UNKNOWN } from "./harness.ts";

const AWS: readonly Fake[] = [
  ...environment,
  { type: "aws:rds/cluster:Cluster", name: "db", props: { engine: "aurora-postgresql" } },
  {
    type: "aws:rds/clusterInstance:ClusterInstance",
    name: "writer",
    props: { clusterIdentifier: "db", instanceClass: "db.r7g.large" },
    from: { clusterIdentifier: ["db"] },
  },
  {
    type: "aws:rds/clusterInstance:ClusterInstance",
    name: "reader",
    props: { clusterIdentifier: UNKNOWN, instanceClass: "db.serverless" },
    from: { clusterIdentifier: ["db"] },
  },
  {
    type: "aws:rds/instance:Instance",
    name: "legacy",
    props: { instanceClass: "db.t4g.medium", allocatedStorage: 100, maxAllocatedStorage: 1000 },
  },
  {
    type: "aws:elasticache/replicationGroup:ReplicationGroup",
    name: "cache",
    props: { nodeType: "cache.r7g.large", numNodeGroups: 3, replicasPerNodeGroup: 1 },
  },
  {
    type: "aws:ec2/launchTemplate:LaunchTemplate",
    name: "launch",
    props: { instanceType: "m7g.large", blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { volumeSize: 50 } }] },
  },
  { type: "aws:mq/broker:Broker", name: "mq", props: { hostInstanceType: "mq.m7g.large" } },
  { type: "aws:ebs/volume:Volume", name: "disk", props: { size: 100 } },
  {
    type: "kubernetes:core/v1:PersistentVolumeClaim",
    name: "claim",
    props: { spec: { resources: { requests: { storage: "100Gi" } } } },
  },
  {
    type: "kubernetes:apps/v1:StatefulSet",
    name: "set",
    props: { spec: { volumeClaimTemplates: [{ spec: { resources: { requests: { storage: "10Gi" } } } }] } },
  },
];

const POLICIES = [instanceClassWithinBudget, volumeSizeWithinBudget, nodeCountWithinBudget, dataNodesWithinBudget];

describe("policies on the environment's budget", () => {
  for (const policy of POLICIES) {
    it(`${policy.name} passes what is within the budget`, () => assert.deepEqual(say(policy, AWS), []));
  }

  const classes: readonly (readonly [string, unknown, RegExp])[] = [
    [
      "writer/instanceClass",
      "db.r7g.16xlarge",
      /instanceClass is db\.r7g\.16xlarge, which this environment does not allow; choose one of .* instance-class-within-budget\.databases\.$/,
    ],
    ["legacy/instanceClass", "db.m5.24xlarge", /db\.m5\.24xlarge/],
    ["cache/nodeType", "cache.r7g.16xlarge", /nodeType is cache\.r7g\.16xlarge/],
    ["general/instanceTypes", ["m7g.large", "m7g.metal"], /instanceTypes is m7g\.metal/],
    ["launch/instanceType", "p5.48xlarge", /instance-class-within-budget\.nodes/],
    ["mq/hostInstanceType", "mq.m5.4xlarge", /hostInstanceType is mq\.m5\.4xlarge/],
  ];
  for (const [path, value, message] of classes) {
    it(`instance-class-within-budget finds ${path} ${JSON.stringify(value)}`, () => {
      const found = say(instanceClassWithinBudget, changed(path, value, AWS));
      assert.equal(found.length, 1);
      assert.match(found[0] ?? "", /^mandatory/);
      assert.match(found[0] ?? "", message);
    });
  }

  it("instance-class-within-budget allows the smallest sizes that each service has", () => {
    for (const [path, value] of [
      ["launch/instanceType", "t4g.nano"],
      ["legacy/instanceClass", "db.t4g.micro"],
      ["cache/nodeType", "cache.t4g.micro"],
      ["mq/hostInstanceType", "mq.t3.micro"],
    ] as const) {
      assert.deepEqual(say(instanceClassWithinBudget, changed(path, value, AWS)), [], value);
    }
  });

  it("instance-class-within-budget takes its lists from the config, a pattern's dot for a dot", () => {
    const only = { databases: ["db.r7g.*"], caches: ["cache.t4g.micro"] };
    const found = say(instanceClassWithinBudget, AWS, only);
    assert.equal(found.length, 3);
    assert.match(say(instanceClassWithinBudget, changed("mq/hostInstanceType", "mqXm5.large", AWS))[0] ?? "", /mqXm5/);
  });

  it("instance-class-within-budget is undecided about a class that is not known in preview", () => {
    const [found = ""] = say(instanceClassWithinBudget, changed("writer/instanceClass", UNKNOWN, AWS));
    assert.match(found, /^advisory: Undecided until up: instanceClass is not known/);
  });

  const volumes: readonly (readonly [string, unknown, RegExp])[] = [
    [
      "legacy/allocatedStorage",
      2000,
      /^mandatory: allocatedStorage is 2000 GiB, above the 1000 GiB of volume-size-within-budget\.database; lower it or raise that limit\.$/,
    ],
    ["legacy/maxAllocatedStorage", 5000, /maxAllocatedStorage is 5000 GiB/],
    ["db/allocatedStorage", 1500, /allocatedStorage is 1500 GiB/],
    [
      "launch/blockDeviceMappings/0/ebs/volumeSize",
      500,
      /blockDeviceMappings\[0\]\.ebs\.volumeSize is 500 GiB, above the 200 GiB/,
    ],
    ["general/diskSize", 300, /diskSize is 300 GiB/],
    ["disk/size", 201, /size is 201 GiB/],
    [
      "claim/spec/resources/requests/storage",
      "1Ti",
      /spec\.resources\.requests\.storage is 1024 GiB, above the 500 GiB/,
    ],
    [
      "set/spec/volumeClaimTemplates/0/spec/resources/requests/storage",
      "600Gi",
      /spec\.volumeClaimTemplates\[0\]\.spec\.resources\.requests\.storage is 600 GiB/,
    ],
  ];
  for (const [path, value, message] of volumes) {
    it(`volume-size-within-budget finds ${path} ${JSON.stringify(value)}`, () => {
      const found = say(volumeSizeWithinBudget, changed(path, value, AWS));
      assert.equal(found.length, 1);
      assert.match(found[0] ?? "", message);
    });
  }

  it("volume-size-within-budget is undecided about a size or list that is not known in preview", () => {
    for (const path of ["legacy/allocatedStorage", "launch/blockDeviceMappings", "claim/spec/resources"]) {
      const found = say(volumeSizeWithinBudget, changed(path, UNKNOWN, AWS));
      assert.equal(found.length, 1, path);
      assert.match(found[0] ?? "", /^advisory: Undecided until up/);
    }
  });

  it("node-count-within-budget sums up all node groups", () => {
    assert.match(
      say(nodeCountWithinBudget, AWS, { maxNodes: 3 })[0] ?? "",
      /^mandatory: The node groups general may grow to 4 nodes together, above the 3 of node-count-within-budget\.maxNodes/,
    );
    const second: Fake = {
      type: "aws:eks/nodeGroup:NodeGroup",
      name: "batch",
      props: { scalingConfig: { minSize: 0, maxSize: 37 } },
    };
    assert.match(
      say(nodeCountWithinBudget, [...AWS, second])[0] ?? "",
      /batch, general may grow to 41 nodes together, above the 40/,
    );
  });

  it("node-count-within-budget finds bounds in the wrong order and unknown ones", () => {
    assert.match(
      say(nodeCountWithinBudget, changed("general/scalingConfig/minSize", 5, AWS))[0] ?? "",
      /minSize 5, desiredSize 2, maxSize 4; put them in that order/,
    );
    assert.match(
      say(nodeCountWithinBudget, changed("general/scalingConfig/maxSize", UNKNOWN, AWS))[0] ?? "",
      /^advisory: Undecided/,
    );
  });

  it("data-nodes-within-budget counts the instances of a cluster, also while its name is not known", () => {
    assert.deepEqual(say(dataNodesWithinBudget, AWS, { databaseInstances: 1 }), [
      "mandatory: Database cluster db has 2 instances, above the 1 of data-nodes-within-budget.databaseInstances; take away readers or raise that limit.",
    ]);
  });

  it("data-nodes-within-budget multiplies shards and replicas", () => {
    assert.match(
      say(dataNodesWithinBudget, changed("cache/replicasPerNodeGroup", 4, AWS))[0] ?? "",
      /Replication group cache has 15 nodes, above the 12/,
    );
    assert.match(
      say(dataNodesWithinBudget, changed("cache/numNodeGroups", UNKNOWN, AWS))[0] ?? "",
      /^advisory: Undecided until up: numNodeGroups/,
    );
  });
});
