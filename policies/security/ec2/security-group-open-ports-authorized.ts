import { resourcePolicy } from "../../framework/policy.ts";
import type { Setting } from "../../framework/settings.ts";
import { fsbp } from "../values.ts";
import { hasPorts, INGRESS_TYPES, openRules, ruleText } from "./ingress.ts";
import type { OpenRule } from "./ingress.ts";

const settings = {
  tcp: ports([80, 443], "TCP ports that may be open to the whole internet."),
  udp: ports([], "UDP ports that may be open to the whole internet, e.g. 443 for HTTP/3."),
};

export const securityGroupOpenPortsAuthorized = resourcePolicy({
  name: "security-group-open-ports-authorized",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Only authorized ports, 80 and 443, are open to the whole internet.",
  why: "Each further open port is a service that nobody put behind a login, a rate limit or a firewall.",
  fix: "Name the networks or the security group that may connect, or authorize the port in the policy config.",
  control: fsbp("Security groups should only allow unrestricted incoming traffic for authorized ports", ["EC2.18"]),
  settings,
  types: INGRESS_TYPES,
  check(resource, { tcp, udp }, report) {
    const rules = openRules(resource, report, "whether only authorized ports are open to the internet");
    for (const rule of rules.filter(hasPorts)) {
      if (isAuthorized(rule, tcp, udp)) continue;
      const list = rule.protocol === "udp" ? "udp" : "tcp";
      const allowed = { tcp, udp }[list];
      report.violation(
        `${ruleText(rule)}, where only ${list} ${allowed.length > 0 ? allowed.join(", ") : "none"} may be; name the networks that may connect, or add the port to security-group-open-ports-authorized.${list}.`,
      );
    }
  },
});

/** A range may be as long as the list of ports: each of its ports has to be in it. */
function isAuthorized({ protocol, from, to }: OpenRule, tcp: readonly number[], udp: readonly number[]): boolean {
  const allowed = new Set(protocol === "udp" ? udp : tcp);
  if (protocol === "-1" || to - from >= allowed.size) return false;
  return Array.from({ length: to - from + 1 }, (_, index) => from + index).every((port) => allowed.has(port));
}

function ports(value: readonly number[], description: string): Setting<readonly number[]> {
  const items = { type: "integer", minimum: 1, maximum: 65_535 } as const;
  return { default: value, schema: { type: "array", items, default: [...value], description } };
}
