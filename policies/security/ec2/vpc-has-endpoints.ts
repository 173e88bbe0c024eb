import { listed } from "../../framework/format.ts";
import { textAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import { patterns } from "../../framework/settings.ts";
import { fsbp, isUndecided } from "../values.ts";

const VPC = "aws:ec2/vpc:Vpc";
const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";

const settings = {
  services: patterns(
    ["ec2", "ecr.api", "ecr.dkr", "ssm"],
    "Services that each VPC has an interface endpoint for, as in com.amazonaws.<region>.<service>.",
  ),
};

export const vpcHasEndpoints = stackPolicy({
  name: "vpc-has-endpoints",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "Each VPC reaches the AWS services that it calls all the time through interface endpoints.",
  why: "Calls stay inside AWS's network, go on when the way out is closed, and do not pay a NAT gateway for each gigabyte.",
  fix: 'Add an aws.ec2.VpcEndpoint with vpcEndpointType: "Interface" for each service, or take it off the list for this stack.',
  control: fsbp("Amazon EC2 should be configured to use VPC endpoints that are created for the Amazon EC2 service", [
    "EC2.10",
    "EC2.55",
    "EC2.56",
    "EC2.57",
    "EC2.58",
    "EC2.60",
  ]),
  settings,
  types: [VPC, ENDPOINT],
  checkStack(stack, { services }, report) {
    const present = new Map<string, Set<string>>();
    const undecided = new Set<string>();
    for (const endpoint of stack.ofType(ENDPOINT)) {
      const vpcs = stack.nearest(endpoint.urn, VPC, "vpcId");
      if (vpcs.length === 0) continue;
      if (isUndecided(endpoint, report, "which endpoints the VPC has", "serviceName", "vpcEndpointType")) {
        for (const vpc of vpcs) undecided.add(vpc);
      }
      if (textAt(endpoint.inputs, "vpcEndpointType") !== "Interface") continue;
      const service = /^com\.amazonaws\.[a-z0-9-]+\.(.+)$/.exec(textAt(endpoint.inputs, "serviceName") ?? "")?.[1];
      for (const vpc of vpcs) present.set(vpc, (present.get(vpc) ?? new Set()).add(service ?? ""));
    }
    for (const vpc of stack.ofType(VPC)) {
      const missing = services.filter((service) => present.get(vpc.urn)?.has(service) !== true);
      if (missing.length === 0 || undecided.has(vpc.urn)) continue;
      report.violation(
        `VPC ${vpc.name} has no interface endpoint for ${listed(missing)}; add one, or change vpc-has-endpoints.services for this stack.`,
        vpc.urn,
      );
    }
  },
});
