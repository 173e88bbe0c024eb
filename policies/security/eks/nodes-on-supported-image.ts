import { listAt, textAt } from "../../framework/known.ts";
import { NODE_GROUP } from "../../framework/nodes.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { isUndecided } from "../values.ts";

const EC2_NODE_CLASS = /^kubernetes:karpenter\.k8s\.aws\/v\w+:EC2NodeClass$/;

/** What AWS has to offer instead; each was the last of its kind on 26 November 2025. */
const AMAZON_LINUX_2: Readonly<Record<string, string>> = {
  AL2_x86_64: "AL2023_x86_64_STANDARD",
  AL2_x86_64_GPU: "AL2023_x86_64_NVIDIA",
  AL2_ARM_64: "AL2023_ARM_64_STANDARD",
};

export const eksNodesOnSupportedImage = resourcePolicy({
  name: "eks-nodes-on-supported-image",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Nodes of EKS start from a machine image that still gets security fixes.",
  why: "AWS has ended its images with Amazon Linux 2: what is found in their kernel stays open on every node.",
  fix: 'Write amiType: "AL2023_x86_64_STANDARD" or BOTTLEROCKET_x86_64; for Karpenter, amiSelectorTerms: [{ alias: "al2023@…" }].',
  control: {
    name: "Amazon EKS: AMI deprecation",
    url: "https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html",
  },
  settings: {},
  types: [NODE_GROUP, EC2_NODE_CLASS],
  check(resource, _settings, report) {
    if (resource.type !== NODE_GROUP) return checkAliases(resource, (message) => report.violation(message));
    if (isUndecided(resource, report, "whether the machine image gets fixes", "amiType")) return;
    const type = textAt(resource.inputs, "amiType") ?? "";
    const instead = Object.hasOwn(AMAZON_LINUX_2, type) ? AMAZON_LINUX_2[type] : undefined;
    if (instead !== undefined)
      report.violation(`amiType is ${type}, which gets no fixes any more; write "${instead}".`);
  },
});

function checkAliases({ inputs }: Resource, violation: (message: string) => void): void {
  const aliases = listAt(inputs, "spec.amiSelectorTerms").map((term) => textAt(term, "alias") ?? "");
  for (const alias of aliases.filter((each) => each.startsWith("al2@"))) {
    violation(`spec.amiSelectorTerms has ${alias}, which gets no fixes any more; write "al2023@<version>".`);
  }
}
