import type { Output } from "@pulumi/pulumi";
import type { Memory, Size } from "@groundwork/lib/quantity";
import type { Connection, Endpoint } from "../workload/spec.ts";

/** What a system asks of its PostgreSQL, whatever runs it. */
export interface PostgresSpec {
  /** Database and its owner; lower case letters, digits and `_`. */
  readonly database: string;
  /** Of the primary where it runs in a container; a managed one is sized by its instance class. */
  readonly size: Size;
  /** Connections that clients may open in all; sizes `max_connections`. Default 100, as PostgreSQL's own. */
  readonly maxConnections?: number;
  /** Server parameters that replace the ones derived from memory, e.g. `{ work_mem: "4MB" }`. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Space for data where it is a volume of fixed size. */
  readonly storage?: Memory;
  /** Servers that follow the primary and can take over, each of `size`. Default 0: one server alone. */
  readonly replicas?: number;
  /**
   * Whether a commit waits until a replica has it too, so that a failover loses nothing that was acknowledged. Costs a
   * round trip for each commit; needs a replica. Default false. While no replica is there, and for some seconds after a
   * failover, commits do not wait; until they do again no replica takes over, so that a second loss costs time, not data.
   * https://patroni.readthedocs.io/en/latest/replication_modes.html#synchronous-mode
   */
  readonly synchronous?: boolean;
  /** A connection pooler in front of the writer. Default none. */
  readonly pooler?: PoolerSpec;
}

/** PgBouncer's own terms. https://www.pgbouncer.org/config.html */
export interface PoolerSpec {
  readonly mode: PoolMode;
  /** Server connections that all clients share (`default_pool_size`); some of `maxConnections` must be left beside them. */
  readonly poolSize: number;
  /** Clients that may be connected at a time (`max_client_conn`). */
  readonly maxClients: number;
}

/** How a pooler hands out server connections. https://www.pgbouncer.org/features.html */
export type PoolMode = "session" | "transaction";

/** A PostgreSQL as its clients see it. */
export interface Postgres {
  /** Reads and writes. */
  readonly writer: Endpoint;
  /** Reads only, spread over the replicas; the writer itself where there are none. */
  readonly readers: Endpoint;
  /** Through a connection pooler; absent where clients connect directly. */
  readonly pooled?: Endpoint & { readonly mode: PoolMode };
  readonly database: string;
  readonly user: string;
  /** The user's password; a Pulumi secret. */
  readonly secret: Output<string>;
  /** A user who can only SELECT, what is made later too, for dashboards; absent where whoever runs it makes none. */
  readonly readOnly?: {
    readonly user: string;
    /** A Pulumi secret. */
    readonly secret: Output<string>;
  };
  /** libpq's `sslmode`: `disable` on a private Docker network, `require` or stronger elsewhere. */
  readonly sslMode: "disable" | "require" | "verify-full";
  /** Prometheus metrics, where an exporter runs. */
  readonly metrics?: Endpoint;
}

/**
 * libpq's own variable names, so that any client library understands them. PGHOST_READER is ours, and so is
 * PGPORT_READER, which is there only where readers have a port of their own. https://www.postgresql.org/docs/17/libpq-envars.html
 */
export function postgresConnection(postgres: Postgres): Connection {
  const endpoint = postgres.pooled ?? postgres.writer;
  return {
    environment: {
      PGHOST: endpoint.host,
      PGPORT: String(endpoint.port),
      PGHOST_READER: postgres.readers.host,
      ...(postgres.readers.port === endpoint.port ? {} : { PGPORT_READER: String(postgres.readers.port) }),
      PGUSER: postgres.user,
      PGDATABASE: postgres.database,
      PGSSLMODE: postgres.sslMode,
    },
    secrets: { PGPASSWORD: postgres.secret },
  };
}
