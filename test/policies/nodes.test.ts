import assert from "node:assert/strict";
import fc from "fast-check";
import { allocatable, instanceType } from "../../lib/instances.ts";
import { unplaced } from "../../lib/capacity/packing.ts";
import { nodesHoldPods } from "../../policies/resource-limits/nodes-hold-pods.ts";
import { changed, environment, without } from "./fixtures.ts";
import { say, UNKNOWN } from "./harness.ts";

const GIBIBYTE = 2 ** 30;

describe("policy nodes-hold-pods", () => {
  it("passes pods that the node groups hold", () => {
    assert.deepEqual(say(nodesHoldPods, environment), []);
  });

  it("finds pods that fit no node at the minimum", () => {
    const found = say(nodesHoldPods, changed("general/scalingConfig", { minSize: 0, desiredSize: 0, maxSize: 0 }));
    assert.deepEqual(found, [
      "mandatory: 3 pods of Deployment web (500m, 512Mi) find no room on the 0 nodes of general even at the minimum of all workloads; raise maxSize or the instance type, or lower requests.",
    ]);
  });

  it("finds a pod larger than any node", () => {
    const [found = ""] = say(
      nodesHoldPods,
      changed("web/spec/template/spec/containers/0/resources/requests/memory", "40Gi"),
    );
    assert.match(found, /^mandatory: 3 pods of Deployment web \(500m, 40Gi\) find no room on the 4 nodes/);
  });

  it("only advises where the autoscalers' maximum does not fit", () => {
    // a t3.medium has two network interfaces less than it would need for 20 pods with the add-ons
    const [found = ""] = say(nodesHoldPods, changed("web-scale/spec/maxReplicas", 60));
    assert.match(found, /^advisory: \d+ pods of Deployment web .* when the autoscalers reach their maximum/);
  });

  it("counts a DaemonSet on every node", () => {
    const agent = environment.find(({ name }) => name === "web");
    assert.ok(agent);
    const daemon = { ...agent, name: "agent", type: "kubernetes:apps/v1:DaemonSet" };
    const large = changed("agent/spec/template/spec/containers/0/resources/requests/cpu", "3500m", [
      ...environment,
      daemon,
    ]);
    assert.match(say(nodesHoldPods, large)[0] ?? "", /^mandatory/);
  });

  it("takes the instance type of the launch template, and t3.medium where nothing says", () => {
    const bare = changed("general/instanceTypes", undefined);
    assert.deepEqual(say(nodesHoldPods, changed("web-scale/spec/maxReplicas", 4, bare)), []);
    const template = {
      type: "aws:ec2/launchTemplate:LaunchTemplate",
      name: "launch",
      props: { instanceType: "x9.huge" },
    };
    const linked = bare.map((resource) =>
      resource.name === "general"
        ? { ...resource, from: { clusterName: ["main"], launchTemplate: ["launch"] } }
        : resource,
    );
    assert.match(
      say(nodesHoldPods, [template, ...linked])[0] ?? "",
      /^advisory: Node group general has the instance type x9\.huge, which is not in the catalogue/,
    );
    const known = { instanceTypes: { "x9.huge": { vcpu: 64, memoryGiB: 256, maxPods: 110 } } };
    assert.deepEqual(say(nodesHoldPods, [template, ...linked], known), []);
  });

  it("says nothing of clusters whose nodes come on demand or are not in the stack", () => {
    const none = changed("general/scalingConfig/maxSize", 0);
    const pool = { type: "kubernetes:karpenter.sh/v1:NodePool", name: "pool", props: {}, provider: "k8s" };
    assert.deepEqual(say(nodesHoldPods, [...none, pool]), []);
    assert.deepEqual(say(nodesHoldPods, changed("main/computeConfig", { enabled: true }, none)), []);
    assert.deepEqual(say(nodesHoldPods, without("general")), []);
    assert.deepEqual(say(nodesHoldPods, without("main")), []);
  });

  it("is undecided about sizes that are not known in preview", () => {
    const [size = ""] = say(nodesHoldPods, changed("general/scalingConfig/maxSize", UNKNOWN));
    assert.match(size, /^advisory: Undecided until up: scalingConfig\.maxSize is not known in preview/);
    const [pods = ""] = say(nodesHoldPods, changed("web/spec/template/spec/containers/0/resources", UNKNOWN));
    assert.match(
      pods,
      /^advisory: Undecided until up: spec\.template\.spec\.containers\[0\]\.resources of web is not known/,
    );
  });
});

