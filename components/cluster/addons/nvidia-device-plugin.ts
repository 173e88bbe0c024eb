import type { HelmAddon } from "./addon.ts";
import { resources } from "./context.ts";
import type { PlacementValues, ResourceValues } from "./common-values.ts";
import { GPU_LABEL, GPU_TAINT } from "../node-pools.ts";

/**
 * What we set of https://github.com/NVIDIA/k8s-device-plugin/blob/v0.20.0/deployments/helm/nvidia-device-plugin/values.yaml;
 * one GPU is one resource, not shared.
 */
export interface NvidiaDevicePluginValues extends PlacementValues {
  readonly priorityClassName: "system-node-critical";
  readonly resources: ResourceValues;
  /** GPU feature discovery, which would add another DaemonSet on each node: Karpenter labels GPU nodes itself. */
  readonly gfd: { readonly enabled: false };
}

/**
 * Nodes have the `al2023` images, whose NVIDIA variant brings driver and container runtime and leaves this out; Bottlerocket's
 * would bring it. Until it runs on a node, Karpenter takes the node for one that is still coming up.
 * https://docs.aws.amazon.com/eks/latest/userguide/ml-eks-k8s-device-plugin.html
 */
export const nvidiaDevicePlugin: HelmAddon<NvidiaDevicePluginValues> = {
  name: "nvidia-device-plugin",
  why: "Offers the GPUs of a node to its pods, without which none is ever scheduled; only on GPU nodes",
  needs: [],
  namespace: "nvidia-device-plugin",
  // It talks to the kubelet alone.
  network: () => ({ flows: [] }),
  unmeasured: "it has none; NVIDIA's DCGM exporter, which is not among the add-ons, measures GPUs",
  // It speaks to the kubelet through a socket on the host.
  podSecurity: "privileged",
  release: {
    chart: "nvidia-device-plugin",
    repository: "https://nvidia.github.io/k8s-device-plugin",
    version: "0.20.0",
    source: "https://github.com/NVIDIA/deepops/pull/1382",
  },
  values: () => ({
    nodeSelector: { [GPU_LABEL.key]: GPU_LABEL.value },
    tolerations: [{ ...GPU_TAINT, operator: "Exists" }],
    priorityClassName: "system-node-critical",
    resources: resources("10m", "64Mi", { cpu: "200m", memory: "128Mi" }),
    gfd: { enabled: false },
  }),
};
