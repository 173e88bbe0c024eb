import { listAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import { fsbp, isUndecided } from "../values.ts";

const VPC = "aws:ec2/vpc:Vpc";
const DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup";

export const defaultSecurityGroupClosed = stackPolicy({
  name: "default-security-group-closed",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "The default security group of each VPC lets nothing in and nothing out.",
  why: "What is started without a security group gets the default one, which connects all its members and opens the way out.",
  fix: "Add an aws.ec2.DefaultSecurityGroup for the VPC with ingress: [] and egress: [].",
  control: fsbp(
    "VPC default security groups should not allow inbound or outbound traffic",
    ["EC2.2"],
    ["CIS AWS 5.0.0 5.5"],
  ),
  settings: {},
  types: [VPC, DEFAULT_GROUP],
  checkStack(stack, _settings, report) {
    const groups = stack.ofType(DEFAULT_GROUP);
    for (const group of groups) {
      for (const direction of ["ingress", "egress"]) {
        if (isUndecided(group, report, "whether the default security group is closed", direction)) continue;
        const count = listAt(group.inputs, direction).length;
        if (count === 0) continue;
        report.violation(
          `Default security group ${group.name} has ${count} ${direction} ${count === 1 ? "rule" : "rules"}; write ${direction}: [].`,
          group.urn,
        );
      }
    }
    const closed = new Set(groups.flatMap(({ urn }) => stack.nearest(urn, VPC, "vpcId")));
    for (const vpc of stack.ofType(VPC)) {
      if (closed.has(vpc.urn)) continue;
      report.violation(
        `VPC ${vpc.name} keeps AWS's default security group, which lets its members reach each other and the internet; add an aws.ec2.DefaultSecurityGroup with ingress: [] and egress: [].`,
        vpc.urn,
      );
    }
  },
});
