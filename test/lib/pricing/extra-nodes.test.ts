import assert from "node:assert/strict";
import type { CapacityReport } from "@groundwork/lib/capacity-report";
import { extraNodesOf } from "@groundwork/lib/pricing/extra-nodes";
import { costOf } from "@groundwork/lib/pricing/price";
import { ownPrices } from "@groundwork/lib/pricing/table";
import { made } from "./environment.ts";

const REGION = "us-west-2";

/** What a pool with one requirement needs: three nodes. */
function costOfPool(...requirements: readonly object[]) {
  const pool = made(
    "kubernetes:karpenter.sh/v1:NodePool",
    "pool",
    { metadata: { name: "workloads" }, spec: { template: { spec: { requirements } } } },
    { from: ["cluster"] },
  );
  const resources = [
    made("aws:eks/cluster:Cluster", "cluster"),
    { ...pool, inputs: { ...pool.inputs, region: REGION } },
  ];
  const range = { min: 3, max: 9 };
  const capacity: CapacityReport = {
    stack: "shop",
    places: [],
    nodes: ["global", REGION].map((region) => ({
      region,
      name: "workloads",
      instanceType: "m7i.xlarge",
      count: range,
      needed: range,
    })),
    throughput: [],
    projection: { months: 0, series: [], reached: [] },
    notes: [],
  };
  const extra = extraNodesOf(capacity, resources).map((nodes) => ({ ...nodes, region: REGION }));
  assert.equal(extra.length, 1, "the pool is in one region");
  return costOf([], {}, ownPrices(), "shop", extra);
}

function capacityType(operator: string, ...values: readonly string[]): object {
  return { key: "karpenter.sh/capacity-type", operator, values };
}

describe("nodes that an autoscaler adds", () => {
  it("are priced on demand where the pool takes such machines, with their disks", () => {
    for (const requirements of [
      [],
      [capacityType("In", "on-demand")],
      [capacityType("In", "spot", "on-demand")],
      [capacityType("NotIn", "spot")],
    ]) {
      const { items, notPriced } = costOfPool(...requirements);
      assert.deepEqual(items.map(({ description }) => description.split(" ")[0]).sort(), ["gp3", "m7i.xlarge,"].sort());
      assert.deepEqual(notPriced, []);
    }
  });

  it("are listed as not priced where the pool takes Spot machines only; their disks cost the same", () => {
    for (const requirement of [capacityType("In", "spot"), capacityType("NotIn", "on-demand")]) {
      const { items, notPriced } = costOfPool(requirement);
      assert.deepEqual(
        items.map(({ service }) => service),
        ["Amazon EBS"],
      );
      assert.deepEqual(notPriced, [
        { type: "nodes of the pool workloads", why: "Spot prices change by the hour", count: 1 },
      ]);
    }
  });
});
