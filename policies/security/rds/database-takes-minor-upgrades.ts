import { DB_CLUSTER, DB_INSTANCE } from "../../aws/databases.ts";
import { requires } from "../../aws/requirement.ts";
import { at } from "../../framework/known.ts";
import { fsbp } from "../values.ts";

export const databaseTakesMinorUpgrades = requires(
  {
    name: "database-takes-minor-upgrades",
    family: "security",
    severity: "high",
    level: "mandatory",
    description: "Databases take minor versions of their engine by themselves.",
    why: "Minor versions bring the security fixes, and nobody installs them by hand in time.",
    fix: "Write autoMinorVersionUpgrade: true, or leave it out, and choose the maintenance window.",
    control: fsbp(
      "RDS automatic minor version upgrades should be enabled",
      ["RDS.13", "RDS.35"],
      ["CIS AWS 5.0.0 2.2.2"],
    ),
    types: [DB_INSTANCE, DB_CLUSTER],
  },
  {
    path: "autoMinorVersionUpgrade",
    value: true,
    otherwise: true,
    harm: "security fixes of the engine wait for somebody to install them",
    // instances of Aurora say it for themselves, and RDS.35 is about Multi-AZ clusters alone
    where: ({ type, inputs }) => type === DB_INSTANCE || at(inputs, "dbClusterInstanceClass") !== undefined,
  },
);
