import { label } from "../../framework/kubernetes.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { ROLE, rulesOf } from "./rbac.ts";
import { hardening } from "./standard.ts";

export const roleReadsNamedSecretsOnly = resourcePolicy({
  name: "role-reads-named-secrets-only",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "A role that reads Secrets names them, and lists or watches none.",
  why: "Who reads every secret of a namespace, or of the cluster, has every login in it; list and watch show the content too.",
  fix: "Name the Secrets in `resourceNames` and allow `get` alone, or mount them as files.",
  control: hardening(
    "role-based access control",
    "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#listing-secrets",
    "5.1.2",
  ),
  settings: {},
  types: [ROLE],
  check(resource, _settings, report) {
    for (const rule of rulesOf(resource, report, "the access to secrets")) {
      if (!rule.has("resources", "secrets") || !rule.has("verbs", "get", "list", "watch", "*")) continue;
      if (rule.texts("resourceNames").length > 0 && !rule.has("verbs", "list", "watch", "*")) continue;
      report.violation(
        `${label(resource)} reads every Secret that ${rule.path} reaches (${rule.texts("verbs").join(", ")}); name the Secrets in resourceNames and allow get alone.`,
      );
    }
  },
});