describe("instance catalogue", () => {
  // https://aws.amazon.com/ec2/instance-types/ and eni-max-pods.txt
  const known: readonly (readonly [string, number, number, number])[] = [
    ["t3.micro", 2, 1, 4],
    ["t3a.small", 2, 2, 8],
    ["t4g.2xlarge", 8, 32, 58],
    ["c5.9xlarge", 36, 72, 234],
    ["c7g.medium", 1, 2, 8],
    ["m5.large", 2, 8, 29],
    ["m6i.32xlarge", 128, 512, 737],
    ["m7i-flex.2xlarge", 8, 32, 58],
    ["m8i.xlarge", 4, 16, 118],
    ["r6g.xlarge", 4, 32, 58],
    ["r7a.48xlarge", 192, 1536, 737],
  ];
  for (const [name, vcpu, gib, maxPods] of known) {
    it(`knows ${name}`, () => assert.deepEqual(instanceType(name), { vcpu, memory: gib * GIBIBYTE, maxPods }));
  }

  it("does not make types up", () => {
    for (const name of ["m7g.32xlarge", "c5.16xlarge", "t3.4xlarge", "x1.large", "m5", "m5.", "t3.toString", ""]) {
      assert.equal(instanceType(name), undefined, name);
    }
  });

  it("leaves to pods what EKS leaves them", () => {
    const node = allocatable({ vcpu: 4, memory: 16 * GIBIBYTE, maxPods: 58 });
    // 60m + 10m + 2 x 5m; 7.5 % and 255 Mi + 11 Mi a pod and 100 Mi
    assert.equal(Math.round(node.cpu * 1000), 3920);
    assert.equal(Math.round(node.memory / 2 ** 20), Math.round(16384 * 0.925 - 255 - 638 - 100));
    assert.equal(node.pods, 58);
    assert.equal(allocatable({ vcpu: 16, memory: 64 * GIBIBYTE, maxPods: 234 }).pods, 110);
  });
});

describe("packing pods on nodes", () => {
  const nodes = fc.array(
    fc.record({ count: fc.nat(5), free: fc.record({ cpu: fc.nat(8), memory: fc.nat(16), pods: fc.nat(10) }) }),
    { minLength: 1, maxLength: 4 },
  );
  const pods = fc.array(fc.record({ name: fc.string(), count: fc.nat(8), cpu: fc.nat(6), memory: fc.nat(12) }), {
    maxLength: 6,
  });

  it("never places more than there is", () => {
    fc.assert(
      fc.property(nodes, pods, (given, wanted) => {
        const left = unplaced(given, wanted);
        const placed = wanted.map((pod) => ({
          ...pod,
          count: pod.count - (left.find(({ kind }) => kind === pod)?.count ?? 0),
        }));
        for (const key of ["cpu", "memory"] as const) {
          const used = placed.reduce((sum, pod) => sum + pod.count * pod[key], 0);
          assert.ok(used <= given.reduce((sum, { count, free }) => sum + count * free[key], 0));
        }
        assert.ok(placed.every(({ count }) => count >= 0));
      }),
    );
  });

  it("places everything where each pod would fit the rest of any node", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 4 }), (count, each) => {
        const free = { cpu: each * 3, memory: each * 3, pods: 3 };
        const kind = { name: "pod", count: count * 3, cpu: each, memory: each };
        assert.deepEqual(unplaced([{ count, free }], [kind]), []);
        assert.deepEqual(unplaced([{ count, free }], [{ ...kind, count: count * 3 + 2 }])[0]?.count, 2);
      }),
    );
  });
});
