/** Reads statistics and nothing else. https://www.postgresql.org/docs/17/predefined-roles.html */
export const METRICS_ROLE = "groundwork_metrics";
/** Looks up verifiers of passwords for PgBouncer. https://www.pgbouncer.org/config.html#auth_query */
export const POOLER_ROLE = "groundwork_pooler";
/** Reads what the database's owner has made and will make, and changes nothing: for dashboards. */
export const READER_ROLE = "groundwork_reader";

/** The superuser of a cluster; of a single server it is the database's owner. */
export const SUPERUSER = "postgres";

/** An exporter's scrape and the probe of its health, with room for one that hangs. */
const METRICS_CONNECTIONS = 5;
/** Two dashboards of four connections each, and a person. */
const READER_CONNECTIONS = 10;
/** A dashboard's question that takes longer is a mistake, and would hold up what cleans tables. */
const READER_TIMEOUT = "30s";

/**
 * Statements with passwords must not be in the server's log, neither when they fail nor when they are slow; psql must not
 * print them either. https://www.postgresql.org/docs/17/runtime-config-logging.html
 */
const SILENCE = String.raw`\set VERBOSITY terse
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
SET log_min_duration_statement = -1;
`;

/** The path of a file that holds a role's password and nothing else. */
type PasswordFile = string;

/**
 * SQL for psql that makes a role with a password, or gives an existing one that password: it can be run any number of
 * times. psql reads the password from its file, so it is in no argument and in no file but that.
 * https://www.postgresql.org/docs/17/app-psql.html#APP-PSQL-META-COMMAND-SET
 */
function roleSql(role: string, attributes: string, passwordFile: PasswordFile): string {
  return `${SILENCE}\\set password \`cat ${passwordFile}\`
SELECT 'CREATE ROLE ${role}' WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${role}') \\gexec
ALTER ROLE ${role} WITH LOGIN ${attributes} PASSWORD :'password';
`;
}

const UNPRIVILEGED = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS";

/** The role of the exporter. */
export function metricsRoleSql(passwordFile: PasswordFile): string {
  const attributes = `${UNPRIVILEGED} CONNECTION LIMIT ${METRICS_CONNECTIONS}`;
  return `${roleSql(METRICS_ROLE, attributes, passwordFile)}GRANT pg_monitor TO ${METRICS_ROLE};
`;
}

/**
 * The role of the pooler in the database that psql is connected to, and the function by which it looks up others: the one
 * way to a verifier without being a superuser, as PgBouncer's manual has it. It gives no superuser's away, except that of
 * the owner, who is one where the server is single.
 */
export function poolerRoleSql(passwordFile: PasswordFile, owner: string): string {
  return `${roleSql(POOLER_ROLE, UNPRIVILEGED, passwordFile)}CREATE SCHEMA IF NOT EXISTS ${POOLER_ROLE};
REVOKE ALL ON SCHEMA ${POOLER_ROLE} FROM PUBLIC;
GRANT USAGE ON SCHEMA ${POOLER_ROLE} TO ${POOLER_ROLE};
CREATE OR REPLACE FUNCTION ${POOLER_ROLE}.verifier_of(wanted name) RETURNS TABLE (username name, verifier text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$ SELECT usename, passwd FROM pg_catalog.pg_shadow WHERE usename = wanted AND (NOT usesuper OR usename = '${owner}') $$;
REVOKE ALL ON FUNCTION ${POOLER_ROLE}.verifier_of(name) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ${POOLER_ROLE}.verifier_of(name) TO ${POOLER_ROLE};
`;
}

/**
 * The role of dashboards in the database that psql is connected to. The rights on what the owner makes later come from the
 * owner's default privileges; `pg_read_all_data` would also give the verifiers of passwords away.
 * https://www.postgresql.org/docs/17/sql-alterdefaultprivileges.html
 */
export function readerRoleSql(passwordFile: PasswordFile, owner: string): string {
  const attributes = `${UNPRIVILEGED} CONNECTION LIMIT ${READER_CONNECTIONS}`;
  return `${roleSql(READER_ROLE, attributes, passwordFile)}ALTER ROLE ${READER_ROLE} SET default_transaction_read_only = on;
ALTER ROLE ${READER_ROLE} SET statement_timeout = '${READER_TIMEOUT}';
SELECT format('GRANT USAGE ON SCHEMA %I TO ${READER_ROLE}', nspname), format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO ${READER_ROLE}', nspname)
  FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', '${POOLER_ROLE}') \\gexec
ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} GRANT USAGE ON SCHEMAS TO ${READER_ROLE};
ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} GRANT SELECT ON TABLES TO ${READER_ROLE};
`;
}

/** PgBouncer's `auth_query`. */
export const VERIFIER_QUERY = `SELECT username, verifier FROM ${POOLER_ROLE}.verifier_of($1)`;

/** A database with an owner who is no superuser; psql is connected to it afterwards. */
export function databaseSql(database: string, passwordFile: PasswordFile): string {
  return `${roleSql(database, UNPRIVILEGED, passwordFile)}SELECT 'CREATE DATABASE ${database} OWNER ${database}' WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = '${database}') \\gexec
\\connect ${database}
`;
}

/** A line of libpq's password file that holds for every server. https://www.postgresql.org/docs/17/libpq-pgpass.html */
export function passwordLine(user: string, password: string): string {
  return `*:*:*:${user}:${password}\n`;
}
