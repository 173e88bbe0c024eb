import { listed } from "../../framework/format.ts";
import { listAt, plainAt, textAt } from "../../framework/known.ts";
import { pathOf, podPolicy, unknownIn } from "../../framework/pod-specs.ts";
import { fits, patterns } from "../../framework/settings.ts";
import { podSecurity } from "./standard.ts";

const settings = {
  allowed: patterns(
    ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"],
    "Kinds of volumes that a pod may have. A host path is another policy's matter.",
  ),
};

export const podVolumeTypesAreAllowed = podPolicy({
  name: "pod-volume-types-are-allowed",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Pods have only volumes of the kinds that the restricted standard allows.",
  why: "Kinds such as nfs, iscsi or a cloud's disk by id reach storage of anybody's choice with the rights of the node.",
  fix: "Declare the storage as a PersistentVolume and claim it with `persistentVolumeClaim`.",
  control: podSecurity("restricted", "Volume Types"),
  settings,
  checkPod(pod, { allowed }, report) {
    listAt(pod.fields, "volumes").forEach((volume, index) => {
      const kinds = Object.keys(plainAt(pod.fields, `volumes.${index}`)).filter(
        (key) => !["name", "hostPath"].includes(key),
      );
      const other = kinds.filter((kind) => !fits(kind, allowed));
      if (other.length === 0) return;
      const name = textAt(volume, "name") ?? String(index);
      report.violation(
        `${pod.name} has the volume ${name} of the kind ${listed(other)}, where ${listed(allowed)} are allowed; change ${pathOf(pod, `volumes.${index}`)}.`,
      );
    });
    const unknown = pod.fields.volumes === undefined ? unknownIn(pod, "volumes") : undefined;
    if (unknown !== undefined) report.undecided(unknown, `the volumes of ${pod.name}`);
  },
});
