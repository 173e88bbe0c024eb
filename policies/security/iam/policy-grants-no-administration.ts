import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";
import { allowances, IDENTITY_TYPES, isAdministration } from "./identity-documents.ts";

export const policyGrantsNoAdministration = resourcePolicy({
  name: "policy-grants-no-administration",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "No IAM policy allows every action on every resource.",
  why: "Whoever gets hold of such an identity owns the account, its data and its logs.",
  fix: "Name the actions and the ARNs that the identity needs.",
  control: fsbp('IAM policies should not allow full "*" administrative privileges', ["IAM.1"], ["CIS AWS 1.4.0 1.16"]),
  settings: {},
  types: IDENTITY_TYPES,
  check(resource, _settings, report) {
    for (const allowance of allowances(resource, report, "whether the policy allows everything")) {
      if (!isAdministration(allowance)) continue;
      report.violation(`${allowance.where} allows every action on every resource; name the actions and ARNs it needs.`);
    }
  },
});
