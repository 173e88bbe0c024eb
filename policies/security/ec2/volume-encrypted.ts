import { at, listAt } from "../../framework/known.ts";
import type { Plain } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { flagAt, fsbp, isUndecided, mend } from "../values.ts";

const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const EC2_NODE_CLASS = /^kubernetes:karpenter\.k8s\.aws\/v\w+:EC2NodeClass$/;

/** Where each type writes its disks; `[]` stands for each element of a list, nothing for the resource itself. */
const DISKS: Readonly<Record<string, readonly string[]>> = {
  "aws:ebs/volume:Volume": [""],
  "aws:ebs/snapshotCopy:SnapshotCopy": [""],
  "aws:ec2/instance:Instance": ["rootBlockDevice", "ebsBlockDevices[]"],
  "aws:ec2/launchConfiguration:LaunchConfiguration": ["rootBlockDevice", "ebsBlockDevices[]"],
  "aws:ec2/spotFleetRequest:SpotFleetRequest": [
    "launchSpecifications[].rootBlockDevices[]",
    "launchSpecifications[].ebsBlockDevices[]",
  ],
  [TEMPLATE]: ["blockDeviceMappings[].ebs"],
};
const NODE_CLASS_DISKS = ["spec.blockDeviceMappings[].ebs"] as const;

export const volumeEncrypted = resourcePolicy({
  name: "volume-encrypted",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description:
    "EBS volumes, disks of instances, launch templates and Karpenter's nodes, and copies of snapshots are encrypted.",
  why: "A snapshot of a plain disk can be read in any account that it is shared with, and a plain disk is never encrypted later.",
  fix: "Write encrypted: true; for an existing disk, restore an encrypted copy of its snapshot.",
  control: fsbp("Attached Amazon EBS volumes should be encrypted at-rest", ["EC2.3", "EC2.181", "EC2.173"]),
  settings: {},
  types: [...Object.keys(DISKS), EC2_NODE_CLASS],
  check(resource, _settings, report) {
    const what = "whether the disk is encrypted";
    for (const pattern of patternsOf(resource)) {
      const disks = disksAt(resource, pattern);
      if (disks.length === 0) isUndecided(resource, report, what, encryptedOf(pattern));
      for (const path of disks.map(encryptedOf)) {
        const encrypted = flagAt(resource.inputs, path);
        if (encrypted === true || isUndecided(resource, report, what, path)) continue;
        report.violation(`${path.replaceAll(/\.(\d+)/g, "[$1]")} is ${encrypted ?? "not set"}; write true.`);
      }
    }
  },
  remediate(resource) {
    // any other type is replaced, and the disk's content with it
    if (resource.type !== TEMPLATE && !EC2_NODE_CLASS.test(resource.type)) return undefined;
    const plain = patternsOf(resource)
      .flatMap((pattern) => disksAt(resource, pattern).map(encryptedOf))
      .filter((path) => flagAt(resource.inputs, path) !== true);
    // a launch template wants it as text
    return mend(resource, plain, resource.type === TEMPLATE ? "true" : true);
  },
});

function patternsOf({ type }: Resource): readonly string[] {
  return DISKS[type] ?? NODE_CLASS_DISKS;
}

/** An instance's root disk that is not written is the business of instance-root-disk-encrypted. */
function disksAt({ inputs }: Resource, pattern: string): readonly string[] {
  return expanded(inputs, pattern).filter((path) => path === "" || at(inputs, path) !== undefined);
}

/** The paths that a pattern stands for in these inputs. */
function expanded(inputs: Plain, pattern: string): readonly string[] {
  const [list, ...rest] = pattern.split("[]");
  if (list === undefined || rest.length === 0) return [pattern];
  return listAt(inputs, list).flatMap((_, index) => expanded(inputs, `${list}.${index}${rest.join("[]")}`));
}

function encryptedOf(disk: string): string {
  return disk === "" ? "encrypted" : `${disk}.encrypted`;
}
