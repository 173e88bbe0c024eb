import { hostname, tmpdir } from "node:os";
import { readFileSync } from "node:fs";
import { BadConfiguration, Environment } from "./environment.ts";
import type { TracesConfiguration } from "./traces/settings.ts";
import { readTraces } from "./traces/settings.ts";

export const ROLES = ["api", "source", "worker"] as const;
export type Role = (typeof ROLES)[number];

export interface PostgresConfiguration {
  readonly host: string;
  readonly port: number;
  /** Where reads go; the writer where there are no readers. */
  readonly reader: { readonly host: string; readonly port: number };
  readonly user: string;
  readonly database: string;
  /** libpq's `sslmode`. */
  readonly sslMode: "disable" | "require" | "verify-full";
  /** PEM of the authority that signed the server's certificate; the public ones when absent. */
  readonly authority?: string;
  readonly password?: string;
  /** Connections of each pool. Default 50 (flowx asks for it). */
  readonly poolSize: number;
  /** Milliseconds that a caller waits for one of them. Default: what an operation may take. */
  readonly poolTimeout: number;
}

export interface RedisConfiguration {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly mode: "single" | "cluster";
  readonly password?: string;
}

export interface RabbitmqConfiguration {
  readonly host: string;
  readonly port: number;
  /** AMQPS, with a certificate that the system's authorities vouch for. */
  readonly tls: boolean;
  readonly vhost: string;
  readonly user: string;
  readonly password?: string;
}

export interface MongodbConfiguration {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user?: string;
  readonly password?: string;
}

export interface AccessConfiguration {
  /** Signs and verifies tokens (HS256); without it nobody is asked for one. */
  readonly secret?: string;
  /** A caller needs one of them; empty: any valid token, or none where there is no secret. */
  readonly requiredRoles: readonly string[];
}

export interface ResilienceConfiguration {
  /** Waits between attempts to connect, in milliseconds: 2, 4, 8, 16, 32 s, and the last one from then on. */
  readonly delays: readonly number[];
  /** Milliseconds between two looks at a connection that is up. */
  readonly probeInterval: number;
  /** Milliseconds after which an operation has failed. */
  readonly operationTimeout: number;
  /** Milliseconds from OPEN to HALF_OPEN. */
  readonly breakerReset: number;
}

export interface PipelineConfiguration {
  readonly queue: string;
  /** Requests that a source has under way at once; each waits `downloadDelay` before its next. */
  readonly concurrentRequests: number;
  /** Milliseconds. */
  readonly downloadDelay: number;
  /** Items in the catalogue that a source walks again and again, which bounds the table. */
  readonly catalogue: number;
  /** First position in the catalogue; at random when absent, so that sources spread out. */
  readonly start?: number;
  /** Items after which a source has done its work; it goes on for ever when absent. */
  readonly items?: number;
  /** Of 100 items so many are spoilt on purpose, for trying rejection. Default 0. */
  readonly invalidPercent: number;
  /** Unacknowledged messages of a worker. */
  readonly prefetch: number;
  /** Items of one INSERT. */
  readonly batch: number;
  /** Milliseconds that an item waits for its batch to fill. */
  readonly batchWait: number;
}

export interface Configuration {
  readonly port: number;
  readonly role: Role;
  readonly system: string;
  readonly name: string;
  readonly postgres?: PostgresConfiguration;
  readonly redis?: RedisConfiguration;
  readonly rabbitmq?: RabbitmqConfiguration;
  readonly mongodb?: MongodbConfiguration;
  /** Looked at with GET; an answer below 500 is a good one. */
  readonly externalApi?: URL;
  readonly access: AccessConfiguration;
  readonly resilience: ResilienceConfiguration;
  readonly pipeline: PipelineConfiguration;
  /** Absent: nothing is traced. */
  readonly traces?: TracesConfiguration;
  /** The file system whose free space is reported. */
  readonly diskPath: string;
  /** Milliseconds for which /health and /ready say 503 while requests are still taken, so that a load balancer notices. */
  readonly drainGrace: number;
  /**
   * Milliseconds for which a server that is not optional may be gone before /ready says 503. All replicas lose a database at
   * the same moment: without patience a failover that is over by itself would take them all out at once, and the region
   * with them. Default 60 s, in which Aurora's is typically over.
   * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html
   */
  readonly readyGrace: number;
  /** Addresses or networks whose `X-Forwarded-For` is believed; from anybody else it would let a caller choose its address. */
  readonly trustedProxies: readonly string[];
  /** The environment itself, for the plug-ins' own settings. */
  readonly environment: Environment;
}

