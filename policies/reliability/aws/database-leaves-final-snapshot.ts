import { DB_CLUSTER, DB_INSTANCE } from "../../aws/databases.ts";
import { isGiven } from "../../aws/presence.ts";
import { requires } from "../../aws/requirement.ts";

export const databaseLeavesFinalSnapshot = requires(
  {
    name: "database-leaves-final-snapshot",
    family: "reliability",
    severity: "medium",
    level: "advisory",
    description: "A database that is deleted leaves a last snapshot.",
    why: "Automatic backups go with their database; the last snapshot is what is left after a mistake.",
    fix: "Write skipFinalSnapshot: false and finalSnapshotIdentifier.",
    control: {
      name: "Amazon RDS: Deleting a DB instance, considerations",
      url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
    },
    types: [DB_INSTANCE, DB_CLUSTER],
  },
  {
    path: "skipFinalSnapshot",
    value: false,
    otherwise: false,
    harm: "nothing is left of it once it is deleted",
    // what is copied from another has its data there; in a global database that is whatever has no administrator
    where: (database) =>
      !isGiven(database, "replicateSourceDb") &&
      (!isGiven(database, "globalClusterIdentifier") || isGiven(database, "masterUsername")),
  },
);
