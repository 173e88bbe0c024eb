import { listed } from "../framework/format.ts";
import { textAt, unknownAt } from "../framework/known.ts";
import { stackPolicy } from "../framework/policy.ts";
import type { Resource } from "../framework/policy.ts";
import { number } from "../framework/settings.ts";
import { SERVICE } from "./quota-counts.ts";

const settings = {
  maxLoadBalancers: number(
    10,
    "Most load balancers of the stack: its own, and those that Services of type LoadBalancer ask for.",
  ),
};

export const loadBalancersWithinBudget = stackPolicy({
  name: "load-balancers-within-budget",
  family: "resource-limits",
  severity: "low",
  level: "mandatory",
  description: "A stack has no more load balancers than its budget has.",
  why: "Each costs by the hour, used or not, and each is one more way in; a Service of type LoadBalancer makes one without a word.",
  fix: "Route through a gateway that is there already, or raise the number for this stack in the policy config.",
  control: {
    ids: ["AWS Well-Architected COST02-BP05"],
    name: "Implement cost controls",
    url: "https://docs.aws.amazon.com/wellarchitected/latest/framework/cost_govern_usage_controls.html",
  },
  settings,
  types: [
    /^aws:(?:lb|alb|elb|elasticloadbalancing|elasticloadbalancingv2|applicationloadbalancing)\/loadBalancer:LoadBalancer$/,
    SERVICE,
  ],
  checkStack(stack, { maxLoadBalancers }, report) {
    const balancers = stack.resources.filter(isBalancer);
    if (balancers.length > maxLoadBalancers) {
      report.violation(
        `The stack has ${balancers.length} load balancers (${listed(balancers.map(({ name }) => name))}), above the ${maxLoadBalancers} of load-balancers-within-budget.maxLoadBalancers; route through one of them, or raise that limit.`,
        balancers.at(-1)?.urn,
      );
      return;
    }
    for (const resource of stack.resources) {
      const unknown = resource.type === SERVICE ? unknownAt(resource.unknown, "spec.type") : undefined;
      if (unknown !== undefined) report.undecided(unknown, "whether it needs a load balancer", resource.urn);
    }
  },
});

function isBalancer({ type, inputs }: Resource): boolean {
  return type !== SERVICE || textAt(inputs, "spec.type") === "LoadBalancer";
}
