import { judge, podPolicy } from "../../framework/pod-specs.ts";
import { podSecurity } from "./standard.ts";

const HOOKS = [
  ...["livenessProbe", "readinessProbe", "startupProbe"],
  ...["lifecycle.postStart", "lifecycle.preStop"],
] as const;

export const containerProbesNoOtherHost = podPolicy({
  name: "container-probes-no-other-host",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Probes and lifecycle hooks call their own pod and no other host.",
  why: "The kubelet makes these calls from the node, so a host in them reaches what the pod itself must not, such as the cloud's metadata service.",
  fix: "Leave `host` out of the `httpGet` and `tcpSocket` of probes and hooks.",
  control: podSecurity("baseline", "Host Probes / Lifecycle Hooks"),
  settings: {},
  subject: "the probes of the containers",
  checkPod({ containers }, _settings, report) {
    for (const container of containers) {
      for (const field of HOOKS.flatMap((hook) => [`${hook}.httpGet.host`, `${hook}.tcpSocket.host`])) {
        judge(report, container, field, "the probes", (value, path) =>
          typeof value === "string" && value !== "" ? `calls the host ${value}; take ${path} away.` : undefined,
        );
      }
    }
  },
});
