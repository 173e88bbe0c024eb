import { listAt, plainAt, textAt } from "../../framework/known.ts";
import { pathOf, podPolicy, unknownIn } from "../../framework/pod-specs.ts";
import { fits, patterns } from "../../framework/settings.ts";
import { podSecurity } from "./standard.ts";

const settings = {
  allowed: patterns([], "Paths of the node that may be mounted, e.g. `/var/log/*`; * stands for any text."),
};

export const podMountsNoHostPath = podPolicy({
  name: "pod-mounts-no-host-path",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No pod mounts a path of its node.",
  why: "A directory of the node holds other pods' data and the node's credentials, and a writable one is a way out of the container.",
  fix: "Use `emptyDir`, `configMap`, `secret`, or a `persistentVolumeClaim` instead of `hostPath`.",
  control: podSecurity("baseline", "HostPath Volumes", "5.2.12"),
  settings,
  checkPod(pod, { allowed }, report) {
    listAt(pod.fields, "volumes").forEach((volume, index) => {
      const field = `volumes.${index}.hostPath`;
      if (plainAt(pod.fields, `volumes.${index}`).hostPath === undefined) return;
      const path = textAt(volume, "hostPath.path");
      if (path !== undefined && fits(path, allowed)) return;
      const unknown = unknownIn(pod, `${field}.path`);
      if (unknown !== undefined && allowed.length > 0) {
        return report.undecided(unknown, `whether ${pod.name} may mount this path of its node`);
      }
      report.violation(
        `${pod.name} mounts ${path ?? "a path"} of its node; use another kind of volume than ${pathOf(pod, field)}.`,
      );
    });
    const unknown = pod.fields.volumes === undefined ? unknownIn(pod, "volumes") : undefined;
    if (unknown !== undefined) report.undecided(unknown, `what ${pod.name} mounts`);
  },
});