/** Everything that the service is told, checked once. Throws `BadConfiguration`. */
export function readConfiguration(variables: NodeJS.ProcessEnv): Configuration {
  const environment = new Environment(variables);
  const system = environment.text("SERVICE_SYSTEM", "reference");
  const name = environment.text("SERVICE_NAME", hostname());
  const configuration: Configuration = {
    port: environment.port("PORT", 8000),
    role: environment.choice("SERVICE_ROLE", ROLES, "api"),
    system,
    name,
    ...present("postgres", postgres(environment)),
    ...present("redis", redis(environment)),
    ...present("rabbitmq", rabbitmq(environment)),
    ...present("mongodb", mongodb(environment)),
    ...present("externalApi", environment.url("EXTERNAL_API_URL")),
    access: access(environment),
    resilience: resilience(environment),
    pipeline: pipeline(environment),
    ...present("traces", readTraces(environment, { name, system })),
    diskPath: environment.text("DISK_PATH", tmpdir()),
    drainGrace: seconds(environment, "DRAIN_GRACE_SECONDS", 5, 0, 20),
    readyGrace: seconds(environment, "READY_GRACE_SECONDS", 60, 0, 600),
    trustedProxies: environment.networks("TRUSTED_PROXIES"),
    environment,
  };
  return checkedRole(configuration);
}

function postgres(environment: Environment): PostgresConfiguration | undefined {
  const host = environment.optional("PGHOST");
  if (host === undefined) return undefined;
  const port = environment.port("PGPORT", 5432);
  const user = environment.required("PGUSER", "PGHOST is set");
  const authority = environment.optional("PGSSLROOTCERT");
  return {
    host,
    port,
    reader: { host: environment.text("PGHOST_READER", host), port: environment.port("PGPORT_READER", port) },
    user,
    database: environment.text("PGDATABASE", user),
    sslMode: environment.choice("PGSSLMODE", ["disable", "require", "verify-full"], "disable"),
    ...present("authority", authority === undefined ? undefined : certificate(authority)),
    ...present("password", environment.secret("PGPASSWORD")),
    poolSize: environment.whole("DATABASE_POOL_SIZE", 50, 1, 1000),
    poolTimeout: seconds(environment, "DATABASE_POOL_TIMEOUT_SECONDS", operationSeconds(environment), 0.1, 300),
  };
}

function redis(environment: Environment): RedisConfiguration | undefined {
  const host = environment.optional("REDIS_HOST");
  if (host === undefined) return undefined;
  return {
    host,
    port: environment.port("REDIS_PORT", 6379),
    tls: environment.flag("REDIS_TLS"),
    mode: environment.choice("REDIS_MODE", ["single", "cluster"], "single"),
    ...present("password", environment.secret("REDIS_PASSWORD")),
  };
}

function rabbitmq(environment: Environment): RabbitmqConfiguration | undefined {
  const host = environment.optional("RABBITMQ_HOST");
  if (host === undefined) return undefined;
  return {
    host,
    port: environment.port("RABBITMQ_PORT", 5672),
    tls: environment.flag("RABBITMQ_TLS"),
    vhost: environment.text("RABBITMQ_VHOST", "/"),
    user: environment.required("RABBITMQ_USER", "RABBITMQ_HOST is set"),
    ...present("password", environment.secret("RABBITMQ_PASSWORD")),
  };
}

function mongodb(environment: Environment): MongodbConfiguration | undefined {
  const host = environment.optional("MONGODB_HOST");
  if (host === undefined) return undefined;
  return {
    host,
    port: environment.port("MONGODB_PORT", 27_017),
    database: environment.text("MONGODB_DATABASE", "admin"),
    ...present("user", environment.optional("MONGODB_USER")),
    ...present("password", environment.secret("MONGODB_PASSWORD")),
  };
}

