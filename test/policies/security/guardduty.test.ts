import { detectorIsOn } from "../../../policies/security/guardduty/detector-is-on.ts";
import { detectorLooksIntoMachines } from "../../../policies/security/guardduty/detector-looks-into-machines.ts";
import { detectorWatchesWhatRuns } from "../../../policies/security/guardduty/detector-watches-what-runs.ts";
import { describePolicy } from "../cases.ts";
import { type Fake, UNKNOWN } from "../harness.ts";

function feature(name: string): Fake {
  return {
    type: "aws:guardduty/detectorFeature:DetectorFeature",
    name,
    props: { detectorId: UNKNOWN, name, status: "ENABLED" },
    provider: "west",
    from: { detectorId: ["detector"] },
  };
}

const region: readonly Fake[] = [
  { type: "pulumi:providers:aws", name: "west", props: { region: "us-west-2" } },
  { type: "pulumi:providers:aws", name: "east", props: { region: "us-east-1" } },
  { type: "aws:guardduty/detector:Detector", name: "detector", props: {}, provider: "west" },
  { type: "aws:eks/cluster:Cluster", name: "cluster", props: {}, provider: "west" },
  { type: "aws:s3/bucket:Bucket", name: "bucket", props: {}, provider: "west" },
  { type: "aws:eks/nodeGroup:NodeGroup", name: "nodes", props: {}, provider: "west" },
  { type: "aws:lambda/function:Function", name: "elsewhere", props: {}, provider: "east" },
  ...["EKS_AUDIT_LOGS", "S3_DATA_EVENTS", "EBS_MALWARE_PROTECTION", "RUNTIME_MONITORING"].map(feature),
];

describe("detection of attacks", () => {
  describePolicy({
    policy: detectorIsOn,
    compliant: region,
    breaks: [{ path: "detector/enable", value: false, says: /write enable: true\.$/ }],
    undecided: ["detector/enable"],
  });

  describePolicy({
    policy: detectorWatchesWhatRuns,
    compliant: region,
    breaks: [
      {
        path: "EKS_AUDIT_LOGS/status",
        value: "DISABLED",
        says: /^Detector detector does not see what is done through the API of its clusters/,
      },
      {
        path: "S3_DATA_EVENTS/name",
        value: "LAMBDA_NETWORK_LOGS",
        says: /a DetectorFeature S3_DATA_EVENTS/,
        level: "advisory",
      },
    ],
    undecided: ["EKS_AUDIT_LOGS/status", "S3_DATA_EVENTS/name"],
  });
  describePolicy({
    policy: detectorWatchesWhatRuns,
    compliant: [
      ...region.slice(0, 2),
      {
        type: "aws:guardduty/detector:Detector",
        name: "old",
        props: { datasources: { kubernetes: { auditLogs: { enable: true } } } },
      },
      { type: "aws:eks/cluster:Cluster", name: "cluster", props: {} },
    ],
    breaks: [{ path: "old/datasources", value: undefined, says: /EKS_AUDIT_LOGS/, level: "advisory" }],
  });

  describePolicy({
    policy: detectorLooksIntoMachines,
    compliant: region,
    breaks: [{ path: "RUNTIME_MONITORING/status", value: "DISABLED", says: /does not see what runs on its machines/ }],
    undecided: ["RUNTIME_MONITORING/status"],
  });
});
