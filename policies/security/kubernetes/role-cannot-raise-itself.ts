import { label } from "../../framework/kubernetes.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { ROLE, rulesOf } from "./rbac.ts";
import type { Rule } from "./rbac.ts";
import { hardening } from "./standard.ts";

interface Power {
  /** Goes on from `may`. */
  readonly text: string;
  readonly in: (rule: Rule) => boolean;
}

const WRITES = ["create", "update", "patch", "*"];

/** https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks */
const POWERS: readonly Power[] = [
  { text: "bind, escalate or impersonate", in: (rule) => rule.has("verbs", "bind", "escalate", "impersonate") },
  {
    text: "make tokens of service accounts",
    in: (rule) => rule.has("resources", "serviceaccounts/token") && rule.has("verbs", ...WRITES),
  },
  { text: "reach the kubelet through nodes/proxy", in: (rule) => rule.has("resources", "nodes/proxy") },
  {
    text: "approve certificates",
    in: (rule) =>
      rule.has("resources", "certificatesigningrequests/approval") && rule.has("verbs", ...WRITES, "approve"),
  },
  {
    text: "change admission webhooks",
    in: (rule) =>
      rule.has("resources", "validatingwebhookconfigurations", "mutatingwebhookconfigurations") &&
      rule.has("verbs", ...WRITES),
  },
];

export const roleCannotRaiseItself = resourcePolicy({
  name: "role-cannot-raise-itself",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No role carries the means to give itself more rights.",
  why: "Who may bind, escalate, impersonate, make tokens, approve certificates or change admission is an administrator in one step.",
  fix: "Take these verbs and resources out of the role; leave them to people and to the cluster's own controllers.",
  control: hardening(
    "role-based access control",
    "https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks",
    ...["5.1.8", "5.1.10", "5.1.11", "5.1.12", "5.1.13"],
  ),
  settings: {},
  types: [ROLE],
  check(resource, _settings, report) {
    for (const rule of rulesOf(resource, report, "the rights")) {
      for (const power of POWERS.filter((candidate) => candidate.in(rule))) {
        report.violation(`${label(resource)} may ${power.text}; take that out of ${rule.path}.`);
      }
    }
  },
});
