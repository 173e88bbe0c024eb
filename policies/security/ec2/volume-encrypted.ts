import { at, listAt } from "../../framework/known.ts";
import type { Plain } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { flagAt, fsbp, isUndecided, withValue } from "../values.ts";

const INSTANCE = "aws:ec2/instance:Instance";

/** Where each type writes its disks: single ones, and lists with the place of the disk in each element. */
const DISKS: Readonly<Record<string, { single: readonly string[]; lists: Readonly<Record<string, string>> }>> = {
  "aws:ebs/volume:Volume": { single: [""], lists: {} },
  "aws:ebs/snapshotCopy:SnapshotCopy": { single: [""], lists: {} },
  [INSTANCE]: { single: ["rootBlockDevice"], lists: { ebsBlockDevices: "" } },
  "aws:ec2/launchConfiguration:LaunchConfiguration": { single: ["rootBlockDevice"], lists: { ebsBlockDevices: "" } },
  "aws:ec2/launchTemplate:LaunchTemplate": { single: [], lists: { blockDeviceMappings: "ebs" } },
};

export const volumeEncrypted = resourcePolicy({
  name: "volume-encrypted",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "EBS volumes, disks of instances and launch templates, and copies of snapshots are encrypted.",
  why: "A snapshot of a plain disk can be read in any account that it is shared with, and a plain disk is never encrypted later.",
  fix: "Write encrypted: true; for an existing disk, restore an encrypted copy of its snapshot.",
  control: fsbp("Attached Amazon EBS volumes should be encrypted at-rest", ["EC2.3", "EC2.181"]),
  settings: {},
  types: Object.keys(DISKS),
  check(resource, _settings, report) {
    for (const path of disks(resource)) {
      const place = join(path);
      if (flagAt(resource.inputs, place) === true) continue;
      if (isUndecided(resource, report, "whether the disk is encrypted", place)) continue;
      report.violation(`${shown(place)} is ${flagAt(resource.inputs, place) ?? "not set"}; write true.`);
    }
  },
  remediate(resource) {
    const plain = disks(resource).filter((path) => flagAt(resource.inputs, join(path)) !== true);
    return plain.length === 0
      ? undefined
      : plain.reduce<Plain>((inputs, path) => withValue(inputs, join(path), encrypted(resource)), resource.inputs);
  },
});

/** Paths of the disks that a resource makes. */
function disks({ inputs, type }: Resource): readonly string[] {
  const { single = [], lists = {} } = DISKS[type] ?? {};
  // the disks of an instance that says nothing of them are those of its image or launch template
  const own = single.filter(
    (path) => path === "" || at(inputs, path) !== undefined || (type === INSTANCE && !("launchTemplate" in inputs)),
  );
  const listed = Object.entries(lists).flatMap(([list, inner]) =>
    listAt(inputs, list).flatMap((disk, index) => {
      const path = inner === "" ? `${list}.${index}` : `${list}.${index}.${inner}`;
      return inner === "" || at(disk, inner) !== undefined ? [path] : [];
    }),
  );
  return [...own, ...listed];
}

function join(path: string): string {
  return path === "" ? "encrypted" : `${path}.encrypted`;
}

function shown(path: string): string {
  return path.replaceAll(/\.(\d+)/g, "[$1]");
}

/** A launch template wants it as text. */
function encrypted({ type }: Resource): boolean | string {
  return type.includes("launchTemplate") ? "true" : true;
}
