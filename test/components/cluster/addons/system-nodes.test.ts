import assert from "node:assert/strict";
import { expand, isUnexpanded, MANAGED_ADDON, RELEASE } from "@groundwork/lib/expanders/expand";
import type { ExpandedWorkload } from "@groundwork/lib/expanders/expand";
import { before, describe, it } from "mocha";
import { isManaged } from "../../../../components/cluster/addons/addon.ts";
import type { Addon } from "../../../../components/cluster/addons/addon.ts";
import { CATALOG } from "../../../../components/cluster/addons/catalog.ts";
import { chooseAddons } from "../../../../components/cluster/addons/choose.ts";
import { ON_SYSTEM_NODES } from "../../../../components/cluster/addons/context.ts";
import { GPU_LABEL } from "../../../../components/cluster/node-pools.ts";
import { SYSTEM_TAINT } from "../../../../components/cluster/nodes.ts";
import { cloudEnvironment } from "../../../../stacks/cloud.ts";
import { SYSTEMS } from "../../../../stacks/systems/index.ts";
import { inCloud } from "../../../../stacks/systems/scale.ts";
import { registered } from "../../../helpers/mocks.ts";
import type { Registered } from "../../../helpers/mocks.ts";
import { CLOUD_OUTPUTS, prod } from "../../../stacks/cloud-fixture.ts";
import { contextWith } from "./context.ts";

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#concepts */
function mayRunOnSystemNodes({ tolerations = [] }: Pick<ExpandedWorkload, "tolerations">): boolean {
  return tolerations.some(
    ({ key, operator = "Equal", value, effect }) =>
      (key === undefined ? operator === "Exists" : key === SYSTEM_TAINT.key) &&
      (operator === "Exists" || value === SYSTEM_TAINT.value) &&
      (effect === undefined || effect === "NoSchedule"),
  );
}

function expanded(type: string, inputs: Readonly<Record<string, unknown>>): readonly ExpandedWorkload[] {
  const expansion = expand(type, inputs);
  assert.ok(expansion === undefined || !isUnexpanded(expansion), `${type} has no expander`);
  return expansion?.workloads ?? [];
}

function workloadsOf(addon: Addon): readonly ExpandedWorkload[] {
  const context = { ...contextWith(), placement: ON_SYSTEM_NODES };
  if (isManaged(addon)) {
    const { addonName, configuration } = addon.managed;
    const configurationValues = JSON.stringify(configuration?.({ replicas: 2, volumeTags: {} }) ?? {});
    return expanded(MANAGED_ADDON, { addonName, configurationValues });
  }
  const { chart, version } = addon.release;
  const { name, namespace } = addon;
  return expanded(RELEASE, { name, namespace, chart, version, values: addon.values(context) });
}

describe("nodes that are the system's alone", () => {
  for (const addon of CATALOG) {
    it(`take every pod of ${addon.name}`, () => {
      for (const workload of workloadsOf(addon)) {
        // what runs on GPU nodes alone has no business there
        const isForGpus = workload.nodeSelector?.[GPU_LABEL.key] === GPU_LABEL.value;
        assert.notEqual(mayRunOnSystemNodes(workload), isForGpus, `${workload.kind} ${workload.name}`);
        if (!isForGpus) assert.equal(workload.nodeSelector, undefined, workload.name);
      }
    });
  }

  describe("in production with all five systems", () => {
    let resources: readonly Registered[];
    before(async () => {
      const systems = Object.values(SYSTEMS).map(inCloud);
      const told = CATALOG.filter(({ name }) => name !== "external-dns" && name !== "external-secrets");
      const addons = chooseAddons(
        {},
        told.map(({ name }) => name),
      );
      const nodes = { ...prod.nodes, systemOnly: true };
      resources = await registered(() => cloudEnvironment({ ...prod, systems, addons, nodes }), CLOUD_OUTPUTS);
    });
    const inputsOf = (type: string) => resources.filter((each) => each.type === type).map(({ inputs }) => inputs);

    it("refuse all else, and Karpenter, which makes the others, is not kept off", () => {
      const taint = { key: SYSTEM_TAINT.key, value: SYSTEM_TAINT.value, effect: "NO_SCHEDULE" };
      assert.deepEqual(
        inputsOf("aws:eks/nodeGroup:NodeGroup").map(({ taints }) => taints),
        [[taint], [taint]],
      );
      const releases = inputsOf(RELEASE);
      assert.equal(releases.filter(({ name }) => name === "karpenter").length, 2);
      for (const inputs of releases)
        for (const workload of expanded(RELEASE, inputs))
          if (workload.nodeSelector === undefined) assert.ok(mayRunOnSystemNodes(workload), workload.name);
    });

    it("leave workloads, tiers and gateways to Karpenter's, whose pool refuses none of them", () => {
      const others = resources
        .filter(({ type }) => type.startsWith("kubernetes:") && type !== RELEASE)
        .flatMap(({ type, inputs }) => expanded(type, inputs));
      assert.ok(others.length >= 6, "tiers, gateways and rollouts");
      const deployments = inputsOf("kubernetes:apps/v1:Deployment").map((inputs) => {
        const { metadata, spec } = inputs as {
          metadata: { name: string };
          spec: { template: { spec: Pick<ExpandedWorkload, "nodeSelector" | "tolerations"> } };
        };
        return { name: metadata.name, ...spec.template.spec };
      });
      for (const { name, nodeSelector, ...pod } of [...others, ...deployments]) {
        assert.ok(!mayRunOnSystemNodes(pod), name);
        assert.equal(nodeSelector, undefined, name);
      }
      const pools = inputsOf("kubernetes:karpenter.sh/v1:NodePool").filter(
        ({ metadata }) => (metadata as { name: string }).name === "workloads",
      );
      assert.equal(pools.length, 2);
      for (const pool of pools)
        assert.equal(
          (pool as { spec: { template: { spec: object } } }).spec.template.spec["taints" as never],
          undefined,
        );
    });
  });
});
