import { judge, podPolicy } from "../../framework/pod-specs.ts";
import { podSecurity } from "./standard.ts";

export const containerNotPrivileged = podPolicy({
  name: "container-not-privileged",
  family: "security",
  severity: "critical",
  level: "mandatory",
  description: "No container is privileged.",
  why: "A privileged container has every capability and every device of its node: who breaks out of it owns the node and what else runs there.",
  fix: "Leave `securityContext.privileged` out, and give the container the one volume or capability that it needs.",
  control: podSecurity("baseline", "Privileged Containers", "5.2.2"),
  settings: {},
  subject: "whether the containers are privileged",
  checkPod({ containers }, _settings, report) {
    for (const container of containers) {
      judge(report, container, "securityContext.privileged", "the privileges", (value, path) =>
        value === true ? `is privileged; take ${path} away.` : undefined,
      );
    }
  },
});
