import { DB_CLUSTER, DB_GLOBAL_CLUSTER, DB_INSTANCE, isNew } from "../../aws/databases.ts";
import { requires } from "../../aws/requirement.ts";
import { at, textAt } from "../../framework/known.ts";
import { fsbp } from "../values.ts";

export const databaseIsEncrypted = requires(
  {
    name: "database-is-encrypted",
    family: "security",
    severity: "medium",
    level: "mandatory",
    description: "Databases are encrypted at rest.",
    why: "Disks, snapshots and replicas of a database that is not encrypted can be read, and it cannot be encrypted later without a copy.",
    fix: "Write storageEncrypted: true, and kmsKeyId for a key of your own; an existing database has to be restored from an encrypted copy of its snapshot.",
    control: fsbp(
      "RDS DB instances should have encryption at-rest enabled",
      ["RDS.3", "RDS.27", "RDS.4"],
      ["CIS AWS 5.0.0 2.2.1"],
    ),
    types: [DB_INSTANCE, DB_CLUSTER, DB_GLOBAL_CLUSTER],
  },
  {
    path: "storageEncrypted",
    value: true,
    // Aurora Serverless v1 is always encrypted: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless.html
    otherwise: ({ inputs }) => textAt(inputs, "engineMode") === "serverless",
    harm: "its disks and all its snapshots can be read without a key",
    where: (resource) => isNew(resource) || at(resource.inputs, "storageEncrypted") !== undefined,
    // the provider makes a new one, which has nothing in it
    mends: false,
  },
);
