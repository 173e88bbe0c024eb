import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { inRegion } from "./cloud-fixture-systems.ts";
import type { Region } from "./cloud-fixture-systems.ts";

describe("all five systems in one region", () => {
  let region: Region;
  before(async () => {
    region = await inRegion();
  });

  it("give each workload an account, a disruption budget, probes, limits and somebody who watches it", () => {
    const workloads = region.systems.flatMap(({ name, workloads: all }) =>
      all.map((spec) => [name, spec.name] as const),
    );
    for (const [namespace, name] of workloads) {
      const kind = namespace === "tracks" && name === "rest-api" ? "Rollout" : "Deployment";
      const { template } = region.named(kind, namespace, name).spec as { template: { spec: Record<string, unknown> } };
      const [container] = template.spec["containers"] as [Record<string, unknown>];
      for (const probe of ["startupProbe", "livenessProbe", "readinessProbe"]) assert.ok(container[probe], probe);
      for (const other of ["ServiceAccount", "PodDisruptionBudget", "ServiceMonitor", "Service"])
        region.named(other, namespace, name);
    }
    assert.equal(workloads.length, 14);
  });

  it("release and scale tracks by its own means, and put sophia's inference on a GPU", () => {
    const { spec: release } = region.named("Rollout", "tracks", "rest-api");
    assert.ok("blueGreen" in (release["strategy"] as object));
    const { spec: scaling } = region.named("ScaledObject", "tracks", "data-transformer");
    assert.deepEqual([scaling["minReplicaCount"], scaling["maxReplicaCount"]], [4, 8]);
    assert.match(JSON.stringify(region.named("Deployment", "sophia", "inference").spec), /"nvidia\.com\/gpu":"1"/);
    assert.equal(region.named("NodePool", undefined as unknown as string, "gpu").metadata.name, "gpu");
  });
});
