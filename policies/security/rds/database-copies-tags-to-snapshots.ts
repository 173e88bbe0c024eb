import { DB_CLUSTER, DB_INSTANCE } from "../../aws/databases.ts";
import { requires } from "../../aws/requirement.ts";
import { fsbp } from "../values.ts";

export const databaseCopiesTagsToSnapshots = requires(
  {
    name: "database-copies-tags-to-snapshots",
    family: "security",
    severity: "low",
    level: "advisory",
    description: "Snapshots carry the tags of their database.",
    why: "Who may read a snapshot, who pays for it and when it goes are decided by tags, which a snapshot lacks otherwise.",
    fix: "Write copyTagsToSnapshot: true.",
    control: fsbp("RDS DB instances should be configured to copy tags to snapshots", [
      "RDS.17",
      "RDS.16",
      "RDS.47",
      "RDS.48",
    ]),
    types: [DB_INSTANCE, DB_CLUSTER],
  },
  {
    path: "copyTagsToSnapshot",
    value: true,
    otherwise: false,
    harm: "its snapshots have no owner, no cost centre and no rule of access",
  },
);
