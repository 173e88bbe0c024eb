import { Companions } from "../../aws/companions.ts";
import { DB_CLUSTER, DB_INSTANCE, engineOf } from "../../aws/databases.ts";
import { listAt, textAt, unknownAt } from "../../framework/known.ts";
import { stackPolicy } from "../../framework/policy.ts";
import type { Report, Resource } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";

/** The parameter that refuses plain connections, and the first version in which it is on by default. */
interface Switch {
  readonly parameter: string;
  readonly onSince?: number;
}

/**
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraPostgreSQL.Security.html
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mysql-ssl-connections.require-ssl.html
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mariadb-ssl-connections.require-ssl.html
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/SQLServer.Concepts.General.SSL.Using.html
 */
const SWITCHES: ReadonlyMap<string, Switch> = new Map([
  ["postgres", { parameter: "rds.force_ssl", onSince: 15 }],
  ["aurora-postgresql", { parameter: "rds.force_ssl", onSince: 17 }],
  ["mysql", { parameter: "require_secure_transport" }],
  ["aurora-mysql", { parameter: "require_secure_transport" }],
  ["mariadb", { parameter: "require_secure_transport", onSince: 11.8 }],
  ["sqlserver", { parameter: "rds.force_ssl" }],
]);

/** A database type, its own groups, and the input that names one. */
const GROUPS = [
  [DB_CLUSTER, "aws:rds/clusterParameterGroup:ClusterParameterGroup", "dbClusterParameterGroupName"],
  [DB_INSTANCE, "aws:rds/parameterGroup:ParameterGroup", "parameterGroupName"],
] as const;

export const databaseRequiresTls = stackPolicy({
  name: "database-requires-tls",
  family: "security",
  severity: "medium",
  level: "mandatory",
  description: "Databases refuse connections without TLS.",
  why: "A client that does not ask for TLS sends its password and its data in the clear, and nobody notices.",
  fix: "Set rds.force_ssl (PostgreSQL, SQL Server) to 1 or require_secure_transport (MySQL, MariaDB) to ON in the parameter group.",
  control: fsbp(
    "RDS for SQL Server DB instances should be encrypted in transit",
    ["RDS.41", "RDS.44"],
    ["Security Hub RDS.38", "Security Hub RDS.39"],
  ),
  settings: {},
  types: GROUPS.flatMap(([database, group]) => [database, group]),
  checkStack(stack, _settings, report) {
    for (const [databaseType, groupType, input] of GROUPS) {
      // the group is what the database names, so here the database is the companion
      const users = new Companions(stack, {
        owners: [groupType],
        names: ["name"],
        companions: [databaseType],
        property: input,
      });
      const groups = new Map(users.owners.flatMap((group) => users.of(group).map(({ urn }) => [urn, group])));
      for (const database of stack.ofType(databaseType)) check(database, input, groups.get(database.urn), report);
    }
  },
});

function check(database: Resource, input: string, group: Resource | undefined, report: Report): void {
  const engine = engineOf(database) ?? "";
  const wanted = SWITCHES.get(engine);
  const unknown = group === undefined ? unknownAt(database.unknown, "engine", input) : undefined;
  if (unknown !== undefined) return report.undecided(unknown, "whether the database asks for TLS", database.urn);
  if (!wanted || namesAForeignGroup(database, input, group)) return;
  const written = group && valueOf(group, wanted.parameter);
  const open = group && written === undefined ? unknownAt(group.unknown, "parameters", "parameters[]") : undefined;
  if (open !== undefined)
    return report.undecided(`${open} of ${group?.name ?? ""}`, "whether it asks for TLS", database.urn);
  if (written === undefined ? isOnByDefault(database, wanted) : /^(1|on|true)$/i.test(written)) return;
  const found = written === undefined ? `${wanted.parameter} is not set` : `${wanted.parameter} is ${written}`;
  const value = wanted.parameter === "rds.force_ssl" ? "1" : "ON";
  report.violation(
    `${found} for database ${database.name}, so it takes connections without TLS; set it to ${value} in ${group ? `parameter group ${group.name}` : `a parameter group and name that in ${input}`}.`,
    database.urn,
  );
}

/** A group that is not in this stack says what nobody here can read; those of AWS have the defaults. */
function namesAForeignGroup(database: Resource, input: string, group: Resource | undefined): boolean {
  const name = textAt(database.inputs, input);
  return group === undefined && name !== undefined && !name.startsWith("default.");
}

function valueOf(group: Resource, parameter: string): string | undefined {
  const found = listAt(group.inputs, "parameters").find((each) => textAt(each, "name") === parameter);
  return textAt(found, "value");
}

/** Without a version AWS takes its newest. */
function isOnByDefault(database: Resource, { onSince }: Switch): boolean {
  if (onSince === undefined) return false;
  const version = Number.parseFloat(textAt(database.inputs, "engineVersion") ?? "");
  return Number.isNaN(version) || version >= onSince;
}
