import { judge, podPolicy } from "../../framework/pod-specs.ts";
import { hardening } from "./standard.ts";

export const containerHasReadOnlyRoot = podPolicy({
  name: "container-has-read-only-root",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Every container's root file system is read-only.",
  why: "Who gets into a container cannot leave tools or a changed program behind, and what it writes is in volumes that have a size.",
  fix: "Set `securityContext.readOnlyRootFilesystem: true`, and mount an `emptyDir` where the process writes, e.g. /tmp.",
  control: hardening(
    "immutable container file systems",
    "https://kubernetes.io/docs/tasks/configure-pod-container/security-context/",
    "5.7.3",
  ),
  settings: {},
  subject: "the root file systems of the containers",
  checkPod({ containers, windows }, _settings, report) {
    if (windows) return;
    for (const container of containers) {
      judge(report, container, "securityContext.readOnlyRootFilesystem", "the root file system", (value, path) =>
        value === true ? undefined : `can write to its root file system; set ${path} to true.`,
      );
    }
  },
});
