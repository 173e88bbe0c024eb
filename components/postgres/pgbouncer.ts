import type { PoolerSpec } from "./spec.ts";
import { POOLER_ROLE, VERIFIER_QUERY } from "./roles.ts";

export interface PgbouncerSettings {
  /** Name of the database, for clients and at the server. */
  readonly database: string;
  /** Where the writer answers; looked up anew for each connection. */
  readonly server: { readonly host: string; readonly port: number };
  /** Address to listen at, e.g. `0.0.0.0`. */
  readonly address: string;
  readonly port: number;
  readonly pooler: PoolerSpec;
  /** Path of {@link userlist}. */
  readonly userlistFile: string;
}

/**
 * pgbouncer.ini (https://www.pgbouncer.org/config.html). Clients prove who they are by SCRAM against the verifier that the
 * server has for them, and PgBouncer logs in at the server with the keys that this proof gives it: so it knows the
 * password of nobody but its own role.
 */
export function pgbouncerIni(settings: PgbouncerSettings): string {
  const { database, server, pooler } = settings;
  return `[databases]
${database} = host=${server.host} port=${server.port} dbname=${database}

[pgbouncer]
${assignments({
  listen_addr: settings.address,
  listen_port: settings.port,
  unix_socket_dir: "",
  auth_type: "scram-sha-256",
  auth_file: settings.userlistFile,
  auth_user: POOLER_ROLE,
  auth_query: VERIFIER_QUERY,
  stats_users: POOLER_ROLE,
  pool_mode: pooler.mode,
  default_pool_size: pooler.poolSize,
  max_client_conn: pooler.maxClients,
  // after a failover the next attempt must not wait for the default of 15 s
  server_login_retry: 1,
  server_connect_timeout: 3,
  // JDBC sends it with every connection
  ignore_startup_parameters: "extra_float_digits",
  tcp_keepidle: 30,
  tcp_keepintvl: 10,
  tcp_keepcnt: 3,
  log_connections: 0,
  log_disconnections: 0,
})}`;
}

function assignments(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join("");
}

/** The one password that PgBouncer knows: that of its own role. https://www.pgbouncer.org/config.html#authentication-file-format */
export function userlist(password: string): string {
  return `"${POOLER_ROLE}" "${password}"\n`;
}

/** Sockets of clients and servers, and what the process needs besides. https://www.pgbouncer.org/config.html#max_client_conn */
export function pgbouncerOpenFiles({ maxClients, poolSize }: PoolerSpec): number {
  return maxClients + 2 * poolSize + 100;
}
