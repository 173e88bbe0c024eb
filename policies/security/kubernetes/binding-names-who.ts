import { label } from "../../framework/kubernetes.ts";
import { listAt, textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { BINDING } from "./rbac.ts";
import { hardening } from "./standard.ts";

/** https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings */
const EVERYBODY: Readonly<Record<string, string>> = {
  "system:masters": "whose members no role can hold back",
  "system:anonymous": "which is anybody without a login",
  "system:unauthenticated": "which is anybody without a login",
  "system:authenticated": "which is anybody with a login",
  "system:serviceaccounts": "which is every pod of the cluster",
};

export const bindingNamesWho = resourcePolicy({
  name: "binding-names-who",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Bindings name users, groups or service accounts of their own, not everybody.",
  why: "A role that is bound to everybody is the cluster's default: one that was made for one team holds for every pod and stranger.",
  fix: "Bind the role to the group or service account that needs it.",
  control: hardening(
    "role-based access control",
    "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
    "5.1.7",
  ),
  settings: {},
  types: [BINDING],
  check(resource, _settings, report) {
    const unknown = unknownAt(resource.unknown, "subjects[].name");
    if (unknown !== undefined) report.undecided(unknown, `who ${label(resource)} is for`);
    listAt(resource.inputs, "subjects").forEach((subject, index) => {
      const name = textAt(subject, "name") ?? "";
      const who = Object.hasOwn(EVERYBODY, name) ? EVERYBODY[name] : undefined;
      if (who !== undefined) {
        report.violation(`${label(resource)} binds ${name}, ${who}; name who needs it in subjects[${index}].`);
      }
    });
  },
});
