import { gives } from "../../aws/given.ts";
import { fsbp } from "../values.ts";

export const trailReachesCloudwatch = gives(
  {
    name: "trail-reaches-cloudwatch",
    family: "security",
    severity: "low",
    level: "advisory",
    description: "Trails send their events to CloudWatch too.",
    why: "Only there an alarm can be set on what is done; files in a bucket are read afterwards.",
    fix: "Write cloudWatchLogsGroupArn and cloudWatchLogsRoleArn.",
    control: fsbp("CloudTrail trails should be integrated with Amazon CloudWatch Logs", ["CloudTrail.5"]),
    types: ["aws:cloudtrail/trail:Trail"],
  },
  { path: "cloudWatchLogsGroupArn", harm: "no alarm can be set on what is done in the account" },
);
