import { listed } from "../../framework/format.ts";
import { label } from "../../framework/kubernetes.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { ROLE, rulesOf } from "./rbac.ts";
import { hardening } from "./standard.ts";

const KEYS = ["apiGroups", "resources", "verbs", "nonResourceURLs"] as const;

export const roleHasNoWildcard = resourcePolicy({
  name: "role-has-no-wildcard",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Roles name the verbs and resources that they allow, with no wildcard.",
  why: "A wildcard allows what is there today and whatever an add-on brings tomorrow, secrets and roles among it.",
  fix: "Write the API groups, resources and verbs out.",
  control: hardening(
    "role-based access control",
    "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
    "5.1.3",
  ),
  settings: {},
  types: [ROLE],
  check(resource, _settings, report) {
    for (const rule of rulesOf(resource, report, "the wildcards")) {
      const wide = KEYS.filter((key) => rule.has(key, "*"));
      if (wide.length > 0) {
        report.violation(`${label(resource)} allows * as ${listed(wide)}; write out what ${rule.path} is to allow.`);
      }
    }
  },
});
