import { label } from "../../framework/kubernetes.ts";
import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";
import { BINDING } from "./rbac.ts";
import { hardening } from "./standard.ts";

const settings = {
  allowed: patterns(
    [],
    "Bindings, by name, that may give cluster-admin, e.g. one for emergencies; * stands for any text.",
  ),
};

export const bindingGivesNoClusterAdmin = resourcePolicy({
  name: "binding-gives-no-cluster-admin",
  family: "security",
  severity: "critical",
  level: "mandatory",
  description: "Nothing is bound to cluster-admin.",
  why: "The role cluster-admin may do everything to everything; whoever takes over one such pod or login has the whole cluster.",
  fix: "Bind a role that allows what is needed.",
  control: hardening(
    "role-based access control",
    "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
    "5.1.1",
  ),
  settings,
  types: [BINDING],
  check(resource, { allowed }, report) {
    const unknown = unknownAt(resource.unknown, "roleRef.name");
    if (unknown !== undefined) report.undecided(unknown, `the role of ${label(resource)}`);
    if (textAt(resource.inputs, "roleRef.name") !== "cluster-admin") return;
    if (fits(textAt(resource.inputs, "metadata.name") ?? resource.name, allowed)) return;
    report.violation(`${label(resource)} gives cluster-admin; set roleRef to a role that allows only what is needed.`);
  },
});
