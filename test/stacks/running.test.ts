import assert from "node:assert/strict";
import fc from "fast-check";
import { flowx } from "../../stacks/systems/flowx.ts";
import { runningReplicas } from "../../stacks/systems/running.ts";

describe("the replicas that run", () => {
  const worker = flowx.workloads.find(({ name }) => name === "worker");
  const orchestrator = flowx.workloads.find(({ name }) => name === "orchestrator");
  assert.ok(worker && orchestrator);

  it("are the minimum as long as no autoscaler decided", () => {
    assert.deepEqual(runningReplicas("flowx", worker, { "tracks/worker": 7 }), { replicas: 1 });
  });

  it("are what the autoscaler decided, within the declared range, and the update says so", () => {
    const kept = runningReplicas("flowx", worker, { "flowx/worker": 4 });
    assert.equal(kept.replicas, 4);
    assert.match(kept.note ?? "", /keeps the 4 replicas .* 1 to 10/);
    const beyond = runningReplicas("flowx", worker, { "flowx/worker": 12 });
    assert.equal(beyond.replicas, 10);
    assert.match(beyond.note ?? "", /runs 10 replicas, not the 12 .* 1 to 10/);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1000 }), (wanted) => {
        const { replicas } = runningReplicas("flowx", worker, { "flowx/worker": wanted });
        assert.equal(replicas, Math.min(10, Math.max(1, wanted)));
      }),
    );
  });

  it("are not changed where the workload does not scale", () => {
    assert.deepEqual(runningReplicas("flowx", orchestrator, { "flowx/orchestrator": 5 }), { replicas: 1 });
  });
});
