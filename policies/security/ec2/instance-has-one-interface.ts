import { listAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp, isUndecided } from "../values.ts";

const PATH = "networkInterfaces";

export const instanceHasOneInterface = resourcePolicy({
  name: "instance-has-one-interface",
  family: "security",
  severity: "low",
  level: "advisory",
  description: "EC2 instances have one network interface.",
  why: "An instance in two subnets is a way between them that no route table and no security group shows.",
  fix: "Take the further networkInterfaces away, and let traffic go through the route table.",
  control: fsbp("Amazon EC2 instances should not use multiple ENIs", ["EC2.17"]),
  settings: {},
  types: ["aws:ec2/instance:Instance", "aws:ec2/launchTemplate:LaunchTemplate"],
  check(resource, _settings, report) {
    const count = listAt(resource.inputs, PATH).length;
    if (count === 0) isUndecided(resource, report, "how many network interfaces there are", PATH);
    if (count > 1) report.violation(`${PATH} lists ${count} interfaces; write one.`);
  },
});
