import { DatabaseError, Pool } from "pg";
import type { PostgresConfiguration } from "../configuration.ts";
import type { Connector } from "./dependency.ts";

/** One pool for writes and one for reads; the same where there are no readers. */
export interface Database {
  readonly writer: Pool;
  readonly reader: Pool;
}

export function postgresConnector(
  configuration: PostgresConfiguration,
  { name, timeout, prepare }: { name: string; timeout: number; prepare: (writer: Pool) => Promise<void> },
): Connector<Database> {
  const pool = (host: string, port: number, suspect: (error: unknown) => void): Pool => {
    const created = new Pool({
      host,
      port,
      user: configuration.user,
      database: configuration.database,
      password: configuration.password ?? "",
      ssl: tls(configuration),
      max: configuration.poolSize,
      application_name: name,
      connectionTimeoutMillis: configuration.poolTimeout,
      query_timeout: timeout,
      keepAlive: true,
    });
    // an idle connection that breaks; without a listener it would end the process
    created.on("error", suspect);
    return created;
  };
  return {
    name: "postgres",
    optional: false,
    attributes: { "db.system.name": "postgresql", "db.namespace": configuration.database },
    async connect(suspect) {
      const { host, port, reader } = configuration;
      const writer = pool(host, port, suspect);
      const isSplit = reader.host !== host || reader.port !== port;
      const database = { writer, reader: isSplit ? pool(reader.host, reader.port, suspect) : writer };
      try {
        await prepare(writer);
        await database.reader.query("SELECT 1");
        return database;
      } catch (error) {
        await end(database);
        throw error;
      }
    },
    async ping({ writer, reader }) {
      await Promise.all([...new Set([writer, reader])].map((one) => one.query("SELECT 1")));
    },
    close: end,
    isAnswer: (error) => error instanceof DatabaseError && !isOutage(error.code ?? ""),
  };
}

/** Connection exceptions, shortage of resources, operator intervention (shutdown), failover to a read-only server. https://www.postgresql.org/docs/17/errcodes-appendix.html */
export function isOutage(code: string): boolean {
  return /^(08|53|57|58|XX)/.test(code) || code === "25006";
}

async function end({ writer, reader }: Database): Promise<void> {
  await Promise.all([...new Set([writer, reader])].map((one) => one.end()));
}

/** As libpq understands the modes. https://www.postgresql.org/docs/17/libpq-ssl.html */
function tls({ sslMode, authority }: PostgresConfiguration) {
  if (sslMode === "disable") return false;
  return { rejectUnauthorized: sslMode === "verify-full", ...(authority === undefined ? {} : { ca: authority }) };
}
