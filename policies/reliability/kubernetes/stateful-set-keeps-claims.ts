import { label } from "../../framework/kubernetes.ts";
import { at, listAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";

const PATH = "spec.persistentVolumeClaimRetentionPolicy";

export const statefulSetKeepsClaims = resourcePolicy({
  name: "stateful-set-keeps-claims",
  family: "reliability",
  severity: "high",
  level: "mandatory",
  description: "A StatefulSet's volumes stay when it is deleted or scaled down.",
  why: "With Delete, a scale-down or a replaced StatefulSet takes the data with it.",
  fix: "Leave `persistentVolumeClaimRetentionPolicy` out, or set both of its fields to `Retain`.",
  control: {
    name: "Kubernetes: StatefulSet, PersistentVolumeClaim retention",
    url: "https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#persistentvolumeclaim-retention",
  },
  settings: {},
  types: [/^kubernetes:apps\/v\w+:StatefulSet$/],
  check(resource, _settings, report) {
    if (listAt(resource.inputs, "spec.volumeClaimTemplates").length === 0) return;
    const unknown = unknownAt(resource.unknown, PATH);
    if (unknown !== undefined) report.undecided(unknown, `what becomes of the volumes of ${label(resource)}`);
    for (const [field, when] of [
      ["whenDeleted", "it is deleted"],
      ["whenScaled", "it is scaled down"],
    ] as const) {
      if (at(resource.inputs, `${PATH}.${field}`) !== "Delete") continue;
      report.violation(`${label(resource)} deletes its volumes when ${when}; set ${PATH}.${field} to "Retain".`);
    }
  },
});
