import assert from "node:assert/strict";
import { expand, isUnexpanded } from "@groundwork/lib/expanders/expand";
import { effectiveRequests } from "@groundwork/lib/pods";
import { MANAGED_ADDONS } from "../../../components/cluster/addons/managed-addons.ts";

const expanded = (addonName: string, configuration?: object) => {
  const expansion = expand("aws:eks/addon:Addon", {
    addonName,
    ...(configuration && { configurationValues: JSON.stringify(configuration) }),
  });
  assert.ok(expansion && !isUnexpanded(expansion));
  return expansion.workloads;
};

describe("pods of EKS managed add-ons", () => {
  it("are known for each that the cluster gets, with requests and limits for every container", () => {
    for (const { managed } of MANAGED_ADDONS) {
      const configuration = managed.configuration?.({ replicas: 2, volumeTags: {} });
      assert.ok(configuration, managed.addonName);
      for (const { name, pods } of expanded(managed.addonName, configuration)) {
        for (const each of pods.containers.filter(({ kind }) => kind === "container")) {
          for (const amount of [each.requests.cpu, each.requests.memory, each.limits.cpu, each.limits.memory])
            assert.ok(amount !== undefined && amount > 0, `${name}/${each.name}`);
        }
      }
    }
  });

  it("have EKS's defaults where nothing is configured", () => {
    const [coredns] = expanded("coredns");
    assert.equal(coredns?.pods.replicas, 2);
    assert.deepEqual(effectiveRequests(coredns.pods), { cpu: 0.1, memory: 70 * 2 ** 20 });
    const [network] = expanded("vpc-cni");
    assert.equal(network?.kind, "DaemonSet");
    assert.equal(network.pods.replicas, undefined);
    assert.equal(effectiveRequests(network.pods).cpu, 0.05);
  });

  it("are unknown for an add-on that nobody described, which is said", () => {
    assert.deepEqual(expand("aws:eks/addon:Addon", { addonName: "aws-guardduty-agent" }), {
      unknown: "EKS add-on aws-guardduty-agent has no expander; add it to lib/expanders/eks-addons.ts",
    });
  });

  it("of types that hide none are not asked for", () => {
    assert.equal(expand("kubernetes:apps/v1:Deployment", {}), undefined);
    assert.equal(expand("aws:eks/cluster:Cluster", {}), undefined);
    assert.equal(expand("kubernetes:networking.k8s.io/v1:NetworkPolicy", {}), undefined);
  });
});
