import { cisDocker, DOCKER_TYPES, judgeTask, taskOf } from "../../framework/docker.ts";
import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";

const MODES = {
  networkMode: "network",
  pidMode: "process",
  ipcMode: "IPC",
  usernsMode: "user",
  cgroupnsMode: "control group",
} as const;

const NETWORKS = { container: "networksAdvanced", service: "taskSpec.networksAdvanceds" };

export const dockerSharesNoHostNamespace = resourcePolicy({
  name: "docker-shares-no-host-namespace",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No container of Docker shares the network, process, IPC, user or control group namespace of its host.",
  why: "In the host's namespaces a container sees every process and socket of the host, and its ports are open whatever is published.",
  fix: "Leave `networkMode`, `pidMode`, `ipcMode`, `usernsMode` and `cgroupnsMode` out, and publish the ports that are needed.",
  control: cisDocker("https://docs.docker.com/engine/security/", "5.10", "5.16", "5.17", "5.31"),
  settings: {},
  types: DOCKER_TYPES,
  check(resource, _settings, report) {
    const task = taskOf(resource);
    for (const [mode, namespace] of Object.entries(MODES)) {
      judgeTask(report, task, { container: mode }, `the ${namespace} namespace`, (value, path) =>
        value === "host" ? `shares the ${namespace} namespace of its host; take ${path} away.` : undefined,
      );
    }
    judgeTask(report, task, NETWORKS, "the networks", (value, path) => {
      const index = Array.isArray(value) ? value.findIndex((network) => textAt(network, "name") === "host") : -1;
      return index < 0 ? undefined : `is in the network of its host; take ${path}[${index}] away.`;
    });
  },
});
