import { listed } from "../../framework/format.ts";
import { EKS_CLUSTER } from "../../framework/kubernetes.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { patterns } from "../../framework/settings.ts";
import { fsbp, isUndecided, textsAt, mend } from "../values.ts";

const settings = {
  logs: patterns(
    ["audit"],
    "Logs of the control plane that must be on: api, audit, authenticator, controllerManager, scheduler.",
  ),
};

export const eksAuditLogEnabled = resourcePolicy({
  name: "eks-audit-log-enabled",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "The control plane of an EKS cluster writes its audit log.",
  why: "Without it nobody can tell afterwards who read a secret or changed a role.",
  fix: 'Write enabledClusterLogTypes with "audit" in it.',
  control: fsbp("EKS clusters should have audit logging enabled", ["EKS.8"], ["CIS EKS 2.1.1"]),
  settings,
  types: [EKS_CLUSTER],
  check(resource, { logs }, report) {
    const missing = absent(resource, logs);
    if (missing.length === 0) return;
    if (isUndecided(resource, report, "whether the audit log is on", "enabledClusterLogTypes")) return;
    report.violation(
      `enabledClusterLogTypes lacks ${listed(missing)}; write ${JSON.stringify(completed(resource, missing))}.`,
    );
  },
  remediate(resource, { logs }) {
    const missing = absent(resource, logs);
    return mend(resource, missing.length === 0 ? [] : ["enabledClusterLogTypes"], completed(resource, missing));
  },
});

function absent({ inputs }: Resource, wanted: readonly string[]): readonly string[] {
  const enabled = textsAt(inputs, "enabledClusterLogTypes");
  return wanted.filter((log) => !enabled.includes(log));
}

function completed({ inputs }: Resource, missing: readonly string[]): readonly string[] {
  return [...textsAt(inputs, "enabledClusterLogTypes"), ...missing];
}
