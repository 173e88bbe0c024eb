import { judge, podPolicy } from "../../framework/pod-specs.ts";
import { podSecurity } from "./standard.ts";

const NAMESPACES = {
  hostNetwork: "network",
  hostPID: "process",
  hostIPC: "IPC",
} as const;

export const podSharesNoHostNamespace = podPolicy({
  name: "pod-shares-no-host-namespace",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No pod shares the network, process or IPC namespace of its node.",
  why: "In the node's namespaces a pod sees every process and every connection of the node, and no network policy holds for it.",
  fix: "Leave `hostNetwork`, `hostPID` and `hostIPC` out; reach other pods through Services.",
  control: podSecurity("baseline", "Host Namespaces", "5.2.3", "5.2.4", "5.2.5"),
  settings: {},
  checkPod(pod, _settings, report) {
    for (const [field, namespace] of Object.entries(NAMESPACES)) {
      judge(report, pod, field, `the ${namespace} namespace`, (value, path) =>
        value === true ? `shares the ${namespace} namespace of its node; take ${path} away.` : undefined,
      );
    }
  },
});
