import { DB_CLUSTER, DB_INSTANCE, engineOf } from "../../aws/databases.ts";
import { numberAt, unknownAt } from "../../framework/known.ts";
import { resourcePolicy } from "../../framework/policy.ts";
import { fsbp } from "../values.ts";

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Troubleshooting.html */
const PORTS: ReadonlyMap<string, number> = new Map([
  ["postgres", 5432],
  ["aurora-postgresql", 5432],
  ["mysql", 3306],
  ["aurora-mysql", 3306],
  ["mariadb", 3306],
  ["oracle", 1521],
  ["sqlserver", 1433],
]);

export const databaseNotOnDefaultPort = resourcePolicy({
  name: "database-not-on-default-port",
  family: "security",
  severity: "low",
  level: "advisory",
  description: "Databases listen on another port than the one of their engine.",
  why: "What scans a network tries the known ports first; another one keeps the noise out of the logs.",
  fix: "Write port with a number of your own between 1150 and 65535; the change restarts the database.",
  control: fsbp("RDS instances should not use a database engine default port", ["RDS.23"]),
  settings: {},
  types: [DB_INSTANCE, DB_CLUSTER],
  check(resource, _settings, report) {
    const engine = engineOf(resource);
    const usual = engine === undefined ? undefined : PORTS.get(engine);
    const unknown = unknownAt(resource.unknown, "port", "engine");
    const port = numberAt(resource.inputs, "port") ?? usual;
    if (unknown !== undefined) report.undecided(unknown, "whether the port is the engine's own");
    else if (usual !== undefined && port === usual)
      report.violation(`The database listens on ${port}, which every scan for ${engine} tries; write another port.`);
  },
});
