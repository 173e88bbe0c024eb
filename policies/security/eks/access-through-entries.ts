import { EKS_CLUSTER } from "../../framework/kubernetes.ts";
import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { isUndecided } from "../values.ts";

export const eksAccessThroughEntries = resourcePolicy({
  name: "eks-access-through-entries",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "Who may enter an EKS cluster is said by access entries alone, not by a ConfigMap inside it.",
  why: "Who can write the aws-auth ConfigMap can make anybody administrator, and one typing error locks everybody out.",
  fix: 'Write accessConfig.authenticationMode: "API" and an aws.eks.AccessEntry for each role.',
  control: {
    name: "Amazon EKS Best Practices: cluster access manager",
    url: "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html",
  },
  settings: {},
  types: [EKS_CLUSTER],
  check(resource, _settings, report) {
    if (isUndecided(resource, report, "who may enter the cluster", "accessConfig.authenticationMode")) return;
    // the provider's default where nothing is written
    const mode = textAt(resource.inputs, "accessConfig.authenticationMode") ?? "CONFIG_MAP";
    if (mode === "API") return;
    report.violation(`accessConfig.authenticationMode is ${mode}; write "API" once each role has an access entry.`);
  },
});
