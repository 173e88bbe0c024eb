import { covers } from "../../aws/documents.ts";
import { listed } from "../../framework/format.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Allowance } from "./identity-documents.ts";
import { allowances, IDENTITY_TYPES, isAdministration } from "./identity-documents.ts";

/**
 * Each of these on every resource makes an identity administrator.
 * https://github.com/RhinoSecurityLabs/AWS-IAM-Privilege-Escalation
 */
const ESCALATING: readonly string[] = [
  "iam:AddUserToGroup",
  "iam:AttachGroupPolicy",
  "iam:AttachRolePolicy",
  "iam:AttachUserPolicy",
  "iam:CreateAccessKey",
  "iam:CreateLoginProfile",
  "iam:CreatePolicyVersion",
  "iam:PassRole",
  "iam:PutGroupPolicy",
  "iam:PutRolePolicy",
  "iam:PutUserPolicy",
  "iam:SetDefaultPolicyVersion",
  "iam:UpdateAssumeRolePolicy",
  "iam:UpdateLoginProfile",
  "sts:AssumeRole",
];

/** Everything, or every identity or policy of an account. */
const UNBOUNDED = /^(?:\*|arn:[^:]*:iam::[^:]*:(?:\*|(?:role|user|group|policy)\/\*))$/;

/** Keys that say whose rights, to whom or for what; any other, such as a time or TLS, bounds nothing. */
const BOUNDING = /^(?:iam:|aws:(?:resourcetag\/|requesttag\/|principal|source))/;

const MOST_SHOWN = 4;

export const policyHandsOnNoRights = resourcePolicy({
  name: "policy-hands-on-no-rights",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No IAM policy lets an identity give itself or others rights without a bound.",
  why: "Who may pass any role, or write any policy, is administrator in two calls, whatever the rest of the policy says.",
  fix: "Name the roles or policies in Resource, or add a Condition such as iam:PassedToService or iam:PermissionsBoundary.",
  control: {
    name: "AWS Well-Architected SEC03-BP02 (grant least privilege access)",
    url: "https://docs.aws.amazon.com/wellarchitected/latest/framework/sec_permissions_least_privileges.html",
  },
  settings: {},
  types: IDENTITY_TYPES,
  check(resource, _settings, report) {
    for (const allowance of allowances(resource, report, "whether the policy hands on rights")) {
      const actions = isAdministration(allowance) || isBounded(allowance) ? [] : escalating(allowance);
      if (actions.length === 0) continue;
      const more = actions.length > MOST_SHOWN ? [...actions.slice(0, MOST_SHOWN), "others"] : actions;
      report.violation(
        `${allowance.where} allows ${listed(more)} on ${listed(allowance.resources)}; name the roles or policies, or add a Condition such as iam:PassedToService.`,
      );
    }
  },
});

function isBounded({ resources, conditions }: Allowance): boolean {
  return conditions.some(({ key }) => BOUNDING.test(key)) || !resources.some((resource) => UNBOUNDED.test(resource));
}

function escalating(allowance: Allowance): readonly string[] {
  return ESCALATING.filter((action) => covers(allowance, action.toLowerCase()));
}
