import { textAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp, isUndecided } from "../values.ts";

/** Which input makes each type public, and by which value. */
const PUBLIC: Readonly<Record<string, { path: string; values: readonly string[]; write: string }>> = {
  "aws:ec2/amiLaunchPermission:AmiLaunchPermission": {
    path: "group",
    values: ["all"],
    write: "name the accountId or organizationArn that may start it",
  },
  "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission": {
    path: "accountId",
    values: ["all"],
    write: "name the account that may read it",
  },
  "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": {
    path: "state",
    values: ["unblocked"],
    write: 'write "block-all-sharing"',
  },
  "aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess": {
    path: "state",
    values: ["unblocked"],
    write: 'write "block-new-sharing"',
  },
};

export const imagesAndSnapshotsPrivate = resourcePolicy({
  name: "images-and-snapshots-private",
  family: "security",
  severity: "critical",
  level: "mandatory",
  description: "Machine images and EBS snapshots are not shared with every AWS account.",
  why: "A public image or snapshot is copied within minutes by those who search them for keys and data.",
  fix: "Share with named accounts only, and block public sharing for the region.",
  control: fsbp("Amazon EBS snapshots should not be publicly restorable", ["EC2.1"], ["Security Hub EC2.182"]),
  settings: {},
  types: Object.keys(PUBLIC),
  check(resource, _settings, report) {
    const rule = PUBLIC[resource.type];
    if (!rule || isUndecided(resource, report, "whether everyone can read it", rule.path)) return;
    const value = textAt(resource.inputs, rule.path);
    if (value === undefined || !rule.values.includes(value)) return;
    report.violation(`${rule.path} is ${value}, which lets every AWS account in; ${rule.write}.`);
  },
});
