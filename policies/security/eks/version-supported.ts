import { EKS_CLUSTER } from "../../framework/kubernetes.ts";
import { NODE_GROUP } from "../../framework/nodes.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Setting } from "../../framework/settings.ts";
import { textAt } from "../../framework/known.ts";
import { fsbp, isUndecided } from "../values.ts";

/**
 * `oldestVersionSupported` of the control's AWS Config rule; AWS raised it to this one on 3 April 2026.
 * https://docs.aws.amazon.com/config/latest/developerguide/eks-cluster-supported-version.html
 */
const OLDEST = "1.33";

const oldest: Setting<string> = {
  default: OLDEST,
  schema: {
    type: "string",
    pattern: "^1\\.[0-9]+$",
    default: OLDEST,
    description: "The oldest Kubernetes version that is let pass, e.g. 1.33.",
  },
};

export const eksVersionSupported = resourcePolicy({
  name: "eks-version-supported",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "EKS clusters and their node groups run a Kubernetes version that AWS supports.",
  why: "A version past its support gets no security fixes, and EKS upgrades it on a day of its own choice.",
  fix: "Write a supported version, one minor version at a time: first the cluster, then its node groups.",
  control: fsbp("EKS clusters should run on a supported Kubernetes version", ["EKS.2"]),
  settings: { oldest },
  types: [EKS_CLUSTER, NODE_GROUP],
  check(resource, settings, report) {
    if (isUndecided(resource, report, "whether the Kubernetes version is supported", "version")) return;
    // without one, EKS takes the newest that it has
    const version = textAt(resource.inputs, "version");
    if (version === undefined || minor(version) >= minor(settings.oldest)) return;
    report.violation(
      `version is ${version}, older than the ${settings.oldest} of eks-version-supported.oldest; write "${settings.oldest}" or newer, in quotes.`,
    );
  },
});

function minor(version: string): number {
  const [major = NaN, second = NaN] = version.split(".").map(Number);
  return major * 1000 + second;
}
