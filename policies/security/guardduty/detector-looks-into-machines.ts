import { fsbp } from "../values.ts";
import { detectorsWatch } from "./detectors.ts";

const MACHINES = ["aws:ec2/instance:Instance", "aws:eks/nodeGroup:NodeGroup", "aws:autoscaling/group:Group"];

export const detectorLooksIntoMachines = detectorsWatch(
  {
    name: "detector-looks-into-machines",
    family: "security",
    severity: "high",
    level: "advisory",
    description: "GuardDuty looks at the disks and processes of the machines that its region has.",
    why: "Malware shows itself on a disk or as a process before it shows in the network.",
    fix: "Make an aws.guardduty.DetectorFeature EBS_MALWARE_PROTECTION and RUNTIME_MONITORING; both are paid for by use.",
    control: fsbp("GuardDuty Malware Protection for EC2 should be enabled", ["GuardDuty.8", "GuardDuty.11"]),
  },
  [
    {
      feature: "EBS_MALWARE_PROTECTION",
      of: MACHINES,
      misses: "malware on disks",
      inline: "datasources.malwareProtection.scanEc2InstanceWithFindings.ebsVolumes.enable",
    },
    { feature: "RUNTIME_MONITORING", of: MACHINES, misses: "what runs on its machines" },
  ],
);
