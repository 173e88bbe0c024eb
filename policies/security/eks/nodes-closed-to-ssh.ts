import { NODE_GROUP } from "../../framework/nodes.ts";
import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { isUndecided, textsAt } from "../values.ts";

export const eksNodesClosedToSsh = resourcePolicy({
  name: "eks-nodes-closed-to-ssh",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "Nodes of an EKS node group do not answer SSH to the internet.",
  why: "A node group with an SSH key and no source security group opens port 22 of every node to 0.0.0.0/0.",
  fix: "Take remoteAccess away and use Session Manager, or name remoteAccess.sourceSecurityGroupIds.",
  control: {
    name: "EKS: RemoteAccessConfig (port 22 of the nodes)",
    url: "https://docs.aws.amazon.com/eks/latest/APIReference/API_RemoteAccessConfig.html",
  },
  settings: {},
  types: [NODE_GROUP],
  check(resource, _settings, report) {
    const { inputs } = resource;
    const what = "whether the nodes answer SSH to the internet";
    if (isUndecided(resource, report, what, "remoteAccess.sourceSecurityGroupIds")) return;
    if (textsAt(inputs, "remoteAccess.sourceSecurityGroupIds").length > 0) return;
    if (isUndecided(resource, report, what, "remoteAccess.ec2SshKey")) return;
    if (textAt(inputs, "remoteAccess.ec2SshKey") === undefined) return;
    report.violation(
      "remoteAccess has an SSH key and no sourceSecurityGroupIds, which opens port 22 to 0.0.0.0/0; take remoteAccess away, or name the groups that may connect.",
    );
  },
});
