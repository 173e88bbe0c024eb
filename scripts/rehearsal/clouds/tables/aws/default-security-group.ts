import type { Ctx, ResourceType } from "../../table.ts";
import { VPC } from "./network.ts";
import { arnOf, awsType, cidr, ec2Id, input, refer, rule, text, thing, upstream } from "./rules.ts";

const ofVpc = (ctx: Ctx): string => text(thing(ctx, VPC, input(ctx, "vpcId"))?.properties["defaultSecurityGroupId"]);
const PERMISSION = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html";

/** Taken over, not made: its rules become those of the program, none where there are none; the VPC deletes it. */
const defaultSecurityGroup = awsType({
  token: "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
  source: upstream("ec2/vpc_default_security_group.go"),
  id: (ctx) => ofVpc(ctx) || ec2Id("sg")(ctx),
  key: (ctx) => input(ctx, "vpcId"),
  exists: "the default security group of this VPC is in the program already",
  rules: [rule("ingress[].cidrBlocks[]", cidr(), PERMISSION), rule("egress[].cidrBlocks[]", cidr(), PERMISSION)],
  references: [refer("vpcId", VPC, { holds: false })],
  replaces: ["vpcId"],
  updates: ["egress", "ingress", "revokeRulesOnDelete"],
  defaults: { egress: [], ingress: [], revokeRulesOnDelete: false, vpcId: "" },
  outputs: (ctx) => ({
    arn: arnOf(ctx, "ec2", `security-group/${ctx.id}`),
    description: "default VPC security group",
    name: "default",
    namePrefix: "",
    ownerId: ctx.account,
  }),
});

export const defaultSecurityGroups: readonly ResourceType[] = [defaultSecurityGroup];
