import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";
import { hasPorts, INGRESS_TYPES, openRules, ruleText } from "./ingress.ts";

/** `blockedPorts` of the control, which is not customizable. https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-19 */
const HIGH_RISK = [
  20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888,
  9200, 9300,
] as const;

export const securityGroupHighRiskPortsClosed = resourcePolicy({
  name: "security-group-high-risk-ports-closed",
  family: "security",
  severity: "critical",
  level: "mandatory",
  description: "No security group lets the whole internet in to the ports of databases, consoles and old protocols.",
  why: "What listens on these ports was built for a trusted network, and scanners look for exactly them.",
  fix: "Name the networks or the security group that may connect instead of 0.0.0.0/0 or ::/0.",
  control: fsbp("Security groups should not allow unrestricted access to ports with high risk", ["EC2.19"]),
  settings: {},
  types: INGRESS_TYPES,
  check(resource, _settings, report) {
    const rules = openRules(resource, report, "whether ports with high risk are closed to the internet");
    for (const rule of rules.filter(hasPorts)) {
      const open = HIGH_RISK.filter((port) => rule.from <= port && port <= rule.to);
      if (open.length === 0) continue;
      const risky = rule.from === rule.to ? "a port with high risk" : `with ${open.join(", ")} among them`;
      report.violation(`${ruleText(rule)}, ${risky}; name the networks or the security group that may connect.`);
    }
  },
});
