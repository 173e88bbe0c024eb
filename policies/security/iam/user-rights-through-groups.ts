import { at, listAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";

const ATTACHMENT = "aws:iam/policyAttachment:PolicyAttachment";

export const userRightsThroughGroups = resourcePolicy({
  name: "user-rights-through-groups",
  family: "security",
  severity: "low",
  level: "advisory",
  description: "IAM users get their rights through groups, not by policies of their own.",
  why: "Rights that hang on one person are forgotten when the person changes jobs.",
  fix: "Attach the policy to an aws.iam.Group and add the user to it; better, use roles and IAM Identity Center.",
  control: fsbp("IAM users should not have IAM policies attached", ["IAM.2"], ["CIS AWS 5.0.0 1.14"]),
  settings: {},
  types: ["aws:iam/userPolicy:UserPolicy", "aws:iam/userPolicyAttachment:UserPolicyAttachment", ATTACHMENT],
  check(resource, _settings, report) {
    const named = resource.type === ATTACHMENT ? listAt(resource.inputs, "users").length > 0 : true;
    if (!named) return;
    const user = at(resource.inputs, "user");
    report.violation(
      `The policy is attached to ${typeof user === "string" ? `user ${user}` : "a user"}; attach it to a group that the user is in.`,
    );
  },
});
