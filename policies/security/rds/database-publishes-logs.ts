import { DB_CLUSTER, DB_INSTANCE, engineOf } from "../../aws/databases.ts";
import { listed } from "../../framework/format.ts";
import { listAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";

/**
 * The logs that the controls of each engine ask for: RDS.36, RDS.37, RDS.34, RDS.40 and RDS.42, else RDS.9.
 * https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-9
 */
const LOGS: ReadonlyMap<string, readonly string[]> = new Map([
  ["postgres", ["postgresql"]],
  ["aurora-postgresql", ["postgresql"]],
  ["aurora-mysql", ["audit"]],
  ["mysql", ["audit", "error", "general", "slowquery"]],
  ["mariadb", ["audit", "error"]],
  ["sqlserver", ["agent", "error"]],
  ["oracle", ["alert", "audit", "listener", "trace"]],
]);

export const databasePublishesLogs = resourcePolicy({
  name: "database-publishes-logs",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Databases send the logs that matter for their engine to CloudWatch.",
  why: "Logs on the database itself are gone after days, or with it, and nobody is told what is in them.",
  fix: "Name the logs in enabledCloudwatchLogsExports, e.g. [postgresql].",
  control: fsbp("RDS DB instances should publish logs to CloudWatch Logs", [
    "RDS.9",
    "RDS.34",
    "RDS.36",
    "RDS.37",
    "RDS.40",
    "RDS.42",
  ]),
  settings: {},
  types: [DB_INSTANCE, DB_CLUSTER],
  check(resource, _settings, report) {
    const engine = engineOf(resource) ?? "";
    const published = listAt(resource.inputs, "enabledCloudwatchLogsExports");
    const missing = (LOGS.get(engine) ?? []).filter((log) => !published.includes(log));
    const unknown = unknownAt(resource.unknown, "engine", "enabledCloudwatchLogsExports");
    if (unknown !== undefined && (missing.length > 0 || engine === ""))
      report.undecided(unknown, "whether the database publishes its logs");
    else if (missing.length > 0)
      report.violation(
        `enabledCloudwatchLogsExports of this ${engine} database lacks ${listed(missing)}; add ${missing.length === 1 ? "it" : "them"}.`,
      );
  },
});
