import type { Assumptions } from "./assumptions.ts";
import { overrideOf } from "./assumptions.ts";
import type { PodGroup } from "./pods.ts";
import type { Servers } from "./servers.ts";

/** Variables by which services are told the size of their pool; the first that is a number counts. */
const POOL_SIZES = ["DATABASE_POOL_SIZE", "DB_POOL_SIZE", "PGPOOL_MAX", "SQLALCHEMY_POOL_SIZE"];
/** Who has one of them speaks to PostgreSQL. */
const HOSTS = ["PGHOST", "DATABASE_HOST", "DB_HOST", "DATABASE_URL", "POSTGRES_HOST"];
/** The reference service's own default, of each pool (components/reference/service/configuration.ts). */
const DEFAULT_POOL = 50;

/** Connections that one replica may open. */
export interface Connections {
  readonly writer: number;
  readonly readers: number;
}

const NONE: Connections = { writer: 0, readers: 0 };

/** A pool for the writer, and one for the readers where these answer elsewhere. */
export function connectionsOf(assumptions: Assumptions, group: PodGroup, databases: readonly Servers[]): Connections {
  const { system, name, environment, kind } = group;
  const onlyReads = databases.length > 0 && databases.every(({ writers }) => writers === 0);
  const one = (pool: number): Connections => (onlyReads ? { writer: 0, readers: pool } : { writer: pool, readers: 0 });
  const stated = overrideOf(assumptions, system, name).connections;
  if (stated !== undefined) return one(stated);
  // scripts that prepare or back up a database open one at a time
  if (!HOSTS.some((variable) => variable in environment) || !("PORT" in environment) || kind === "Job") return NONE;
  const pool =
    POOL_SIZES.map((variable) => Number(environment[variable] ?? NaN)).find((size) => size > 0) ?? DEFAULT_POOL;
  return !onlyReads && hasReader(environment) ? { writer: pool, readers: pool } : one(pool);
}

/** While the addresses are not known yet, two variables mean two addresses. */
function hasReader({ PGHOST: writer, PGHOST_READER: reader }: PodGroup["environment"]): boolean {
  return reader !== undefined && (reader === "" || reader !== writer);
}
