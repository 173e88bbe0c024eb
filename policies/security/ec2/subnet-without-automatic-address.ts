import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt, fsbp, isUndecided, mend } from "../values.ts";

export const subnetWithoutAutomaticAddress = resourcePolicy({
  name: "subnet-without-automatic-address",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Subnets do not give a public address to whatever starts in them.",
  why: "A public subnet for load balancers and NAT gateways needs none of it, because these bring their own; only what nobody meant to publish gets one.",
  fix: "Write mapPublicIpOnLaunch: false; load balancers and NAT gateways in the subnet keep their own addresses.",
  control: fsbp("Amazon EC2 subnets should not automatically assign public IP addresses", ["EC2.15"]),
  settings: {},
  types: ["aws:ec2/subnet:Subnet", "aws:ec2/defaultSubnet:DefaultSubnet"],
  check(resource, _settings, report) {
    const what = "whether what starts in the subnet gets a public address";
    if (isUndecided(resource, report, what, "mapPublicIpOnLaunch", "assignIpv6AddressOnCreation")) return;
    if (flagAt(resource.inputs, "mapPublicIpOnLaunch") === true) {
      report.violation(
        "mapPublicIpOnLaunch is true; write false: load balancers and NAT gateways bring their own addresses.",
      );
    }
    if (flagAt(resource.inputs, "assignIpv6AddressOnCreation") === true) {
      report.advice(
        "assignIpv6AddressOnCreation is true and each IPv6 address is public; write false unless the way out is an egress-only internet gateway.",
      );
    }
  },
  remediate(resource) {
    const path = "mapPublicIpOnLaunch";
    return mend(resource, flagAt(resource.inputs, path) === true ? [path] : [], false);
  },
});
