import { label } from "../../framework/kubernetes.ts";
import { textAt } from "../../framework/known.ts";
import { EXEMPT } from "../../framework/pod-specs.ts";
import { stackPolicy } from "../../framework/policy.ts";
import { fits, number, patterns } from "../../framework/settings.ts";
import { lastingIn, WORKLOAD_TYPES } from "./workloads.ts";

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
  types: WORKLOAD_TYPES,
  checkStack(stack, { least, single, exempt }, report) {
    for (const workload of lastingIn(stack).flatMap(({ workloads }) => workloads)) {
      const { resource, namespace, scaler, unknown } = workload;
      const name = textAt(resource.inputs, "metadata.name") ?? resource.name;
      if (fits(namespace, exempt) || fits(`${namespace}/${name}`, single)) continue;
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
