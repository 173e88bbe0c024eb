import { kindOf, label } from "../../framework/kubernetes.ts";
import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";
import { ROLE, rulesOf } from "./rbac.ts";
import { hardening } from "./standard.ts";

const settings = {
  allowed: patterns(
    [],
    "Roles of a namespace, as namespace/name, that may read every Secret of it: those of who compares or copies them all; * stands for any text.",
  ),
};

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
  settings,
  types: [ROLE],
  check(resource, { allowed }, report) {
    if (isOfNamespace(resource) && fits(keyOf(resource), allowed)) return;
    for (const rule of rulesOf(resource, report, "the access to secrets")) {
      if (!rule.has("resources", "secrets") || !rule.has("verbs", "get", "list", "watch", "*")) continue;
      if (rule.texts("resourceNames").length > 0 && !rule.has("verbs", "list", "watch", "*")) continue;
      report.violation(
        `${label(resource)} reads every Secret that ${rule.path} reaches (${rule.texts("verbs").join(", ")}); name the Secrets in resourceNames and allow get alone.`,
      );
    }
  },
});

/** One of the whole cluster is never left out. */
function isOfNamespace({ type }: Resource): boolean {
  return kindOf(type) === "Role";
}

function keyOf({ inputs, name }: Resource): string {
  return `${textAt(inputs, "metadata.namespace") ?? "default"}/${textAt(inputs, "metadata.name") ?? name}`;
}
