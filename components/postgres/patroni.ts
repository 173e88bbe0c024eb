import { stringify } from "yaml";
import { SUPERUSER } from "./roles.ts";

/** Passwords of the roles that Patroni makes and uses itself. */
export interface PatroniPasswords {
  readonly superuser: string;
  readonly replication: string;
  readonly rewind: string;
  /** Of the REST interface's operations; its health checks need none. */
  readonly restApi: string;
}

export interface PatroniSettings {
  /** Name of the cluster. */
  readonly scope: string;
  /** Name of the member. */
  readonly name: string;
  /** `host:port` of PostgreSQL, as the other members reach it. */
  readonly postgres: string;
  /** `host:port` of the REST interface, as the other members reach it. */
  readonly restApi: string;
  /** IP address to listen at. */
  readonly address: string;
  /** `host:port` of each etcd member. */
  readonly etcd: readonly string[];
  readonly folders: {
    readonly data: string;
    /** Where `postgres`, `initdb` and `psql` are. */
    readonly binaries: string;
    readonly sockets: string;
    /** For the password file that Patroni writes; in memory. */
    readonly temporary: string;
  };
  /** Server parameters. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether a commit waits for a replica. */
  readonly synchronous: boolean;
  /** Path of the SQL that psql runs once, when the cluster is made. */
  readonly bootstrapSql: string;
  /** Path of the script that Patroni runs whenever a server starts or gets another role: see {@link rolesScript}. */
  readonly rolesScript: string;
  readonly passwords: PatroniPasswords;
}

/**
 * A leader that says nothing for `ttl` seconds has lost its role: 20 is the least that Patroni takes. The others must
 * satisfy loop_wait + 2 * retry_timeout <= ttl. https://patroni.readthedocs.io/en/latest/dynamic_configuration.html
 */
const TIMING = { ttl: 20, loop_wait: 4, retry_timeout: 8 };

/** Bytes that a replica may miss and still take over; with synchronous replication, a synchronous one misses none. */
const LAG_LIMIT = 1_048_576;

/**
 * Parameters that must be the same on all members; Patroni takes them from etcd only and ignores them in a member's file.
 * https://patroni.readthedocs.io/en/latest/patroni_configuration.html#important-rules
 */
const SHARED_PARAMETERS: ReadonlySet<string> = new Set([
  "max_connections",
  "max_locks_per_transaction",
  "max_prepared_transactions",
  "max_replication_slots",
  "max_wal_senders",
  "max_worker_processes",
  "track_commit_timestamp",
  "wal_keep_size",
  "wal_level",
  "wal_log_hints",
]);

/**
 * patroni.yml (https://patroni.readthedocs.io/en/latest/yaml_configuration.html). It holds passwords: it is a secret file
 * as a whole. What is below `bootstrap` counts only when the cluster is made; later it is changed with
 * `patronictl edit-config`, everything else by a new file.
 */
export function patroniYaml(settings: PatroniSettings): string {
  const { folders, passwords } = settings;
  const { shared, own } = split(settings.parameters);
  return stringify({
    scope: settings.scope,
    name: settings.name,
    etcd3: { hosts: [...settings.etcd] },
    restapi: {
      listen: listening(settings.address, settings.restApi),
      connect_address: settings.restApi,
      authentication: { username: "patroni", password: passwords.restApi },
    },
    bootstrap: {
      dcs: clusterSettings(settings.synchronous, shared),
      initdb: ["data-checksums", { encoding: "UTF8" }, { locale: "C.UTF-8" }],
      // Patroni appends the address to connect to
      post_bootstrap: `${folders.binaries}/psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=${settings.bootstrapSql} --dbname`,
    },
    postgresql: {
      listen: listening(settings.address, settings.postgres),
      connect_address: settings.postgres,
      data_dir: folders.data,
      bin_dir: folders.binaries,
      pgpass: `${folders.temporary}/pgpass`,
      use_unix_socket: true,
      use_unix_socket_repl: true,
      authentication: {
        superuser: { username: SUPERUSER, password: passwords.superuser },
        replication: { username: "replicator", password: passwords.replication },
        rewind: { username: "rewind", password: passwords.rewind },
      },
      basebackup: [{ checkpoint: "fast" }],
      callbacks: { on_start: `sh ${settings.rolesScript}`, on_role_change: `sh ${settings.rolesScript}` },
      parameters: { ...RECONNECTION, ...own, unix_socket_directories: folders.sockets },
      pg_hba: ACCESS,
    },
  });
}

export interface RolesScript {
  readonly binaries: string;
  readonly sockets: string;
  readonly port: number;
  /** libpq's password file of the superuser. */
  readonly passwordFile: string;
  /** Idempotent SQL. */
  readonly sql: string;
}

/** Tries until the server takes writes; the bootstrap may be running the same SQL. */
const ROLES_TRIES = 30;

/**
 * Runs the SQL of the roles in a server that leads. The bootstrap is over for ever once a cluster is made: this gives
 * clusters of earlier releases the roles that came later, and every role a changed password.
 * https://patroni.readthedocs.io/en/latest/SETTINGS.html#postgresql (callbacks; Patroni 3 says `master`)
 */
export function rolesScript({ binaries, sockets, port, passwordFile, sql }: RolesScript): string {
  return `case "$2" in primary | master) ;; *) exit 0 ;; esac
export PGPASSFILE=${passwordFile} PGCONNECT_TIMEOUT=5
tries=0
until ${binaries}/psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --host=${sockets} --port=${port} --username=${SUPERUSER} --dbname=postgres --file=${sql} >/dev/null; do
  tries=$((tries + 1))
  [ "$tries" -lt ${ROLES_TRIES} ] || exit 1
  sleep 2
done
`;
}

/** A replica looks for its new primary every second, not every five, so that commits wait for one again soon after a failover. */
const RECONNECTION = { wal_retrieve_retry_interval: "1s" };

/** The superuser comes from the member itself only; everyone proves a password. https://www.postgresql.org/docs/17/auth-pg-hba-conf.html */
const ACCESS = [
  "local all all scram-sha-256",
  "local replication all scram-sha-256",
  `host all ${SUPERUSER} all reject`,
  "host replication replicator all scram-sha-256",
  "host all all all scram-sha-256",
];

/**
 * A primary that crashed is not waited for (`primary_start_timeout`). While etcd is away, the primary goes on as long as it
 * reaches all members (`failsafe_mode`). A member never deletes its data by itself: where pg_rewind cannot bring an old
 * primary back, `patronictl reinit` is for a person to say.
 */
function clusterSettings(synchronous: boolean, parameters: Readonly<Record<string, string>>) {
  return {
    ...TIMING,
    maximum_lag_on_failover: LAG_LIMIT,
    primary_start_timeout: 0,
    failsafe_mode: true,
    synchronous_mode: synchronous,
    postgresql: {
      use_pg_rewind: true,
      use_slots: true,
      parameters: { wal_log_hints: "on", ...parameters },
    },
  };
}

function split(parameters: Readonly<Record<string, string>>) {
  const entries = Object.entries(parameters);
  return {
    shared: Object.fromEntries(entries.filter(([name]) => SHARED_PARAMETERS.has(name))),
    own: Object.fromEntries(entries.filter(([name]) => !SHARED_PARAMETERS.has(name))),
  };
}

function listening(address: string, hostPort: string): string {
  return `${address}:${hostPort.slice(hostPort.lastIndexOf(":") + 1)}`;
}
