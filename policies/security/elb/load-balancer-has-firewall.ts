import { stackPolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import type { Stack } from "../../framework/stack.ts";
import { INGRESS_TYPES, openRules } from "../ec2/ingress.ts";
import { flagAt, isUndecided, securityHub } from "../values.ts";
import { BALANCERS, isApplication } from "./types.ts";

const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const ASSOCIATIONS = [
  "aws:wafv2/webAclAssociation:WebAclAssociation",
  "aws:wafregional/webAclAssociation:WebAclAssociation",
] as const;

export const loadBalancerHasFirewall = stackPolicy({
  name: "load-balancer-has-firewall",
  family: "security",
  severity: "medium",
  level: "advisory",
  description:
    "An application load balancer that the whole internet may reach has a web application firewall before it.",
  why: "One that only a CDN's networks may reach has the CDN's firewall before it; any other is reached past it.",
  fix: "Associate a web ACL by aws.wafv2.WebAclAssociation, or let only the CDN's prefix list in.",
  control: securityHub("Application Load Balancers should be associated with an AWS WAF web ACL", ["ELB.16"]),
  settings: {},
  types: [...BALANCERS, ...ASSOCIATIONS, ...INGRESS_TYPES],
  checkStack(stack, _settings, report) {
    const balancers = stack.ofType(...BALANCERS).filter(isApplication);
    if (balancers.length === 0) return;
    const guarded = new Set(
      stack
        .ofType(...ASSOCIATIONS)
        .flatMap(({ urn }) => BALANCERS.flatMap((type) => stack.nearest(urn, type, "resourceArn"))),
    );
    const open = openGroups(stack);
    for (const balancer of balancers) {
      if (guarded.has(balancer.urn) || flagAt(balancer.inputs, "internal") === true) continue;
      const groups = stack.nearest(balancer.urn, GROUP, "securityGroups").filter((urn) => open.has(urn));
      if (groups.length === 0) continue;
      if (isUndecided(balancer, report, "whether the internet reaches the load balancer", "internal")) continue;
      report.violation(
        `${balancer.name} is open to the whole internet and has no web ACL; associate one, or let only the CDN's prefix list in.`,
        balancer.urn,
      );
    }
  },
});

/** The security groups that let the whole internet in, by their own rules or by rules beside them. */
function openGroups(stack: Stack): ReadonlySet<string> {
  const silent = { violation: () => undefined, advice: () => undefined, undecided: () => undefined };
  const isOpen = (resource: Resource) => openRules(resource, silent, "").length > 0;
  return new Set(
    stack
      .ofType(...INGRESS_TYPES)
      .filter(isOpen)
      .flatMap(({ urn, type }) => (type === GROUP ? [urn] : stack.nearest(urn, GROUP, "securityGroupId"))),
  );
}
