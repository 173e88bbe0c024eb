import assert from "node:assert/strict";
import { expand, isUnexpanded, RELEASE } from "@groundwork/lib/expanders/expand";

function released(chart: string, values: object) {
  const expansion = expand(RELEASE, { name: chart, namespace: "istio", chart, values });
  assert.ok(expansion !== undefined && !isUnexpanded(expansion));
  return expansion.workloads;
}

describe("pods of the mesh", () => {
  it("are as few of the control plane as its autoscaler may run", () => {
    assert.equal(released("istiod", { autoscaleMin: 3 })[0]?.pods.replicas, 3);
    assert.equal(released("istiod", {})[0]?.pods.replicas, 1);
    assert.equal(released("istiod", { autoscaleEnabled: false, replicaCount: 2 })[0]?.pods.replicas, 2);
  });

  it("are two on every node, tainted ones too", () => {
    for (const chart of ["cni", "ztunnel"]) {
      const [daemon, ...others] = released(chart, {});
      assert.deepEqual(others, []);
      assert.equal(daemon?.kind, "DaemonSet");
      assert.equal(daemon.pods.replicas, undefined);
      assert.deepEqual(daemon.tolerations, [{ operator: "Exists" }]);
    }
  });

  it("are none of its kinds", () => {
    assert.deepEqual(released("base", {}), []);
    for (const kind of ["security.istio.io/v1:AuthorizationPolicy", "networking.istio.io/v1:ServiceEntry"])
      assert.equal(expand(`kubernetes:${kind}`, {}), undefined);
  });
});
