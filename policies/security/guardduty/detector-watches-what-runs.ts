import { DB_CLUSTER } from "../../aws/databases.ts";
import { fsbp } from "../values.ts";
import { detectorsWatch } from "./detectors.ts";

export const detectorWatchesWhatRuns = detectorsWatch(
  {
    name: "detector-watches-what-runs",
    family: "security",
    severity: "high",
    level: "mandatory",
    description: "GuardDuty watches the clusters, databases, buckets and functions that its region has.",
    why: "Each kind is a feature of its own: without it an attack on it looks like work.",
    fix: "Make an aws.guardduty.DetectorFeature for each of them with status: ENABLED.",
    control: fsbp("GuardDuty EKS Audit Log Monitoring should be enabled", [
      "GuardDuty.5",
      "GuardDuty.6",
      "GuardDuty.9",
      "GuardDuty.10",
    ]),
  },
  [
    {
      feature: "EKS_AUDIT_LOGS",
      of: ["aws:eks/cluster:Cluster"],
      misses: "what is done through the API of its clusters",
      inline: "datasources.kubernetes.auditLogs.enable",
    },
    { feature: "RDS_LOGIN_EVENTS", of: [DB_CLUSTER], misses: "strange logins to its databases" },
    {
      feature: "S3_DATA_EVENTS",
      of: ["aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"],
      misses: "who reads its buckets",
      inline: "datasources.s3Logs.enable",
    },
    { feature: "LAMBDA_NETWORK_LOGS", of: ["aws:lambda/function:Function"], misses: "whom its functions call" },
  ],
);
