import { at, listAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Report, Resource } from "../../framework/policy.ts";
import { flagAt, fsbp, isUndecided } from "../values.ts";

const INSTANCE = "aws:ec2/instance:Instance";
const EIP = "aws:ec2/eip:Eip";
const EIP_ASSOCIATION = "aws:ec2/eipAssociation:EipAssociation";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration";

const WHAT = "whether the instance gets a public address";

export const instanceWithoutPublicAddress = resourcePolicy({
  name: "instance-without-public-address",
  family: "security",
  severity: "high",
  level: "mandatory",
  description: "EC2 instances have no public IPv4 address, neither of their own nor from their launch template.",
  why: "An instance with a public address is reached by whatever its security group forgets to close.",
  fix: "Write associatePublicIpAddress: false, put a load balancer before it, and go in through Session Manager.",
  control: fsbp("Amazon EC2 instances should not have a public IPv4 address", ["EC2.9", "EC2.25", "AutoScaling.5"]),
  settings: {},
  types: [INSTANCE, EIP, EIP_ASSOCIATION, TEMPLATE, CONFIGURATION],
  check(resource, _settings, report) {
    if (resource.type === EIP) checkAddress(resource, "instance", report);
    else if (resource.type === EIP_ASSOCIATION) checkAddress(resource, "instanceId", report);
    else if (resource.type === TEMPLATE) checkTemplate(resource, report);
    else checkInstance(resource, report);
  },
});

/** An address that is going to be an instance's, known or not. */
function checkAddress(resource: Resource, property: string, report: Report): void {
  const isGiven = at(resource.inputs, property) !== undefined || resource.unknown.some(([key]) => key === property);
  if (!isGiven) return;
  report.violation(
    `${property} gives an instance a public address; take it away and put a load balancer or a NAT gateway there.`,
  );
}

function checkTemplate(resource: Resource, report: Report): void {
  if (isUndecided(resource, report, WHAT, "networkInterfaces[].associatePublicIpAddress")) return;
  listAt(resource.inputs, "networkInterfaces").forEach((network, index) => {
    if (flagAt(network, "associatePublicIpAddress") !== true) return;
    report.violation(`networkInterfaces[${index}].associatePublicIpAddress is true; write "false".`);
  });
}

function checkInstance(resource: Resource, report: Report): void {
  if (isUndecided(resource, report, WHAT, "associatePublicIpAddress")) return;
  const own = flagAt(resource.inputs, "associatePublicIpAddress");
  if (own === true) report.violation("associatePublicIpAddress is true; write false.");
  if (own !== undefined || resource.type !== INSTANCE) return;
  const decided = ["subnetId", "launchTemplate", "networkInterfaces", "primaryNetworkInterface"];
  const isPlaced = decided.some(
    (key) => at(resource.inputs, key) !== undefined || resource.unknown.some(([first]) => first === key),
  );
  if (isPlaced) return;
  report.violation(
    "No subnetId is set, so the instance starts in the default VPC and gets a public address; write a private subnetId, or associatePublicIpAddress: false.",
  );
}
