import { listed } from "../../framework/format.ts";
import { stackPolicy } from "../../framework/policy.ts";
import { PLACES, SUBNET, publicSubnets } from "../ec2/subnets.ts";
import { fsbp } from "../values.ts";

const GROUPS = ["aws:rds/subnetGroup:SubnetGroup", "aws:elasticache/subnetGroup:SubnetGroup"] as const;

export const dataSubnetsArePrivate = stackPolicy({
  name: "data-subnets-are-private",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Subnets of databases and caches have no route to an internet gateway.",
  why: "In a subnet without a way in from the internet one wrong switch or one open security group exposes nothing.",
  fix: "Put private subnets into the subnet group: such whose route table leads to a NAT gateway or nowhere.",
  control: fsbp("RDS DB instances should not be deployed in public subnets", ["RDS.46"]),
  settings: {},
  types: [...GROUPS, ...PLACES],
  checkStack(stack, _settings, report) {
    const open = publicSubnets(stack);
    for (const group of stack.ofType(...GROUPS)) {
      const subnets = stack.nearest(group.urn, SUBNET, "subnetIds").flatMap((urn) => open.get(urn) ?? []);
      if (subnets.length === 0) continue;
      const names = listed(subnets);
      report.violation(
        `Subnet group ${group.name} has the public ${subnets.length === 1 ? "subnet" : "subnets"} ${names}, which an internet gateway leads to; take private ones.`,
        group.urn,
      );
    }
  },
});
