import { EKS_CLUSTER } from "../../framework/kubernetes.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { flag } from "../../framework/settings.ts";
import { listed } from "../../framework/format.ts";
import { isEverywhere } from "../networks.ts";
import { flagAt, fsbp, isUndecided, textsAt } from "../values.ts";

const settings = {
  allowNamedNetworks: flag(false, "Whether an endpoint may be public for the networks that publicAccessCidrs names."),
};

export const eksEndpointNotPublic = resourcePolicy({
  name: "eks-endpoint-not-public",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "The API server of an EKS cluster cannot be reached from the internet.",
  why: "Whoever reaches the API server can try stolen credentials and every flaw that Kubernetes has yet to mend.",
  fix: "Write vpcConfig.endpointPublicAccess: false and endpointPrivateAccess: true, and go in through the VPC.",
  control: fsbp("EKS cluster endpoints should not be publicly accessible", ["EKS.1"], ["CIS EKS 5.4.2"]),
  settings,
  types: [EKS_CLUSTER],
  check(resource, { allowNamedNetworks }, report) {
    const what = "whether the API server can be reached from the internet";
    if (isUndecided(resource, report, what, "vpcConfig.endpointPublicAccess")) return;
    // EKS's own default is a public endpoint
    if (flagAt(resource.inputs, "vpcConfig.endpointPublicAccess") === false) return;
    if (allowNamedNetworks && isUndecided(resource, report, what, "vpcConfig.publicAccessCidrs")) return;
    const networks = textsAt(resource.inputs, "vpcConfig.publicAccessCidrs");
    const named = networks.length > 0 && !networks.some(isEverywhere);
    if (allowNamedNetworks && named) return;
    const reach = named ? `for ${listed(networks)}` : "for the whole internet";
    report.violation(
      `The API server is public ${reach}; write vpcConfig.endpointPublicAccess: false and endpointPrivateAccess: true.`,
    );
  },
});
