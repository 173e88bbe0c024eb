import { counted } from "@groundwork/lib/counted";
import { DB_CLUSTER, DB_INSTANCE, isNew } from "../../aws/databases.ts";
import { numberAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import type { Resource } from "../../framework/policy.ts";
import { number } from "../../framework/settings.ts";
import { fsbp, withValue } from "../../security/values.ts";

const settings = { days: number(7, "Least days that automatic backups of databases are kept.", 1, 35) };
const PATH = "backupRetentionPeriod";

export const databaseIsBackedUp = resourcePolicy({
  name: "database-is-backed-up",
  family: "reliability",
  severity: "medium",
  level: "mandatory",
  description: "Databases keep automatic backups, from which each moment of the last days can be restored.",
  why: "What a wrong statement deletes is noticed after days, and no replica has it any more.",
  fix: "Write backupRetentionPeriod: 7 or more.",
  control: fsbp("RDS instances should have automatic backups enabled", ["RDS.11"], ["Security Hub RDS.50"]),
  settings,
  types: [DB_INSTANCE, DB_CLUSTER],
  check(database, { days }, report) {
    const kept = daysOf(database);
    const unknown = unknownAt(database.unknown, PATH);
    if (unknown !== undefined) report.undecided(unknown, "how long backups are kept");
    else if (kept < days && isKeptHere(database))
      report.violation(
        `${PATH} is ${counted(kept, "day")}, below the ${days} of database-is-backed-up.days; write ${PATH}: ${days} or more.`,
      );
  },
  remediate(database, { days }) {
    const decided = unknownAt(database.unknown, PATH) === undefined;
    return decided && daysOf(database) < days && isKeptHere(database)
      ? withValue(database.inputs, PATH, days)
      : undefined;
  },
});

/** What AWS takes where nothing is written: none for an instance, a day for a cluster. */
function daysOf({ type, inputs }: Resource): number {
  return numberAt(inputs, PATH) ?? (type === DB_CLUSTER ? 1 : 0);
}

/** The backups of a replica are those of what it copies. */
function isKeptHere(database: Resource): boolean {
  return isNew(database) || database.inputs["snapshotIdentifier"] !== undefined;
}
