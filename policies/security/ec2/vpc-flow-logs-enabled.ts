import { textAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import { fsbp, isUndecided } from "../values.ts";

const VPC = "aws:ec2/vpc:Vpc";
const FLOW_LOG = "aws:ec2/flowLog:FlowLog";

export const vpcFlowLogsEnabled = stackPolicy({
  name: "vpc-flow-logs-enabled",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Each VPC has a flow log of at least what is rejected.",
  why: "Without it nobody can tell afterwards who tried to get in or where data went.",
  fix: "Add an aws.ec2.FlowLog with the VPC's vpcId and trafficType REJECT or ALL.",
  control: fsbp("VPC flow logging should be enabled in all VPCs", ["EC2.6"], ["CIS AWS 5.0.0 3.7"]),
  settings: {},
  types: [VPC, FLOW_LOG],
  checkStack(stack, _settings, report) {
    const logs = stack.ofType(FLOW_LOG);
    const logged = new Set<string>();
    for (const log of logs) {
      const vpcs = stack.nearest(log.urn, VPC, "vpcId");
      if (vpcs.length === 0) continue;
      for (const vpc of vpcs) logged.add(vpc);
      if (isUndecided(log, report, "whether rejected traffic is logged", "trafficType")) continue;
      if (textAt(log.inputs, "trafficType") !== "ACCEPT") continue;
      report.violation(
        `Flow log ${log.name} has trafficType ACCEPT and misses what is rejected; write REJECT or ALL.`,
        log.urn,
      );
    }
    for (const vpc of stack.ofType(VPC)) {
      if (logged.has(vpc.urn)) continue;
      report.violation(
        `VPC ${vpc.name} has no flow log; add an aws.ec2.FlowLog with its vpcId and trafficType "REJECT" or "ALL".`,
        vpc.urn,
      );
    }
  },
});
