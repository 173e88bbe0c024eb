import { listAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";

export const databaseSnapshotNotPublic = resourcePolicy({
  name: "database-snapshot-not-public",
  family: "security",
  severity: "critical",
  level: "mandatory",
  description: "Snapshots of databases are not shared with everyone.",
  why: "Whoever has an AWS account can restore a public snapshot and read the whole database.",
  fix: "Take all out of sharedAccounts, and name the accounts that need the snapshot.",
  control: fsbp("RDS snapshot should be private", ["RDS.1"]),
  settings: {},
  types: [
    "aws:rds/snapshot:Snapshot",
    "aws:rds/snapshotCopy:SnapshotCopy",
    "aws:rds/clusterSnapshot:ClusterSnapshot",
    "aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy",
  ],
  check({ inputs, unknown }, _settings, report) {
    const path = unknownAt(unknown, "sharedAccounts");
    if (listAt(inputs, "sharedAccounts").includes("all"))
      report.violation("sharedAccounts has all, so any AWS account can restore it; name the accounts that need it.");
    else if (path !== undefined) report.undecided(path, "whether the snapshot is shared with everyone");
  },
});
