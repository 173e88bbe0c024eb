import { judge, podPolicy } from "../../framework/pod-specs.ts";
import { podSecurity } from "./standard.ts";

export const containerMasksProc = podPolicy({
  name: "container-masks-proc",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Every container has the default masks over /proc.",
  why: "Unmasked, /proc shows the kernel of the node and takes writes that change it.",
  fix: "Leave `securityContext.procMount` out.",
  control: podSecurity("baseline", "/proc Mount Type"),
  settings: {},
  subject: "the /proc mounts of the containers",
  checkPod({ containers }, _settings, report) {
    for (const container of containers) {
      judge(report, container, "securityContext.procMount", "the /proc mount", (value, path) =>
        value === undefined || value === "Default"
          ? undefined
          : `has the /proc mount ${JSON.stringify(value)}; take ${path} away.`,
      );
    }
  },
});
