import assert from "node:assert/strict";
import { replicasAndDisruptionBudgetConsistent as policy } from "../../policies/resource-limits/replicas-and-disruption-budget-consistent.ts";
import { changed, environment, without } from "./fixtures.ts";
import { say, UNKNOWN } from "./harness.ts";

describe("policy replicas-and-disruption-budget-consistent", () => {
  it("passes an autoscaler and a budget that go together", () => {
    assert.deepEqual(say(policy, environment), []);
  });

  it("finds bounds in the wrong order", () => {
    assert.deepEqual(say(policy, changed("web-scale/spec/maxReplicas", 2)), [
      "mandatory: HorizontalPodAutoscaler web has minReplicas 3 above maxReplicas 2; raise maxReplicas to at least 3.",
    ]);
  });

  it("finds replicas beside an autoscaler", () => {
    const [found = ""] = say(policy, changed("web/spec/replicas", 3));
    assert.match(
      found,
      /^mandatory: Deployment web sets spec\.replicas to 3 while HorizontalPodAutoscaler web scales it/,
    );
  });

  it("passes replicas beside an autoscaler that only the first update writes", () => {
    const ignoring = (...ignoreChanges: readonly string[]) =>
      changed("web/spec/replicas", 3).map((each) => (each.name === "web" ? { ...each, ignoreChanges } : each));
    for (const path of ["spec.replicas", "spec", 'spec["replicas"]', '["spec"].replicas']) {
      assert.deepEqual(say(policy, ignoring("metadata.labels", path)), [], path);
    }
    for (const path of ["spec.template", "metadata", "replicas", "spec.replicasMax"]) {
      assert.match(
        say(policy, ignoring(path)).join("\n"),
        /^mandatory: .* or write ignoreChanges: \["spec\.replicas"\]\.$/,
      );
    }
    const unknown = changed("web/spec/replicas", UNKNOWN, ignoring("spec.replicas"));
    assert.deepEqual(say(policy, unknown), []);
  });

  it("finds the autoscaler's target by what it comes from while its name is not known", () => {
    const linked = changed("web-scale/spec/scaleTargetRef/name", UNKNOWN, changed("web/spec/replicas", 3)).map(
      (resource) => (resource.name === "web-scale" ? { ...resource, from: { spec: ["web"] } } : resource),
    );
    assert.equal(say(policy, linked).filter((line) => line.startsWith("mandatory")).length, 1);
  });

  const blocking: readonly (readonly [string, string, unknown])[] = [
    ["as many as the autoscaler's minimum", "minAvailable", 3],
    ["all", "minAvailable", "100%"],
    ["a share that rounds up to all", "minAvailable", "67%"],
    ["more than there are", "minAvailable", 5],
  ];
  for (const [what, key, value] of blocking) {
    it(`finds a budget that keeps ${what}`, () => {
      const [found = ""] = say(policy, changed(`web-budget/spec/${key}`, value));
      assert.match(
        found,
        /^mandatory: PodDisruptionBudget web wants .* available while HorizontalPodAutoscaler web goes down to 3, so no pod may be evicted/,
      );
    });
  }

  it("passes a share that leaves one pod to go", () => {
    assert.deepEqual(say(policy, changed("web-budget/spec/minAvailable", "66%")), []);
  });

  it("finds maxUnavailable 0, and both bounds at once", () => {
    const spec = { selector: { matchLabels: { app: "web" } } };
    assert.match(
      say(policy, changed("web-budget/spec", { ...spec, maxUnavailable: 0 }))[0] ?? "",
      /maxUnavailable 0, so no pod may ever be evicted/,
    );
    assert.match(
      say(policy, changed("web-budget/spec", { ...spec, maxUnavailable: "0%" }))[0] ?? "",
      /maxUnavailable 0%/,
    );
    assert.deepEqual(say(policy, changed("web-budget/spec", { ...spec, maxUnavailable: 1 })), []);
    assert.match(
      say(policy, changed("web-budget/spec", { ...spec, maxUnavailable: 1, minAvailable: 1 }))[0] ?? "",
      /sets both/,
    );
  });

  it("counts all workloads that a budget selects together", () => {
    const other = environment.find(({ name }) => name === "web");
    assert.ok(other);
    const canary = changed("canary/metadata/name", "canary", [{ ...other, name: "canary" }]);
    assert.deepEqual(say(policy, changed("web-budget/spec/minAvailable", 3, [...environment, ...canary])), []);
  });

  it("counts plain replicas without an autoscaler", () => {
    const single = changed("web-budget/spec/minAvailable", 1, without("web-scale"));
    assert.match(say(policy, single)[0] ?? "", /while Deployment web has 1, so no pod may be evicted/);
  });

  it("passes budgets that select nothing of this stack", () => {
    assert.deepEqual(
      say(policy, changed("web-budget/spec", { minAvailable: 9, selector: { matchLabels: { app: "db" } } })),
      [],
    );
  });

  it("is undecided about what is not known in preview", () => {
    for (const path of ["web-scale/spec/maxReplicas", "web-scale/spec/minReplicas", "web-budget/spec/minAvailable"]) {
      const found = say(policy, changed(path, UNKNOWN));
      assert.ok(
        found.length > 0 && found.every((line) => line.startsWith("advisory: Undecided until up: spec.")),
        path,
      );
    }
    const replicas = changed("web/spec/replicas", UNKNOWN, without("web-scale"));
    assert.match(say(policy, replicas)[0] ?? "", /Undecided until up: spec\.replicas of web/);
  });
});
