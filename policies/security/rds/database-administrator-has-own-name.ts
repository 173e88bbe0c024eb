import { DB_CLUSTER, DB_INSTANCE } from "../../aws/databases.ts";
import { textAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { patterns } from "../../framework/settings.ts";
import { fsbp } from "../values.ts";

const settings = {
  names: patterns(["admin", "administrator", "postgres", "root", "sa"], "Names that are too well known."),
};

export const databaseAdministratorHasOwnName = resourcePolicy({
  name: "database-administrator-has-own-name",
  family: "security",
  severity: "medium",
  level: "advisory",
  description: "The administrator of a database is not called by the engine's usual name.",
  why: "Whoever knows the name has only the password to guess.",
  fix: "Choose a name of your own when the database is made: another name later replaces it.",
  control: fsbp("RDS database instances should use a custom administrator username", ["RDS.25", "RDS.24"]),
  settings,
  types: [DB_INSTANCE, DB_CLUSTER],
  check({ type, inputs, unknown }, { names }, report) {
    const input = type === DB_INSTANCE ? "username" : "masterUsername";
    const name = textAt(inputs, input);
    const path = unknownAt(unknown, input);
    if (path !== undefined) report.undecided(path, "whether the name is well known");
    else if (name !== undefined && names.includes(name.toLowerCase()))
      report.violation(`${input} is ${name}, which is the first name that is tried; choose one of your own.`);
  },
});
