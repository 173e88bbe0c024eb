import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp, isUndecided } from "../values.ts";

const PATH = "internetGatewayBlockMode";

export const internetGatewayTrafficBlocked = resourcePolicy({
  name: "internet-gateway-traffic-blocked",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description:
    "Where a program sets a region's Block Public Access for VPCs, it blocks traffic from internet gateways.",
  why: "Off, the setting protects nothing, and every route to an internet gateway works at once.",
  fix: 'Write internetGatewayBlockMode: "block-ingress" or "block-bidirectional", with an exclusion for each public VPC.',
  control: fsbp("EC2 VPC Block Public Access settings should block internet gateway traffic", ["EC2.172"]),
  settings: {},
  types: ["aws:ec2/vpcBlockPublicAccessOptions:VpcBlockPublicAccessOptions"],
  check(resource, _settings, report) {
    if (isUndecided(resource, report, "whether internet gateways are blocked", PATH)) return;
    if (textAt(resource.inputs, PATH) !== "off") return;
    report.violation(`${PATH} is off; write "block-ingress" or "block-bidirectional".`);
  },
});
