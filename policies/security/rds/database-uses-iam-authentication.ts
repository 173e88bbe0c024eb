import { DB_CLUSTER, DB_INSTANCE, engineOf } from "../../aws/databases.ts";
import { requires } from "../../aws/requirement.ts";
import { fsbp } from "../values.ts";

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html */
const ENGINES: readonly string[] = ["mysql", "mariadb", "postgres", "aurora-mysql", "aurora-postgresql"];

export const databaseUsesIamAuthentication = requires(
  {
    name: "database-uses-iam-authentication",
    family: "security",
    severity: "medium",
    level: "advisory",
    description: "Databases take IAM tokens beside passwords.",
    why: "A token lives for 15 minutes and belongs to a role; a password is copied, kept and seldom changed.",
    fix: "Write iamDatabaseAuthenticationEnabled: true, and let people and services connect with tokens.",
    control: fsbp("IAM authentication should be configured for RDS instances", ["RDS.10", "RDS.12"]),
    types: [DB_INSTANCE, DB_CLUSTER],
  },
  {
    path: "iamDatabaseAuthenticationEnabled",
    value: true,
    otherwise: false,
    harm: "everyone who connects holds a lasting password",
    where: (resource) => ENGINES.includes(engineOf(resource) ?? ""),
    hangsOn: ["engine"],
  },
);
