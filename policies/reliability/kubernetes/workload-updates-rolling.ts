import { kindOf, label } from "../../framework/kubernetes.ts";
import { at, numberAt, textAt, unknownAt } from "../../framework/known.ts";
import { podOf } from "../../framework/pod-specs.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { holdsClaim } from "./workloads.ts";

export const workloadUpdatesRolling = resourcePolicy({
  name: "workload-updates-rolling",
  family: "reliability",
  severity: "medium",
  level: "mandatory",
  description: "Workloads are updated pod by pod, and never all at once.",
  why: "Recreate, or a maxUnavailable of everything, stops the old version before the new one is known to start.",
  fix: "Set `strategy: { type: RollingUpdate, rollingUpdate: { maxUnavailable: 0, maxSurge: 25% } }`, or `updateStrategy.type: RollingUpdate`.",
  control: {
    name: "Kubernetes: rolling update of a Deployment",
    url: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy",
  },
  settings: {},
  types: [/^kubernetes:apps\/v\w+:(?:Deployment|StatefulSet|DaemonSet)$/],
  check(resource, _settings, report) {
    const path = kindOf(resource.type) === "Deployment" ? "spec.strategy" : "spec.updateStrategy";
    const unknown = unknownAt(resource.unknown, `${path}.type`, `${path}.rollingUpdate.maxUnavailable`);
    if (unknown !== undefined) return report.undecided(unknown, `how ${label(resource)} is updated`);
    const type = textAt(resource.inputs, `${path}.type`) ?? "RollingUpdate";
    const pod = podOf(resource);
    // a disk that only one node may mount leaves no other way
    if (type === "Recreate" && pod && holdsClaim(pod)) return;
    if (type !== "RollingUpdate") {
      const harm =
        type === "Recreate"
          ? "stops all its pods before it starts new ones"
          : "is updated only as somebody deletes its pods";
      report.violation(`${label(resource)} ${harm} (${type}); set ${path}.type to "RollingUpdate".`);
    } else if (stopsAll(resource, `${path}.rollingUpdate.maxUnavailable`)) {
      const limit = at(resource.inputs, `${path}.rollingUpdate.maxUnavailable`);
      report.violation(
        `${label(resource)} may stop all its pods at once (maxUnavailable ${JSON.stringify(limit)}); set ${path}.rollingUpdate.maxUnavailable to less.`,
      );
    }
  },
});

/** One pod of one is a matter of replicas. */
function stopsAll({ inputs }: Resource, path: string): boolean {
  const limit = at(inputs, path);
  if (limit === "100%") return true;
  const replicas = numberAt(inputs, "spec.replicas");
  const count = numberAt(inputs, path);
  return count !== undefined && replicas !== undefined && replicas > 1 && count >= replicas;
}
