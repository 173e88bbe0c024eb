import assert from "node:assert/strict";
import { growthOf } from "../../../../scripts/rehearsal/clouds/growth.ts";
import { Item } from "../../../../scripts/rehearsal/clouds/inventory.ts";
import { QuotaCounter } from "../../../../scripts/rehearsal/clouds/quotas.ts";
import type { Properties } from "../../../../scripts/rehearsal/clouds/table.ts";
import { vcpuQuota } from "../../../../scripts/rehearsal/clouds/tables/aws/vcpus.ts";
import { fromPlainObject } from "../../../../scripts/rehearsal/clouds/values.ts";

const NODE_GROUP = "aws:eks/nodeGroup:NodeGroup";
const NODE_POOL = "kubernetes:karpenter.sh/v1:NodePool";
const WEST = "aws/123456789012/us-west-2";

const nodes = (more: Properties = {}): Properties => ({
  instanceTypes: ["m7i.xlarge"],
  scalingConfig: { minSize: 3, desiredSize: 4, maxSize: 10 },
  ...more,
});
const pool = (limits: Properties, kinds?: readonly string[]): Properties => ({
  spec: {
    limits,
    template: {
      spec: {
        requirements: kinds === undefined ? [] : [{ key: "karpenter.sh/capacity-type", operator: "In", values: kinds }],
      },
    },
  },
});

describe("what autoscalers may take of a quota", () => {
  const grown = (token: string, inputs: Properties) =>
    Object.fromEntries(growthOf({ token, inputs }).map(({ quota, count }) => [quota, count]));

  it("is a node group's way to its largest size", () => {
    assert.deepEqual(grown(NODE_GROUP, nodes()), { standardVcpus: 24 });
    assert.deepEqual(grown(NODE_GROUP, nodes({ capacityType: "SPOT" })), { standardSpotVcpus: 24 });
    const full = { scalingConfig: { minSize: 3, desiredSize: 10, maxSize: 10 } };
    assert.deepEqual(grown(NODE_GROUP, nodes(full)), {});
    assert.deepEqual(grown(NODE_GROUP, nodes({ instanceTypes: ["inf2.xlarge"] })), {});
  });

  it("is what Karpenter's pools are limited to, On-Demand or spot", () => {
    assert.deepEqual(grown(NODE_POOL, pool({ cpu: "200", memory: "800Gi" })), { standardVcpus: 200 });
    assert.deepEqual(grown(NODE_POOL, pool({ cpu: "200" }, ["spot", "on-demand"])), {
      standardSpotVcpus: 200,
      standardVcpus: 200,
    });
    assert.deepEqual(grown(NODE_POOL, pool({ "nvidia.com/gpu": "4" }, ["on-demand"])), { gpuVcpus: 16 });
    assert.deepEqual(grown(NODE_POOL, pool({})), {});
    assert.deepEqual(grown("aws:ec2/vpc:Vpc", {}), {});
  });

  it("goes by the kind of machine", () => {
    assert.equal(vcpuQuota("g6.xlarge", false), "gpuVcpus");
    assert.equal(vcpuQuota("gr6.4xlarge", true), "gpuSpotVcpus");
    assert.equal(vcpuQuota("m7i.large", true), "standardSpotVcpus");
    assert.equal(vcpuQuota("p5.48xlarge", false), undefined);
  });

  it("is told beside what is used, in the region of the cluster, and goes with what grows", () => {
    const counter = new QuotaCounter({ "us-west-2": { standardVcpus: 64 } });
    const item = (token: string, place: string, inputs: Properties, more: object = {}) =>
      new Item({
        ...{ token, id: token, place, urn: token, seed: "" },
        ...{ inputs: fromPlainObject(inputs), properties: fromPlainObject(inputs) },
        ...more,
      });
    const vcpus = { quotas: [{ quota: "standardVcpus", per: "", count: 16 }] };
    const endpoint = "https://west.example";
    const karpenter = item(NODE_POOL, `kubernetes/${endpoint}`, pool({ cpu: "200" }));
    const gpus = item(NODE_POOL, `kubernetes/${endpoint}`, pool({ "nvidia.com/gpu": "4" }));
    counter.added(item("aws:eks/cluster:Cluster", WEST, { endpoint }));
    counter.added(item(NODE_GROUP, WEST, nodes(), vcpus));
    counter.added(karpenter);
    counter.added(gpus);
    const told = () =>
      counter.report().map(({ quota, scope, used, ceiling, limit }) => [quota, scope, used, ceiling, limit]);
    assert.deepEqual(told().sort(), [
      ["gpuVcpus", "us-west-2", 0, 16, 0],
      ["standardVcpus", "us-west-2", 16, 240, 64],
    ]);
    counter.removed(karpenter);
    counter.removed(gpus);
    assert.deepEqual(told(), [["standardVcpus", "us-west-2", 16, 40, 64]]);
  });
});
