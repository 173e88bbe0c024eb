import { resourcePolicy } from "../../framework/policy.ts";
import { flagAt, fsbp, isUndecided } from "../values.ts";

export const sourceDestinationChecked = resourcePolicy({
  name: "source-destination-checked",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "Network interfaces carry only what is from or for their own address.",
  why: "Without the check an instance can forward the traffic of others and send under their addresses.",
  fix: "Write sourceDestCheck: true; take a NAT gateway instead of a NAT instance.",
  control: fsbp("EC2 network interfaces should have source/destination checking enabled", ["EC2.180"]),
  settings: {},
  types: ["aws:ec2/networkInterface:NetworkInterface", "aws:ec2/instance:Instance"],
  check(resource, _settings, report) {
    if (isUndecided(resource, report, "whether addresses are checked", "sourceDestCheck")) return;
    if (flagAt(resource.inputs, "sourceDestCheck") !== false) return;
    report.violation("sourceDestCheck is false; write true, and take a NAT gateway where traffic has to be forwarded.");
  },
});
