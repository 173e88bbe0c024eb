import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { fsbp, isUndecided, mend } from "../values.ts";

const INSTANCE = "aws:ec2/instance:Instance";
/** The provider replaces these for a change of it. */
const REPLACED = ["aws:ec2/spotInstanceRequest:SpotInstanceRequest", "aws:ec2/launchConfiguration:LaunchConfiguration"];
const EC2_NODE_CLASS = /^kubernetes:karpenter\.k8s\.aws\/v\w+:EC2NodeClass$/;

export const instanceMetadataRequiresToken = resourcePolicy({
  name: "instance-metadata-requires-token",
  family: "security",
  severity: "high",
  level: "mandatory",
  description:
    "EC2 instances, launch templates and Karpenter's node classes answer only version 2 of the metadata service.",
  why: "Version 1 hands an instance's credentials to whoever can make a program on it fetch a URL.",
  fix: 'Write metadataOptions.httpTokens: "required".',
  control: fsbp(
    "EC2 instances should use Instance Metadata Service Version 2 (IMDSv2)",
    ["EC2.8", "EC2.170", "AutoScaling.3"],
    ["CIS AWS 5.0.0 5.7"],
  ),
  settings: {},
  types: [INSTANCE, ...REPLACED, "aws:ec2/launchTemplate:LaunchTemplate", EC2_NODE_CLASS],
  check(resource, _settings, report) {
    const path = options(resource);
    const [tokens, endpoint] = [`${path}.httpTokens`, `${path}.httpEndpoint`];
    if (textAt(resource.inputs, tokens) === "required" || textAt(resource.inputs, endpoint) === "disabled") return;
    if (isUndecided(resource, report, "whether version 1 of the metadata service answers", tokens, endpoint)) return;
    if (inherits(resource)) return;
    const written = textAt(resource.inputs, tokens);
    report.violation(`${tokens} is ${written ?? "not set, which lets version 1 answer"}; write "required".`);
  },
  remediate(resource) {
    const tokens = `${options(resource)}.httpTokens`;
    const isOff = textAt(resource.inputs, `${options(resource)}.httpEndpoint`) === "disabled";
    const isLeft =
      isOff || REPLACED.includes(resource.type) || textAt(resource.inputs, tokens) === "required" || inherits(resource);
    return mend(resource, isLeft ? [] : [tokens], "required");
  },
});

function options({ type }: Resource): string {
  return EC2_NODE_CLASS.test(type) ? "spec.metadataOptions" : "metadataOptions";
}

/** An instance has what its launch template says where it says nothing itself; Karpenter's default is version 2. */
function inherits(resource: Resource): boolean {
  if (textAt(resource.inputs, `${options(resource)}.httpTokens`) !== undefined) return false;
  const { inputs, type } = resource;
  const fromTemplate = type === INSTANCE && "launchTemplate" in inputs;
  return fromTemplate || EC2_NODE_CLASS.test(type);
}
