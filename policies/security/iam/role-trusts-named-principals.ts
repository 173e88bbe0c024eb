import { isPublic, statementsOf } from "../../aws/documents.ts";
import { at } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { isUndecided } from "../values.ts";
import { ROLE, TRUST } from "./trust.ts";

export const roleTrustsNamedPrincipals = resourcePolicy({
  name: "role-trusts-named-principals",
  family: "security",
  severity: "critical",
  level: "mandatory",
  description: "The trust policy of each IAM role names who may take it.",
  why: 'With the principal "*" anyone with an AWS account of their own may take the role.',
  fix: "Name accounts, roles or services as Principal, or add a Condition on aws:PrincipalOrgID.",
  control: {
    name: "IAM: AWS JSON policy elements, specifying all principals",
    url: "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous",
  },
  settings: {},
  types: [ROLE],
  check(resource, _settings, report) {
    isUndecided(resource, report, "who may take the role", TRUST);
    for (const { sid } of statementsOf(at(resource.inputs, TRUST)).filter(isPublic)) {
      report.violation(
        `${TRUST} (${sid}) lets anyone with an AWS account take the role; name the principals, or add a Condition on aws:PrincipalOrgID.`,
      );
    }
  },
});
