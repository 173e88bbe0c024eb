import { DB_CLUSTER, DB_GLOBAL_CLUSTER, DB_INSTANCE } from "../../aws/databases.ts";
import { requires } from "../../aws/requirement.ts";
import { fsbp } from "../../security/values.ts";

export const databaseIsDeletionProtected = requires(
  {
    name: "database-is-deletion-protected",
    family: "reliability",
    severity: "low",
    level: "advisory",
    description: "Databases cannot be deleted before somebody has lifted their protection.",
    why: "A wrong destroy, or a change that replaces, deletes a database in seconds.",
    fix: "Write deletionProtection: true where the data counts, e.g. mandatory for the production stack in the policy config.",
    control: fsbp("RDS clusters should have deletion protection enabled", ["RDS.7", "RDS.8"]),
    types: [DB_INSTANCE, DB_CLUSTER, DB_GLOBAL_CLUSTER],
  },
  { path: "deletionProtection", value: true, otherwise: false, harm: "one wrong command deletes it" },
);
