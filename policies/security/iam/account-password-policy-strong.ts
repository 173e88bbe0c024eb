import { listed } from "../../framework/format.ts";
import { numberAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { number } from "../../framework/settings.ts";
import { flagAt, fsbp, isUndecided, mend } from "../values.ts";

const settings = {
  minimumLength: number(14, "Fewest characters of a password: 8 for FSBP, 14 for CIS.", 8, 128),
};

const REQUIRED = [
  "requireUppercaseCharacters",
  "requireLowercaseCharacters",
  "requireNumbers",
  "requireSymbols",
] as const;

const LENGTH = "minimumPasswordLength";

export const accountPasswordPolicyStrong = resourcePolicy({
  name: "account-password-policy-strong",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "The account's password policy asks for long passwords with characters of each kind.",
  why: "The console is open to the whole internet, and a short password is guessed.",
  fix: "Write minimumPasswordLength: 14 and requireUppercaseCharacters, requireLowercaseCharacters, requireNumbers and requireSymbols: true.",
  control: fsbp(
    "Password policies for IAM users should have strong configurations",
    ["IAM.7"],
    ["Security Hub IAM.15", "CIS AWS 5.0.0 1.7"],
  ),
  settings,
  types: ["aws:iam/accountPasswordPolicy:AccountPasswordPolicy"],
  check(resource, { minimumLength }, report) {
    const { inputs } = resource;
    const what = "whether passwords have to be strong";
    const lacking = REQUIRED.filter(
      (path) => flagAt(inputs, path) !== true && !isUndecided(resource, report, what, path),
    );
    if (lacking.length > 0)
      report.violation(`${listed(lacking)} ${lacking.length === 1 ? "is" : "are"} not true; write true.`);
    const length = numberAt(inputs, LENGTH);
    if ((length ?? 0) >= minimumLength || isUndecided(resource, report, what, LENGTH)) return;
    report.violation(
      `${LENGTH} is ${length ?? "not set"}, below the ${minimumLength} of account-password-policy-strong.minimumLength; write ${minimumLength}.`,
    );
  },
  remediate(resource, { minimumLength }) {
    const lacking = REQUIRED.filter((path) => flagAt(resource.inputs, path) !== true);
    const isShort = (numberAt(resource.inputs, LENGTH) ?? 0) < minimumLength;
    const complete = mend(resource, lacking, true);
    const inputs = complete ?? resource.inputs;
    return mend({ ...resource, inputs }, isShort ? [LENGTH] : [], minimumLength) ?? complete;
  },
});
