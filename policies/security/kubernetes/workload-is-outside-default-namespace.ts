import { label, unknownNamespace } from "../../framework/kubernetes.ts";
import { textAt } from "../../framework/known.ts";
import { POD_TYPES } from "../../framework/pod-specs.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { hardening } from "./standard.ts";

export const workloadIsOutsideDefaultNamespace = resourcePolicy({
  name: "workload-is-outside-default-namespace",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "No workload is in the namespace default.",
  why: "Quotas, network policies and rights hold for a namespace; in default everything that nobody placed shares one.",
  fix: "Set `metadata.namespace`, or the `namespace` of the provider.",
  control: hardening(
    "namespace separation",
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
    ...["5.7.1", "5.7.4"],
  ),
  settings: {},
  types: POD_TYPES,
  check(resource, _settings, report) {
    const unknown = unknownNamespace(resource);
    if (unknown !== undefined) return report.undecided(unknown, `the namespace of ${label(resource)}`);
    const written = textAt(resource.inputs, "metadata.namespace") ?? textAt(resource.provider?.properties, "namespace");
    if ((written ?? "default") !== "default") return;
    const how = written === undefined ? "names no namespace and so is in default" : "is in the namespace default";
    report.violation(`${label(resource)} ${how}; set metadata.namespace to one of its own.`);
  },
});
