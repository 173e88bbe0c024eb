import { isGiven } from "../../aws/presence.ts";
import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { fsbp, withValue } from "../../security/values.ts";

const PATH = "healthCheckType";
const BALANCERS = ["targetGroupArns", "loadBalancers"] as const;

export const scalingGroupAsksLoadBalancer = resourcePolicy({
  name: "scaling-group-asks-load-balancer",
  family: "reliability",
  severity: "low",
  level: "advisory",
  description: "Auto scaling groups behind a load balancer replace what the balancer finds unhealthy.",
  why: "EC2 calls a machine healthy that answers nobody, and leaves it in the group for ever.",
  fix: "Write healthCheckType: ELB.",
  control: fsbp("Auto Scaling groups associated with a load balancer should use ELB health checks", ["AutoScaling.1"]),
  settings: {},
  types: ["aws:autoscaling/group:Group"],
  check(group, _settings, report) {
    const unknown = unknownAt(group.unknown, PATH);
    if (unknown !== undefined) report.undecided(unknown, "whether the load balancer is asked");
    else if (isBlind(group))
      report.violation(`${PATH} is not ELB, so machines that answer nobody stay in the group; write ELB.`);
  },
  remediate(group) {
    return unknownAt(group.unknown, PATH) === undefined && isBlind(group)
      ? withValue(group.inputs, PATH, "ELB")
      : undefined;
  },
});

function isBlind(group: Resource): boolean {
  return textAt(group.inputs, PATH) !== "ELB" && BALANCERS.some((input) => isGiven(group, input));
}
