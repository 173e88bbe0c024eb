import assert from "node:assert/strict";
import fc from "fast-check";
import { nothingAssumed } from "../../../lib/capacity/assumptions.ts";
import { capacityOf } from "../../../lib/capacity/capacity.ts";
import { nodesFor, unplaced } from "../../../lib/capacity/packing.ts";
import type { DesiredResource } from "../../../lib/desired-state.ts";
import {
  CLUSTER,
  GIBIBYTE,
  WEST,
  autoscaler,
  container,
  deployment,
  docker,
  inCluster,
  nodeGroup,
  nodePool,
  podSpec,
  stateOf,
} from "./fixtures.ts";

function nodesOf(...resources: readonly DesiredResource[]) {
  return capacityOf(stateOf(...resources), nothingAssumed("test"));
}

const FAMILIES = [
  { key: "karpenter.k8s.aws/instance-category", operator: "In", values: ["m"] },
  { key: "karpenter.k8s.aws/instance-generation", operator: "In", values: ["7"] },
  { key: "karpenter.k8s.aws/instance-cpu", operator: "In", values: ["4"] },
  { key: "kubernetes.io/arch", operator: "In", values: ["amd64"] },
];

describe("nodes that pods need", () => {
  it("fills a node group at the minimum and at the maximum", () => {
    // an m7i.xlarge leaves 3.92 cores: seven pods of half a core
    const { nodes } = nodesOf(
      ...CLUSTER,
      nodeGroup("nodes", "m7i.xlarge", { minSize: 1, maxSize: 5, desiredSize: 2 }),
      deployment("web", undefined, { cpu: "500m", memory: "512Mi" }),
      autoscaler("web", 7, 15),
    );
    assert.deepEqual(nodes, [
      {
        region: WEST,
        name: "nodes",
        instanceType: "m7i.xlarge",
        count: { min: 1, max: 5 },
        needed: { min: 1, max: 3 },
      },
    ]);
  });

  it("does not count a patch beside the workload that it patches", () => {
    const stack = [
      ...CLUSTER,
      nodeGroup("nodes", "m7i.xlarge", { minSize: 1, maxSize: 2, desiredSize: 1 }),
      deployment("web", 7, { cpu: "500m" }),
    ];
    const patch = { ...deployment("web", 21, { cpu: "500m" }), type: "kubernetes:apps/v1:DeploymentPatch" };
    assert.deepEqual(nodesOf(...stack, patch).nodes, nodesOf(...stack).nodes);
  });

  it("shows what is missing beyond the maximum of the last node group", () => {
    const { nodes } = nodesOf(
      ...CLUSTER,
      nodeGroup("nodes", "m7i.xlarge", { minSize: 1, maxSize: 2, desiredSize: 1 }),
      deployment("web", 21, { cpu: "500m" }),
    );
    assert.deepEqual(nodes[0]?.needed, { min: 3, max: 3 });
    assert.deepEqual(nodes[0]?.count, { min: 1, max: 2 });
  });

  it("takes a DaemonSet's pod off each node", () => {
    const daemon = inCluster("kubernetes:apps/v1:DaemonSet", "agent", { template: { spec: podSpec({ cpu: "500m" }) } });
    const { nodes } = nodesOf(
      ...CLUSTER,
      nodeGroup("nodes", "m7i.xlarge", { minSize: 1, maxSize: 5, desiredSize: 1 }),
      deployment("web", 7, { cpu: "500m" }),
      daemon,
    );
    // six fit beside it
    assert.deepEqual(nodes[0]?.needed, { min: 2, max: 2 });
  });

  it("leaves the rest to Karpenter, which does not make node groups larger", () => {
    const { nodes } = nodesOf(
      ...CLUSTER,
      nodeGroup("nodes", "m7i.xlarge", { minSize: 1, maxSize: 10, desiredSize: 1 }),
      nodePool("workloads", FAMILIES, { limits: { cpu: "40" } }),
      deployment("web", undefined, { cpu: "500m" }),
      autoscaler("web", 7, 21),
    );
    assert.deepEqual(nodes, [
      {
        region: WEST,
        name: "nodes",
        instanceType: "m7i.xlarge",
        count: { min: 1, max: 10 },
        needed: { min: 1, max: 1 },
      },
      {
        region: WEST,
        name: "workloads",
        instanceType: "m7i.xlarge",
        count: { min: 0, max: 10 },
        needed: { min: 0, max: 2 },
      },
    ]);
  });

  it("puts pods with a GPU on the pool that has one", () => {
    const gpu = [{ key: "karpenter.k8s.aws/instance-family", operator: "In", values: ["g6"] }];
    const taints = [{ key: "nvidia.com/gpu", effect: "NoSchedule" }];
    const limits = { cpu: "500m", memory: "2Gi", "nvidia.com/gpu": "1" };
    const tolerations = [{ key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" }];
    const model = inCluster("kubernetes:apps/v1:Deployment", "model", {
      replicas: 2,
      template: { spec: podSpec({ pod: { tolerations }, container: { resources: { limits } } }) },
    });
    const { nodes } = nodesOf(
      ...CLUSTER,
      nodeGroup("nodes", "m7i.xlarge", { minSize: 1, maxSize: 3, desiredSize: 1 }),
      nodePool("gpu", gpu, { limits: { "nvidia.com/gpu": "4" } }, { taints }),
      nodePool("workloads", FAMILIES, { limits: { cpu: "40" } }),
      deployment("web", 2),
      model,
    );
    assert.deepEqual(
      nodes.map(({ name, needed, count }) => [name, needed.max, count.max]),
      [
        ["nodes", 1, 3],
        ["gpu", 2, 4],
        ["workloads", 0, 10],
      ],
    );
  });

  it("says who fits no node at all, and which pool nobody limits", () => {
    const { notes } = nodesOf(
      ...CLUSTER,
      nodePool("workloads", FAMILIES),
      deployment("web", 1),
      deployment("giant", 2, { cpu: "64" }),
    );
    assert.ok(notes.includes(`2 pods of Deployment shop/giant in ${WEST} fit no node of any pool.`), notes.join("\n"));
    assert.ok(notes.includes(`Nothing limits node pool workloads of ${WEST}: write spec.limits.`));
  });

  it("holds a Docker host to the memory that its containers set aside", () => {
    const all = [
      docker,
      container("shop-api-1", { cpus: "2", memory: 6144 }),
      container("shop-db", { cpus: "4", memory: 12_288 }),
    ];
    const assumptions = { ...nothingAssumed("test"), host: { cpus: 4, memoryGiB: 16 } };
    const { nodes, notes } = capacityOf(stateOf(...all), assumptions);
    // 18 GiB of 16
    assert.deepEqual(nodes[0]?.needed, { min: 2, max: 2 });
    assert.equal(nodes[0]?.instanceType, "4 cores, 16 GiB");
    assert.ok(notes.some((note) => note.startsWith("The containers may use 6 cores together and the host has 4")));
  });

  it("packs every pod, on no more nodes than one for each", () => {
    const pods = fc.array(
      fc.record({
        name: fc.string(),
        count: fc.integer({ min: 0, max: 20 }),
        cpu: fc.double({ min: 0, max: 4, noNaN: true }),
        memory: fc.double({ min: 0, max: 16 * GIBIBYTE, noNaN: true }),
      }),
      { maxLength: 8 },
    );
    const free = { cpu: 4, memory: 16 * GIBIBYTE, pods: 58 };
    fc.assert(
      fc.property(pods, (all) => {
        const { nodes, left } = nodesFor(free, Infinity, all);
        assert.deepEqual(left, []);
        assert.ok(nodes <= all.reduce((sum, { count }) => sum + count, 0));
        // as many nodes hold them in the policy's way of placing, too
        if (nodes > 0) assert.deepEqual(unplaced([{ count: nodes, free }], all), []);
      }),
    );
  });
});
