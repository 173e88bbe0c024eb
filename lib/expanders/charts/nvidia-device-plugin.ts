import { expansionOf, workload } from "../build.ts";
import type { Chart } from "../expansion.ts";
import { at, container, enabled, fullname, plain, text } from "../read.ts";

/** The chart's own. */
const TOLERATIONS = [
  { key: "CriticalAddonsOnly", operator: "Exists" },
  { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
];
/** What a configuration that shares GPUs among processes labels nodes with. */
const SHARED = { "nvidia.com/mps.capable": "true" };

export const nvidiaDevicePlugin: Chart = {
  name: "nvidia-device-plugin",
  version: "0.20.0",
  source:
    "https://github.com/NVIDIA/k8s-device-plugin/blob/v0.20.0/deployments/helm/nvidia-device-plugin/values.schema.json",
  keys: [
    ...["affinity", "allowDefaultNamespace", "cdi", "compatWithCPUManager", "componentSelectorLabels", "config"],
    ...["configManager", "deviceDiscoveryStrategy", "deviceIDStrategy", "deviceListStrategy", "devicePlugin"],
    ...["failOnInitError", "fullnameOverride", "gdrcopyEnabled", "gdsEnabled", "gfd", "image", "imagePullSecrets"],
    ...["logVerbosity", "migStrategy", "mofedEnabled", "mps", "nameOverride", "namespaceOverride", "nfd"],
    ...["nodeSelector", "nvidiaDevRoot", "nvidiaDriverCapabilities", "nvidiaDriverRoot", "podAnnotations"],
    ...["podSecurityContext", "priorityClassName", "resources", "runtimeClassName", "securityContext"],
    ...["selectorLabelsOverride", "tolerations", "updateStrategy"],
  ],
  expand: ({ name, namespace, values }) => {
    const base = fullname(name, "nvidia-device-plugin", values);
    const placed = { priorityClassName: "system-node-critical", tolerations: TOLERATIONS, ...values };
    const resourcesOf = (section: string) => at(values, section).resources ?? values.resources;
    const config = at(values, "config");
    const mayShare = text(config.name) !== "" || Object.keys(at(config, "map")).length > 0;
    const daemon = (suffix: string, containers: ReturnType<typeof container>[], placedBy: object = placed) =>
      workload("DaemonSet", { namespace, name: `${base}${suffix}`, containers, placedBy });
    return expansionOf(
      ...(enabled(values.devicePlugin, true)
        ? [daemon("", [container("nvidia-device-plugin-ctr", resourcesOf("devicePlugin"))])]
        : []),
      // It is there without a configuration too, for nodes that nothing then labels.
      ...(enabled(values.devicePlugin, true) && mayShare
        ? [
            daemon(
              "-mps-control-daemon",
              [
                container("mps-control-daemon-mounts", resourcesOf("mps"), "init"),
                container("mps-control-daemon-ctr", resourcesOf("mps")),
              ],
              { ...placed, nodeSelector: { ...plain(values.nodeSelector), ...SHARED } },
            ),
          ]
        : []),
      ...(enabled(values.gfd, false)
        ? [daemon("-gpu-feature-discovery", [container("gpu-feature-discovery-ctr", resourcesOf("gfd"))])]
        : []),
    );
  },
};
