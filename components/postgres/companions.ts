import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Size } from "@groundwork/lib/quantity";
import { IMAGES } from "../images.ts";
import { hardenedContainer } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import type { Endpoint } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import { answersOn } from "./checks.ts";
import { pgbouncerIni, pgbouncerOpenFiles, userlist } from "./pgbouncer.ts";
import { METRICS_ROLE, passwordLine } from "./roles.ts";
import type { PoolerSpec } from "./spec.ts";

/** The containers beside the servers: what makes roles, what exports metrics, what pools connections. */
export const COMPANION_SIZES = {
  roles: { cpu: "100m", memory: "32Mi" },
  exporter: { cpu: "100m", memory: "64Mi" },
  pooler: { cpu: "500m", memory: "128Mi" },
} as const satisfies Record<string, Size>;

/** `nobody` of busybox. https://github.com/prometheus-community/postgres_exporter/blob/master/Dockerfile */
const EXPORTER_USER = "65534:65534";
const EXPORTER_PORT = 9187;

/** https://github.com/cloudnative-pg/pgbouncer-containers/blob/main/Dockerfile.template */
const POOLER_USER = "998:996";
const POOLER_PORT = 6432;

interface CompanionArgs {
  /** The system that it belongs to, for labels. */
  readonly system: string;
  readonly networks: readonly docker.Network[];
  readonly server: Endpoint;
  readonly database: string;
  /** What must be healthy before it starts. */
  readonly after: pulumi.Resource;
}

export interface RolesArgs extends CompanionArgs {
  /** Of the server: it has psql. */
  readonly image: pulumi.Input<string>;
  readonly user: string;
  /** A superuser and its password. */
  readonly superuser: string;
  readonly password: pulumi.Input<string>;
  /** Idempotent SQL. */
  readonly sql: string;
  /** Passwords that the SQL reads, by file name. */
  readonly files: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Where the SQL of {@link rolesContainer} and of a new cluster lies. */
export const SQL_FILE = "/etc/groundwork/roles.sql";

const READY_FILE = "/tmp/roles-are-made";

/**
 * Makes the roles in a server that runs, each time this container starts. The image's own hook, a script in
 * /docker-entrypoint-initdb.d, runs on an empty volume only: volumes of earlier releases would never get the roles.
 */
export function rolesContainer(name: string, args: RolesArgs, parent: pulumi.Resource): docker.Container {
  const psql = `psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --file=${SQL_FILE} >/dev/null`;
  return hardenedContainer(
    `${name}-roles`,
    {
      system: args.system,
      part: "postgres",
      image: args.image,
      user: args.user,
      command: ["sh", "-c", `until ${psql}; do sleep 2; done; touch ${READY_FILE}; exec sleep infinity`],
      environment: {
        PGHOST: args.server.host,
        PGPORT: String(args.server.port),
        PGUSER: args.superuser,
        PGDATABASE: args.database,
        PGPASSFILE: `${SECRETS_FOLDER}/pgpass`,
        PGCONNECT_TIMEOUT: "5",
      },
      limits: COMPANION_SIZES.roles,
      networks: args.networks,
      check: { test: ["CMD", "test", "-e", READY_FILE], interval: 30, timeout: 5, retries: 3, startPeriod: 60 },
      files: {
        ...args.files,
        pgpass: pulumi.output(args.password).apply((password) => passwordLine(args.superuser, password)),
      },
      configuration: { [SQL_FILE]: args.sql },
      scratch: ["/tmp"],
      stopTimeout: 10,
      init: true,
    },
    { parent, dependsOn: args.after },
  );
}

export interface ExporterArgs extends CompanionArgs {
  /** Password of the role that reads statistics. */
  readonly password: pulumi.Input<string>;
}

/** postgres_exporter, which sees statistics and no data. https://github.com/prometheus-community/postgres_exporter#environment-variables */
export function exporterContainer(name: string, args: ExporterArgs, parent: pulumi.Resource): Endpoint {
  const host = `${name}-exporter`;
  const image = engineImage(`${host}-image`, IMAGES.postgresExporter, { parent });
  hardenedContainer(
    host,
    {
      system: args.system,
      part: "postgres",
      image: image.imageId,
      user: EXPORTER_USER,
      // off by default; without it nobody sees a restart
      command: [`--web.listen-address=:${EXPORTER_PORT}`, "--collector.postmaster"],
      environment: {
        DATA_SOURCE_URI: pulumi.interpolate`${args.server.host}:${args.server.port}/${args.database}?sslmode=disable`,
        DATA_SOURCE_USER: METRICS_ROLE,
        DATA_SOURCE_PASS_FILE: `${SECRETS_FOLDER}/metrics_password`,
      },
      limits: COMPANION_SIZES.exporter,
      networks: args.networks,
      check: {
        test: ["CMD", "wget", "-q", "-T", "5", "-O", "/dev/null", `http://127.0.0.1:${EXPORTER_PORT}/`],
        interval: 30,
        timeout: 10,
        retries: 3,
        startPeriod: 20,
      },
      files: { metrics_password: args.password },
      stopTimeout: 10,
    },
    { parent, dependsOn: args.after },
  );
  return { host: pulumi.output(host), port: EXPORTER_PORT };
}

export interface PoolerArgs extends CompanionArgs {
  readonly pooler: PoolerSpec;
  /** Plain: it becomes part of a file. */
  readonly serverHost: string;
  /** Password of the role that looks up verifiers. */
  readonly password: pulumi.Input<string>;
}

/** PgBouncer. The path of its file is what the image's entry point starts it with. */
export function poolerContainer(name: string, args: PoolerArgs, parent: pulumi.Resource): Endpoint {
  const host = `${name}-pooler`;
  const image = engineImage(`${host}-image`, IMAGES.pgbouncer, { parent });
  const ini = pgbouncerIni({
    database: args.database,
    server: { host: args.serverHost, port: args.server.port },
    address: "0.0.0.0",
    port: POOLER_PORT,
    pooler: args.pooler,
    userlistFile: `${SECRETS_FOLDER}/userlist.txt`,
  });
  hardenedContainer(
    host,
    {
      system: args.system,
      part: "postgres",
      image: image.imageId,
      user: POOLER_USER,
      environment: {},
      limits: COMPANION_SIZES.pooler,
      networks: args.networks,
      openFiles: pgbouncerOpenFiles(args.pooler),
      check: { test: answersOn(POOLER_PORT), interval: 30, timeout: 5, retries: 3, startPeriod: 20 },
      files: { "userlist.txt": pulumi.output(args.password).apply(userlist) },
      configuration: { "/etc/pgbouncer/pgbouncer.ini": ini },
      scratch: ["/tmp"],
      stopTimeout: 30,
      init: true,
    },
    { parent, dependsOn: args.after },
  );
  return { host: pulumi.output(host), port: POOLER_PORT };
}
