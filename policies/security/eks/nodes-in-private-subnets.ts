import { NODE_GROUP } from "../../framework/nodes.ts";
import { stackPolicy } from "../../framework/policy.ts";
import { listed } from "../../framework/format.ts";
import { PLACES, SUBNET, publicSubnets } from "../ec2/subnets.ts";

const FARGATE = "aws:eks/fargateProfile:FargateProfile";

export const eksNodesInPrivateSubnets = stackPolicy({
  name: "eks-nodes-in-private-subnets",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Nodes of EKS node groups and Fargate profiles are in subnets without a route to an internet gateway.",
  why: "A node in a public subnet is one security group rule away from the internet.",
  fix: "Put subnetIds of subnets that go out through a NAT gateway or VPC endpoints.",
  control: {
    ids: ["CIS EKS 5.4.3"],
    name: "Ensure clusters are created with Private Nodes",
    url: "https://docs.aws.amazon.com/eks/latest/best-practices/subnets.html",
  },
  settings: {},
  types: [NODE_GROUP, FARGATE, ...PLACES],
  checkStack(stack, _settings, report) {
    const open = publicSubnets(stack);
    for (const group of stack.ofType(NODE_GROUP, FARGATE)) {
      const inside = stack.nearest(group.urn, SUBNET, "subnetIds").flatMap((urn) => open.get(urn) ?? []);
      if (inside.length === 0) continue;
      report.violation(
        `${group.name} puts nodes in ${listed(inside)}, which ${inside.length === 1 ? "has" : "have"} a route to an internet gateway; put private subnets into subnetIds.`,
        group.urn,
      );
    }
  },
});
