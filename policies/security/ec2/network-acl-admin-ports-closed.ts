import { listAt, numberAt, textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt, fsbp, isUndecided } from "../values.ts";
import { isEverywhere } from "../networks.ts";

const ACL = "aws:ec2/networkAcl:NetworkAcl";
const RULE = "aws:ec2/networkAclRule:NetworkAclRule";

const PORTS = [22, 3389] as const;

interface Entry {
  readonly path: string;
  readonly number: number;
  readonly allows: boolean;
  readonly ports: readonly number[];
}

export const networkAclAdminPortsClosed = resourcePolicy({
  name: "network-acl-admin-ports-closed",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "Network ACLs do not let the whole internet in to SSH (22) or RDP (3389).",
  why: "The ACL is the second wall behind security groups: it holds when a group is opened by mistake.",
  fix: "Deny both ports with a lower rule number, or let in only the ports that are served.",
  control: fsbp(
    "Network ACLs should not allow ingress from 0.0.0.0/0 to port 22 or port 3389",
    ["EC2.21"],
    ["CIS AWS 5.0.0 5.2"],
  ),
  settings: {},
  types: [ACL, RULE],
  check(resource, _settings, report) {
    const own = resource.type === RULE;
    if (own && flagAt(resource.inputs, "egress") === true) return;
    const names = own ? ["cidrBlock", "ipv6CidrBlock", "protocol", "ruleAction", "fromPort", "toPort"] : ["ingress"];
    if (isUndecided(resource, report, "whether SSH and RDP are closed to the internet", ...names)) return;
    const entries = own
      ? entry(resource.inputs, "The rule", "ruleAction", "ruleNumber")
      : listAt(resource.inputs, "ingress").flatMap((each, index) =>
          entry(each, `ingress[${index}]`, "action", "ruleNo"),
        );
    for (const { path, ports } of open(entries)) {
      report.violation(
        `${path} lets the whole internet in to port ${ports.join(" and ")}; deny it with a lower rule number, or let in only what is served.`,
      );
    }
  },
});

/** What a rule for the whole internet says of the two ports. */
function entry(rule: unknown, path: string, action: string, number: string): readonly Entry[] {
  const everywhere = ["cidrBlock", "ipv6CidrBlock"].some((key) => isEverywhere(textAt(rule, key) ?? ""));
  const protocol = (textAt(rule, "protocol") ?? "-1").toLowerCase();
  if (!everywhere || !["-1", "all", "6", "tcp"].includes(protocol)) return [];
  const all = protocol === "-1" || protocol === "all";
  const [from, to] = [numberAt(rule, "fromPort") ?? 0, numberAt(rule, "toPort") ?? 65_535];
  const ports = PORTS.filter((port) => all || (from <= port && port <= to));
  const allows = textAt(rule, action)?.toLowerCase() === "allow";
  return ports.length === 0 ? [] : [{ path, number: numberAt(rule, number) ?? 0, allows, ports }];
}

/** The first rule that fits decides, in the order of their numbers. */
function open(entries: readonly Entry[]): readonly Entry[] {
  const decided = new Set<number>();
  return entries
    .toSorted((a, b) => a.number - b.number)
    .flatMap(({ ports, ...rule }) => {
      const left = ports.filter((port) => !decided.has(port));
      for (const port of ports) decided.add(port);
      return rule.allows && left.length > 0 ? [{ ...rule, ports: left }] : [];
    });
}
