import assert from "node:assert/strict";
import { EC2NodeClass } from "@kubernetes-models/karpenter/karpenter.k8s.aws/v1/EC2NodeClass";
import { NodePool } from "@kubernetes-models/karpenter/karpenter.sh/v1/NodePool";
import { Provider } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { nvidiaDevicePlugin } from "../../../components/cluster/addons/nvidia-device-plugin.ts";
import { contextWith } from "./addons/context.ts";
import { GPU_TAINT, NodePools, SPOT_TAINT } from "../../../components/cluster/node-pools.ts";
import type { NodePoolsArgs } from "../../../components/cluster/node-pools.ts";
import { registered } from "../../helpers/mocks.ts";

const ARGS: NodePoolsArgs = {
  clusterName: "prod-us-west-2",
  karpenter: { nodeRole: pulumi.output("nodes"), subnetIds: ["subnet-1"], securityGroupId: pulumi.output("sg-1") },
  workloads: { architecture: "arm64", spot: true, cpu: 200, memoryGib: 800, expireAfterHours: 336 },
};

type Custom = Record<string, unknown> & { readonly spec: Record<string, unknown> };

async function made(args: NodePoolsArgs): Promise<Readonly<Record<string, Custom>>> {
  const resources = await registered(
    () => {
      const provider = new Provider("cluster", { kubeconfig: "{}" });
      new NodePools("west", args, { providers: [provider] });
    },
    {
      "kubernetes:karpenter.sh/v1:NodePool": () => ({}),
      "kubernetes:karpenter.k8s.aws/v1:EC2NodeClass": () => ({}),
    },
  );
  const custom = resources.filter(({ type }) => type.startsWith("kubernetes:karpenter"));
  assert.ok(custom.every(({ provider }) => provider?.includes("::cluster::")));
  return Object.fromEntries(custom.map(({ name, inputs }) => [name, inputs as Custom]));
}

describe("node pools", () => {
  it("are what Karpenter's own schema takes", async () => {
    const all = await made({ ...ARGS, gpu: { count: 2 } });
    assert.deepEqual(Object.keys(all).sort(), [
      "west-gpu-class",
      "west-gpu-pool",
      "west-spot-pool",
      "west-workloads-class",
      "west-workloads-pool",
    ]);
    for (const [name, inputs] of Object.entries(all)) {
      if (name.endsWith("-class")) new EC2NodeClass(inputs as never).validate();
      else new NodePool(inputs as never).validate();
    }
  });

  it("have no GPUs where no system asks for one", async () => {
    const names = Object.keys(await made(ARGS)).sort();
    assert.deepEqual(names, ["west-spot-pool", "west-workloads-class", "west-workloads-pool"]);
  });

  it("take the architecture, spot only where it is allowed, and no more than the limits", async () => {
    const pool = async (args: NodePoolsArgs, name: string) => {
      const found = (await made(args))[`west-${name}-pool`]?.spec as
        | {
            template: {
              spec: { requirements: { key: string; values: string[] }[]; taints?: object[]; nodeClassRef: object };
            };
            limits: object;
            weight?: number;
          }
        | undefined;
      const { requirements = [], taints, nodeClassRef } = found?.template.spec ?? {};
      const of = (key: string) => requirements.find((each) => each.key === key)?.values;
      const kinds = [of("kubernetes.io/arch"), of("karpenter.sh/capacity-type")];
      return { kinds, taints, nodeClassRef, limits: found?.limits, weight: found?.weight };
    };
    const half = { cpu: "100", memory: "400Gi" };
    const nodeClassRef = { group: "karpenter.k8s.aws", kind: "EC2NodeClass", name: "workloads" };
    const steady = { kinds: [["arm64"], ["on-demand"]], taints: undefined, nodeClassRef, weight: undefined };
    assert.deepEqual(await pool(ARGS, "workloads"), { ...steady, limits: half });
    const spot = { kinds: [["arm64"], ["spot"]], taints: [SPOT_TAINT], nodeClassRef, weight: 10, limits: half };
    assert.deepEqual(await pool(ARGS, "spot"), spot);
    const safe = { ...ARGS, workloads: { ...ARGS.workloads, spot: false } };
    assert.deepEqual(await pool(safe, "workloads"), { ...steady, limits: { cpu: "200", memory: "800Gi" } });
    assert.equal((await pool(safe, "spot")).limits, undefined);
  });

  it("keep everything else off the GPUs, and their credentials from pods", async () => {
    const all = await made({ ...ARGS, gpu: { count: 2 } });
    const { template } = all["west-gpu-pool"]?.spec as { template: { spec: { taints: unknown } } };
    assert.deepEqual(template.spec.taints, [GPU_TAINT]);
    for (const name of ["west-gpu-class", "west-workloads-class"]) {
      const { metadataOptions, securityGroupSelectorTerms, role } = all[name]?.spec ?? {};
      assert.deepEqual(metadataOptions, {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      });
      assert.deepEqual(securityGroupSelectorTerms, [{ id: "sg-1" }]);
      assert.equal(role, "nodes");
    }
  });

  it("have the device plug-in on every GPU node, and on no other", async () => {
    interface Template {
      readonly metadata: { readonly labels: Record<string, string> };
      readonly spec: { readonly taints?: unknown };
    }
    const all = await made({ ...ARGS, gpu: { count: 2 } });
    const template = (pool: string) => (all[`west-${pool}-pool`]?.spec as { template: Template }).template;
    const { nodeSelector, tolerations } = nvidiaDevicePlugin.values(contextWith());
    const isSelected = (pool: string) =>
      Object.entries(nodeSelector).every(([key, value]) => template(pool).metadata.labels[key] === value);
    assert.deepEqual([isSelected("gpu"), isSelected("workloads")], [true, false]);
    assert.deepEqual(tolerations, [{ ...GPU_TAINT, operator: "Exists" }]);
    // Without it the class must have an image that brings it.
    assert.match(JSON.stringify(all["west-gpu-class"]?.spec["amiSelectorTerms"]), /al2023/);
  });

  it("carry the stack's tags at AWS, which the provider cannot give what Karpenter makes", async () => {
    const { tags } = (await made(ARGS))["west-workloads-class"]?.spec as { tags: Record<string, string> };
    assert.deepEqual(Object.keys(tags).sort(), ["Name", "groundwork:project", "groundwork:stack"]);
  });

  it("are refused without a limit", async () => {
    await assert.rejects(
      made({ ...ARGS, workloads: { ...ARGS.workloads, cpu: 0 } }),
      /west: cpu is 0; write a whole number from 1\./,
    );
  });
});
