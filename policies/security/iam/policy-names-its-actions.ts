import { listed } from "../../framework/format.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";
import { fsbp } from "../values.ts";
import { allowances, IDENTITY_TYPES, isAdministration } from "./identity-documents.ts";

const settings = {
  services: patterns([], "Services of which all actions may be allowed at once, e.g. s3."),
};

/** All actions of one service, or all there are. */
const WHOLE_SERVICE = /^(?:([a-z0-9-]+):)?\*$/;

export const policyNamesItsActions = resourcePolicy({
  name: "policy-names-its-actions",
  family: "security",
  severity: "low",
  level: "advisory",
  description: "IAM policies do not allow all actions of a service, nor all but some.",
  why: "All actions of a service are also those that delete, share and hand on, and those that it gets next year.",
  fix: "Name the actions; a prefix such as ec2:Describe* is enough to group them.",
  control: fsbp("IAM customer managed policies that you create should not allow wildcard actions for services", [
    "IAM.21",
  ]),
  settings,
  types: IDENTITY_TYPES,
  check(resource, { services }, report) {
    for (const allowance of allowances(resource, report, "whether the policy names its actions")) {
      if (isAdministration(allowance)) continue;
      const whole = allowance.actions.filter((action) => {
        const match = WHOLE_SERVICE.exec(action);
        return match !== null && !fits(match[1] ?? "*", services);
      });
      if (whole.length > 0) {
        report.violation(`${allowance.where} allows ${listed(whole)}; name the actions that it needs.`);
      }
      if (allowance.notActions.length > 0) {
        report.violation(
          `${allowance.where} allows all but ${listed(allowance.notActions)}; write Action with what it needs instead of NotAction.`,
        );
      }
    }
  },
});
