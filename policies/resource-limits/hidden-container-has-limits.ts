import type { PodContainer, Pods } from "@groundwork/lib/pods";
import { listed } from "../framework/format.ts";
import { HIDING_TYPES, hiddenWorkloads, MANAGED_ADDON, RELEASE, unknownHiddenSize } from "../framework/hidden.ts";
import { label } from "../framework/kubernetes.ts";
import { resourcePolicy } from "../framework/policy.ts";
import type { Report, Resource } from "../framework/policy.ts";
import { flag } from "../framework/settings.ts";

const settings = {
  cpuLimits: flag(
    false,
    "Whether a CPU limit is wanted too; few charts set one, because requests share the CPU already.",
  ),
};

export const hiddenContainerHasLimits = resourcePolicy({
  name: "hidden-container-has-limits",
  family: "resource-limits",
  severity: "medium",
  level: "mandatory",
  description:
    "Containers that custom resources make have a memory limit, a memory and a CPU request; for those of Helm releases and EKS add-ons it is advice.",
  why: "A pod of an operator takes its node down as well as one's own does, and nobody sees its container in a preview.",
  fix: "Set resources in the custom resource's spec, in the chart's values or in the add-on's configurationValues.",
  control: {
    ids: ["Kubescape C-0009"],
    name: "Resource limits",
    url: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
  },
  settings,
  types: HIDING_TYPES,
  check(resource, { cpuLimits }, report) {
    const lines = hiddenWorkloads(resource).flatMap(({ kind, name, pods }) => {
      const lacking = pods.containers
        .filter(({ kind: of }) => of !== "init")
        .map((container) => [container.name, lacks(pods, container, cpuLimits)] as const)
        .filter(([, what]) => what.length > 0);
      return lacking.map(([container, what]) => `container ${container} of ${kind} ${name} has no ${listed(what)}`);
    });
    if (lines.length > 0) tell(resource, lines, report);
  },
});

function lacks(pods: Pods, { limits, requests }: PodContainer, cpuLimits: boolean): string[] {
  const memoryLimit = limits.memory ?? pods.pod?.limits.memory;
  const memory = requests.memory ?? memoryLimit ?? pods.pod?.requests.memory;
  const cpuLimit = limits.cpu ?? pods.pod?.limits.cpu;
  const cpu = requests.cpu ?? cpuLimit ?? pods.pod?.requests.cpu;
  return [
    ...(memoryLimit === undefined ? ["memory limit"] : []),
    ...(memory === undefined ? ["memory request"] : []),
    ...(cpu === undefined ? ["CPU request"] : []),
    ...(cpuLimits && cpuLimit === undefined ? ["CPU limit"] : []),
  ];
}

/** A chart's own containers are its author's; those of a custom resource are written right there. */
function tell(resource: Resource, lines: readonly string[], report: Report): void {
  const unknown = unknownHiddenSize(resource);
  if (unknown !== undefined) return report.undecided(unknown, `the limits of what ${label(resource)} makes`);
  const isChart = resource.type === RELEASE;
  const where = isChart ? "values" : resource.type === MANAGED_ADDON ? "configurationValues" : "spec";
  const message = `In ${label(resource)}, ${listed(lines)}; set resources in its ${where}.`;
  if (isChart || resource.type === MANAGED_ADDON) report.advice(message);
  else report.violation(message);
}
