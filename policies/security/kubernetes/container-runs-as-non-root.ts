import { judgeInherited, podPolicy } from "../../framework/pod-specs.ts";
import { podSecurity } from "./standard.ts";

export const containerRunsAsNonRoot = podPolicy({
  name: "container-runs-as-non-root",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Every container must run as a user other than root.",
  why: "Root in a container is root on the node as soon as it gets out; the kubelet refuses to start such an image where it is told to.",
  fix: "Set `securityContext.runAsNonRoot: true` for the pod, and leave it alone in its containers.",
  control: podSecurity("restricted", "Running as Non-root", "5.2.7"),
  settings: {},
  subject: "the users of the containers",
  checkPod(pod, _settings, report) {
    for (const container of pod.containers) {
      judgeInherited(report, pod, container, "securityContext.runAsNonRoot", "the user", (value, path) => {
        if (value === true) return undefined;
        const where = value === undefined ? `${pod.path}.securityContext.runAsNonRoot` : path;
        return `may run as root; set ${where} to true.`;
      });
    }
  },
});
