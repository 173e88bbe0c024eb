import { numberAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { number } from "../../framework/settings.ts";
import { isUndecided } from "../values.ts";

const settings = {
  maxHops: number(1, "Most hops of an answer of the metadata service; 2 lets containers read it too.", 1, 64),
};

const EC2_NODE_CLASS = /^kubernetes:karpenter\.k8s\.aws\/v\w+:EC2NodeClass$/;

export const instanceMetadataHopLimit = resourcePolicy({
  name: "instance-metadata-hop-limit",
  family: "security",
  severity: "medium",
  level: "advisory",
  description:
    "Answers of the metadata service do not leave the instance itself, so that containers on it cannot read them.",
  why: "With two hops every pod on a node can take the node's own role.",
  fix: "Write metadataOptions.httpPutResponseHopLimit: 1 and give pods a role of their own.",
  control: {
    ids: ["Control Tower CT.EC2.PR.2"],
    name: "Require that Amazon EC2 launch templates restrict the token hop limit to a maximum of one",
    url: "https://docs.aws.amazon.com/controltower/latest/controlreference/ec2-rules.html#ct-ec2-pr-2-description",
  },
  settings,
  types: [
    "aws:ec2/instance:Instance",
    "aws:ec2/launchTemplate:LaunchTemplate",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    EC2_NODE_CLASS,
  ],
  check(resource, { maxHops }, report) {
    const path = `${EC2_NODE_CLASS.test(resource.type) ? "spec." : ""}metadataOptions.httpPutResponseHopLimit`;
    if (isUndecided(resource, report, "how far answers of the metadata service go", path)) return;
    const hops = numberAt(resource.inputs, path);
    if (hops === undefined || hops <= maxHops) return;
    report.violation(
      `${path} is ${hops}, above the ${maxHops} of instance-metadata-hop-limit.maxHops; write ${maxHops} and give pods a role of their own.`,
    );
  },
});
