import { listed } from "../../framework/format.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { securityHub } from "../values.ts";
import { hasPorts, INGRESS_TYPES, openRules, ruleText } from "./ingress.ts";

const ADMINISTRATION = [
  { port: 22, name: "SSH" },
  { port: 3389, name: "RDP" },
] as const;

export const securityGroupAdminPortsClosed = resourcePolicy({
  name: "security-group-admin-ports-closed",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No security group lets the whole internet in to SSH (22) or RDP (3389).",
  why: "Both ports are tried within minutes of being opened, by everyone, with every leaked password there is.",
  fix: "Take the rule away and use Session Manager, or name the networks that may connect.",
  control: securityHub(
    "Security groups should not allow ingress from 0.0.0.0/0 or ::/0 to remote server administration ports",
    ["EC2.53", "EC2.54", "EC2.13", "EC2.14"],
    ["CIS AWS 5.0.0 5.3", "CIS AWS 5.0.0 5.4"],
  ),
  settings: {},
  types: INGRESS_TYPES,
  check(resource, _settings, report) {
    const rules = openRules(resource, report, "whether SSH and RDP are closed to the internet");
    for (const rule of rules.filter(hasPorts)) {
      const open = ADMINISTRATION.filter(({ port }) => rule.from <= port && port <= rule.to).map(({ name }) => name);
      if (open.length === 0) continue;
      report.violation(
        `${ruleText(rule)}, ${listed(open)} among them; name the networks that may connect, or take it away and use Session Manager.`,
      );
    }
  },
});
