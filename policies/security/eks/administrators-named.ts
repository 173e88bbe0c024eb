import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fits, patterns } from "../../framework/settings.ts";
import { isUndecided } from "../values.ts";

const settings = {
  administrators: patterns([], "Principals that may be administrators of the whole cluster, as ARN patterns."),
};

/** https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html */
const ADMINISTRATOR = /:cluster-access-policy\/AmazonEKS(?:Cluster)?AdminPolicy$/;

export const eksAdministratorsNamed = resourcePolicy({
  name: "eks-administrators-named",
  family: "security",
  severity: "high",
  level: "advisory",
  description: "Only named principals are administrators of a whole EKS cluster.",
  why: "An administrator reads every secret of every system in the cluster.",
  fix: "Associate AmazonEKSViewPolicy or AmazonEKSEditPolicy, give a namespace scope, or name the principal in the policy config.",
  control: {
    ids: ["CIS EKS 4.1.1"],
    name: "Ensure that the cluster-admin role is only used where required",
    url: "https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html",
  },
  settings,
  types: ["aws:eks/accessPolicyAssociation:AccessPolicyAssociation"],
  check(resource, { administrators }, report) {
    const { inputs } = resource;
    if (isUndecided(resource, report, "who is administrator of the cluster", "policyArn", "accessScope.type")) return;
    const policy = textAt(inputs, "policyArn") ?? "";
    if (!ADMINISTRATOR.test(policy) || textAt(inputs, "accessScope.type") !== "cluster") return;
    const principal = textAt(inputs, "principalArn");
    if (principal !== undefined && fits(principal, administrators)) return;
    if (administrators.length > 0 && isUndecided(resource, report, "who is administrator", "principalArn")) return;
    report.violation(
      `${principal ?? "The principal"} gets ${policy.split("/").at(-1) ?? policy} over the whole cluster; associate a narrower policy, or add the principal to eks-administrators-named.administrators.`,
    );
  },
});
