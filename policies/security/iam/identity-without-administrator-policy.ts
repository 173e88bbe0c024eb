import { resourcePolicy } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";
import { textAt } from "../../framework/known.ts";
import { securityHub, textsAt } from "../values.ts";
import { ROLE } from "./trust.ts";

/** AWS's managed policies in a permission set of IAM Identity Center. */
const PERMISSION_SET = "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment";

/** Where a type writes what it attaches; elsewhere `policyArn`. */
const PROPERTIES: Readonly<Record<string, string>> = {
  [ROLE]: "managedPolicyArns",
  [PERMISSION_SET]: "managedPolicyArn",
};

const settings = {
  refused: patterns(
    [
      "arn:*:iam::aws:policy/AdministratorAccess",
      "arn:*:iam::aws:policy/IAMFullAccess",
      "arn:*:iam::aws:policy/PowerUserAccess",
      "arn:*:iam::aws:policy/AWSCloudShellFullAccess",
    ],
    "Managed policies that no identity may have, as ARN patterns.",
  ),
};

export const identityWithoutAdministratorPolicy = resourcePolicy({
  name: "identity-without-administrator-policy",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No role, group, user or permission set has one of AWS's managed policies for administrators.",
  why: "They allow everything, or everything that leads there, and AWS adds to them without asking.",
  fix: "Attach a policy of your own that names what is needed.",
  control: securityHub(
    "IAM identities should not have the AWSCloudShellFullAccess policy attached",
    ["IAM.27"],
    ["CIS AWS 5.0.0 1.21"],
  ),
  settings,
  types: [
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/policyAttachment:PolicyAttachment",
    PERMISSION_SET,
    ROLE,
  ],
  check(resource, { refused }, report) {
    const property = PROPERTIES[resource.type] ?? "policyArn";
    // the ARN of a policy that is yet to be made is not one of AWS's
    const attached = [textAt(resource.inputs, property) ?? "", ...textsAt(resource.inputs, property)];
    for (const policy of attached.filter((arn) => fits(arn, refused))) {
      report.violation(`${property} has ${policy}; attach a policy of your own that names what is needed.`);
    }
  },
});
