import { HIDING_TYPES } from "../../framework/hidden.ts";
import { label } from "../../framework/kubernetes.ts";
import type { Cluster } from "../../framework/kubernetes.ts";
import { numberAt, textAt } from "../../framework/known.ts";
import { EXEMPT } from "../../framework/pod-specs.ts";
import { stackPolicy } from "../../framework/policy.ts";
import { fits, number, patterns } from "../../framework/settings.ts";
import { LASTING, lastingIn, WORKLOAD_TYPES } from "./workloads.ts";

const settings = {
  least: number(2, "Fewest pods of a workload.", 1),
  single: patterns(
    [],
    "Workloads, as namespace/name, that may have fewer, e.g. those of which only one may run; * stands for any text.",
  ),
  exempt: EXEMPT,
};

export const workloadHasSpareReplica = stackPolicy({
  name: "workload-has-spare-replica",
  family: "reliability",
  severity: "high",
  level: "mandatory",
  description: "Every lasting workload has at least two pods, also when its autoscaler has scaled it down.",
  why: "With one pod every node that fails or is upgraded is an outage of the service.",
  fix: "Set `spec.replicas`, or the autoscaler's `minReplicas`, to 2 or more; name what must be alone in `single`.",
  control: {
    name: "AWS EKS best practices: reliability, run multiple replicas",
    url: "https://docs.aws.amazon.com/eks/latest/best-practices/application.html",
  },
  settings,
  types: [...WORKLOAD_TYPES, ...HIDING_TYPES],
  checkStack(stack, { least, single, exempt }, report) {
    const isLeftOut = (namespace: string, name: string) =>
      fits(namespace, exempt) || fits(`${namespace}/${name}`, single);
    const parts = lastingIn(stack);
    for (const { cluster } of parts) {
      for (const { name, urn, pods, unknown } of hiddenIn(cluster, isLeftOut)) {
        if (pods >= least || (pods === 0 && unknown === undefined)) continue;
        if (unknown !== undefined) report.undecided(unknown, `how many pods ${name} has`, urn);
        else report.violation(`${name} has ${pods} of the ${least} pods that are wanted; raise its replicas.`, urn);
      }
    }
    for (const workload of parts.flatMap(({ workloads }) => workloads)) {
      const { resource, namespace, scaler, unknown } = workload;
      const name = textAt(resource.inputs, "metadata.name") ?? resource.name;
      if (isLeftOut(namespace, name)) continue;
      // taken to zero on purpose, which switches an autoscaler off too
      if (numberAt(resource.inputs, "spec.replicas") === 0) continue;
      // what an event scaler takes to zero has nobody waiting for it
      if (workload.least >= least || (scaler?.type.includes("keda") === true && workload.least === 0)) continue;
      if (unknown !== undefined) {
        report.undecided(unknown, `how many pods ${label(resource)} has`, resource.urn);
        continue;
      }
      const how = scaler ? `goes down to ${workload.least} under ${label(scaler)}` : `has ${workload.least}`;
      const where = scaler ? `the least of ${label(scaler)}` : "spec.replicas";
      report.violation(
        `${label(resource)} ${how} of the ${least} pods that are wanted; set ${where} to at least ${least}.`,
        resource.urn,
      );
    }
  },
});

interface Hidden {
  /** For messages: `Deployment velero of Release velero`. */
  readonly name: string;
  readonly urn: string;
  readonly pods: number;
  readonly unknown: string | undefined;
}

/** What a release or custom resource keeps up, without what shows its pods itself. */
function hiddenIn(cluster: Cluster, isLeftOut: (namespace: string, name: string) => boolean): Hidden[] {
  return cluster.workloads.flatMap(({ hidden, kind, resource, namespace, name, min, unknown }) => {
    const isLasting = hidden && (kind === "Deployment" || kind === "StatefulSet") && !LASTING.test(resource.type);
    const own = name.split(" ")[1] ?? "";
    if (!isLasting || min === undefined || isLeftOut(namespace, own)) return [];
    return [{ name, urn: resource.urn, pods: min, unknown }];
  });
}