/** HS256 needs a key no shorter than its hash. https://www.rfc-editor.org/rfc/rfc7518#section-3.2 */
const LEAST_SECRET_BYTES = 32;

function access(environment: Environment): AccessConfiguration {
  const secret = environment.secret("JWT_SECRET");
  const requiredRoles = environment.list("AUTH_REQUIRED_ROLES");
  if (secret === undefined && requiredRoles.length > 0)
    throw new BadConfiguration(
      `AUTH_REQUIRED_ROLES is "${requiredRoles.join(",")}" and nothing can verify a token; write JWT_SECRET_FILE as well.`,
    );
  if (secret !== undefined && Buffer.byteLength(secret) < LEAST_SECRET_BYTES)
    throw new BadConfiguration(
      `JWT_SECRET_FILE holds ${Buffer.byteLength(secret)} bytes; write at least ${LEAST_SECRET_BYTES}, as HS256 asks for.`,
    );
  return { ...present("secret", secret), requiredRoles };
}

function resilience(environment: Environment): ResilienceConfiguration {
  const first = seconds(environment, "CONNECT_RETRY_SECONDS", 2, 0.01, 60);
  return {
    delays: [1, 2, 4, 8, 16].map((factor) => first * factor),
    probeInterval: seconds(environment, "PROBE_SECONDS", 5, 0.05, 300),
    operationTimeout: operationSeconds(environment) * 1000,
    breakerReset: seconds(environment, "BREAKER_RESET_SECONDS", 10, 0.05, 600),
  };
}

function pipeline(environment: Environment): PipelineConfiguration {
  const prefetch = environment.whole("WORKER_PREFETCH", 200, 1, 65_535);
  const batch = environment.whole("WORKER_BATCH", 100, 1, 5000);
  if (batch > prefetch)
    throw new BadConfiguration(
      `WORKER_BATCH is ${batch}, which never fills with WORKER_PREFETCH ${prefetch}; write ${prefetch} or less.`,
    );
  const most = Number.MAX_SAFE_INTEGER;
  return {
    queue: environment.text("QUEUE_NAME", "items"),
    concurrentRequests: environment.whole("CONCURRENT_REQUESTS", 12, 1, 1000),
    downloadDelay: seconds(environment, "DOWNLOAD_DELAY_SECONDS", 0.8, 0, 3600),
    catalogue: environment.whole("SOURCE_CATALOGUE", 100_000, 1, most),
    ...present("start", environment.optional("SOURCE_START") && environment.whole("SOURCE_START", 0, 0, most)),
    ...present("items", environment.optional("SOURCE_ITEMS") && environment.whole("SOURCE_ITEMS", 0, 0, most)),
    invalidPercent: environment.number("SOURCE_INVALID_PERCENT", 0, 0, 100),
    prefetch,
    batch,
    batchWait: seconds(environment, "WORKER_BATCH_WAIT_SECONDS", 0.1, 0, 60),
  };
}

/** A source without a broker would look healthy and do nothing. */
function checkedRole(configuration: Configuration): Configuration {
  const { role, rabbitmq: broker, postgres: database } = configuration;
  if (role !== "api" && broker === undefined)
    throw new BadConfiguration(`SERVICE_ROLE is "${role}" and RABBITMQ_HOST is not set; write the broker's host.`);
  if (role === "worker" && database === undefined)
    throw new BadConfiguration(`SERVICE_ROLE is "worker" and PGHOST is not set; write the database's host.`);
  return configuration;
}

function operationSeconds(environment: Environment): number {
  return environment.number("OPERATION_TIMEOUT_SECONDS", 5, 0.1, 300);
}

function seconds(environment: Environment, name: string, fallback: number, least: number, most: number): number {
  return environment.number(name, fallback, least, most) * 1000;
}

function certificate(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new BadConfiguration(`PGSSLROOTCERT is "${path}", which cannot be read; write the path of a PEM file.`);
  }
}

/** Absent rather than undefined, so that a spread does not hide a default. */
function present<K extends string, V>(key: K, value: V | undefined): { readonly [key in K]?: Exclude<V, ""> } {
  return (value === undefined || value === "" ? {} : { [key]: value }) as { readonly [key in K]?: Exclude<V, ""> };
}
