import { DB_CLUSTER_INSTANCE, DB_INSTANCE } from "../../aws/databases.ts";
import { requires } from "../../aws/requirement.ts";
import { fsbp } from "../values.ts";

export const databaseNotPublic = requires(
  {
    name: "database-not-public",
    family: "security",
    severity: "critical",
    level: "mandatory",
    description: "Database instances have no public address.",
    why: "A database with a public address can be tried by anyone on the internet; one open security group is then enough.",
    fix: "Write publiclyAccessible: false, and reach the database from inside its network.",
    control: fsbp("RDS DB Instances should prohibit public access", ["RDS.2"], ["CIS AWS 5.0.0 2.2.3"]),
    types: [DB_INSTANCE, DB_CLUSTER_INSTANCE],
  },
  {
    path: "publiclyAccessible",
    value: false,
    otherwise: false,
    harm: "the database has an address that anyone on the internet can reach",
  },
);
