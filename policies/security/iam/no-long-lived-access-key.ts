import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";

export const noLongLivedAccessKey = resourcePolicy({
  name: "no-long-lived-access-key",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Programs get no access keys of IAM users.",
  why: "A key that a program makes never changes by itself, and its secret stays in the state and wherever it is copied.",
  fix: "Give the workload a role: pod identity, an instance profile, or OpenID Connect for a pipeline.",
  control: fsbp("IAM users' access keys should be rotated every 90 days or less", ["IAM.3"], ["CIS AWS 5.0.0 1.13"]),
  settings: {},
  types: ["aws:iam/accessKey:AccessKey"],
  check(resource, _settings, report) {
    if (textAt(resource.inputs, "status") === "Inactive") return;
    report.violation(
      "An access key is made that nothing rotates; give whoever needs it a role, and take the key away.",
    );
  },
});
