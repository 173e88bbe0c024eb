import { listAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import { fsbp, isUndecided } from "../values.ts";

const ACL = "aws:ec2/networkAcl:NetworkAcl";
const ASSOCIATION = "aws:ec2/networkAclAssociation:NetworkAclAssociation";

export const networkAclUsed = stackPolicy({
  name: "network-acl-used",
  family: "security",
  severity: "low",
  level: "advisory",
  description: "Each network ACL belongs to a subnet.",
  why: "Who reads the rules of an unused ACL takes them for a wall that is not there.",
  fix: "Write subnetIds, add an aws.ec2.NetworkAclAssociation, or take the ACL away.",
  control: fsbp("Unused Network Access Control Lists should be removed", ["EC2.16"]),
  settings: {},
  types: [ACL, ASSOCIATION],
  checkStack(stack, _settings, report) {
    const used = new Set(stack.ofType(ASSOCIATION).flatMap(({ urn }) => stack.nearest(urn, ACL, "networkAclId")));
    for (const acl of stack.ofType(ACL)) {
      if (used.has(acl.urn) || listAt(acl.inputs, "subnetIds").length > 0) continue;
      if (isUndecided(acl, report, "whether a subnet uses the ACL", "subnetIds")) continue;
      report.violation(`Network ACL ${acl.name} belongs to no subnet; write subnetIds or take it away.`, acl.urn);
    }
  },
});
