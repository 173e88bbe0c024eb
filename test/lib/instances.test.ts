import assert from "node:assert/strict";
import fc from "fast-check";
import { allocatable, allocatableOf, instanceType } from "../../lib/instances.ts";

const GIBIBYTE = 2 ** 30;
const FAMILIES = "m7i m7g m8g c7i c7g r7i r7g r8g m5 t3 t4g g5 g6 g6e".split(" ");
const SIZES = "nano micro small medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge";
const names = FAMILIES.flatMap((family) => SIZES.split(" ").map((size) => `${family}.${size}`));
const known = names.filter((name) => instanceType(name) !== undefined);

describe("instance types", () => {
  it("leave to pods less than they have, and something", () => {
    fc.assert(
      fc.property(fc.constantFrom(...known), (name) => {
        const type = instanceType(name);
        const free = allocatableOf(name);
        assert.ok(type);
        assert.ok(free.cpu > 0 && free.cpu < type.vcpu, name);
        assert.ok(free.memory < type.memory, name);
        assert.ok(free.pods > 0 && free.pods <= 250, name);
        assert.equal(free.gpus, type.gpu?.count);
      }),
    );
  });

  it("leave more the larger they are, within a family", () => {
    fc.assert(
      fc.property(fc.constantFrom(...FAMILIES.filter((family) => !family.startsWith("t"))), (family) => {
        const sizes = known.filter((name) => name.startsWith(`${family}.`)).map(allocatableOf);
        assert.ok(sizes.length > 3);
        sizes.reduce((smaller, larger) => {
          assert.ok(larger.cpu > smaller.cpu && larger.memory > smaller.memory);
          // the network interfaces of GPU types follow no such order
          assert.ok(larger.gpus !== undefined || larger.pods >= smaller.pods);
          return larger;
        });
      }),
    );
  });

  it("keep of a node what the kubelet of EKS reserves", () => {
    const { cpu, memory, pods } = allocatableOf("m7i.xlarge");
    // 6 % of the first core, 1 % of the second, 0.5 % of two more; 255 MiB and 11 MiB for each of 58 pods
    assert.equal(Math.round(cpu * 1000), 3920);
    assert.equal(memory, 16 * GIBIBYTE * 0.925 - (255 + 11 * 58 + 100) * 2 ** 20);
    assert.equal(pods, 58);
  });

  it("bring their GPUs", () => {
    assert.deepEqual(instanceType("g6.xlarge")?.gpu, { count: 1, memory: 22_888 * 2 ** 20 });
    assert.deepEqual(instanceType("g5.12xlarge")?.gpu?.count, 4);
    assert.equal(allocatableOf("g5.48xlarge").gpus, 8);
    assert.equal("gpus" in allocatableOf("m7i.large"), false);
  });

  it("are refused when nobody knows them, whatever is written", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(instanceType(text) === undefined);
        assert.throws(() => allocatableOf(text), /allocatableOf: instanceType is ".*"; write a type/s);
      }),
    );
    for (const name of ["g6f.large", "m7i.medium", "m7i.xlarge.x", "__proto__.xlarge", "g5.constructor"])
      assert.equal(instanceType(name), undefined, name);
    assert.deepEqual(allocatable(instanceType("t3.medium")!), allocatableOf("t3.medium"));
  });
});
