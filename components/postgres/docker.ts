import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { parseMemory } from "@groundwork/lib/quantity";
import { IMAGES } from "../images.ts";
import { hardenedContainer, LOOPBACK } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import { password } from "../workload/password.ts";
import type { Endpoint } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import type { DockerTierArgs } from "../workload/tier.ts";
import { checkSpec } from "./check.ts";
import { exporterContainer, poolerContainer, rolesContainer } from "./companions.ts";
import { createRoleSecrets, readOnlyRole, rolesSql } from "./operations.ts";
import { postgresArguments, settingsOf, sharedMemory } from "./settings.ts";
import type { PoolMode, Postgres, PostgresSpec } from "./spec.ts";

const PORT = 5432;
/** `postgres` in the Debian images. https://github.com/docker-library/postgres/blob/master/Dockerfile-debian.template */
const USER = "999:999";
const DATA = "/var/lib/postgresql/data";
const PASSWORD_FILE = "postgres_password";

/** One PostgreSQL server on one Docker Engine: writer and reader in one. */
export class DockerPostgres extends pulumi.ComponentResource implements Postgres {
  readonly writer: Endpoint;
  readonly readers: Endpoint;
  readonly pooled?: Endpoint & { readonly mode: PoolMode };
  readonly database: string;
  readonly user: string;
  readonly secret: pulumi.Output<string>;
  readonly readOnly: NonNullable<Postgres["readOnly"]>;
  readonly sslMode = "disable";
  readonly metrics: Endpoint;

  constructor(name: string, args: DockerTierArgs<PostgresSpec>, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:postgres:DockerPostgres", name, {}, opts);
    const { spec } = args;
    checkSingle(name, spec);
    const image = engineImage(`${name}-image`, IMAGES.postgres, { parent: this });
    this.secret = password(`${name}-password`, { parent: this });
    this.database = spec.database;
    this.user = spec.database;
    // the name is plain text: an output of the container would replace every client whenever the server is replaced
    this.writer = { host: pulumi.output(name), port: PORT };
    this.readers = this.writer;
    const server = createServer(name, args, { image, secret: this.secret }, this);
    const secrets = createRoleSecrets(name, spec, this);
    this.readOnly = readOnlyRole(secrets);
    const common = {
      system: args.system,
      networks: args.networks,
      server: this.writer,
      database: this.database,
    };
    const roles = rolesContainer(
      name,
      {
        ...common,
        image: image.imageId,
        user: USER,
        superuser: this.user,
        password: this.secret,
        sql: rolesSql(spec),
        files: secrets,
        after: server,
      },
      this,
    );
    this.metrics = exporterContainer(name, { ...common, password: secrets.metrics_password, after: roles }, this);
    if (spec.pooler !== undefined && secrets.pooler_password !== undefined) {
      const pooler = {
        ...common,
        pooler: spec.pooler,
        serverHost: name,
        password: secrets.pooler_password,
        after: roles,
      };
      this.pooled = { ...poolerContainer(name, pooler, this), mode: spec.pooler.mode };
    }
    this.registerOutputs({});
  }
}

function checkSingle(name: string, spec: PostgresSpec): void {
  checkSpec(name, spec);
  if ((spec.replicas ?? 0) > 0)
    throw new BadInput(
      `${name}: replicas is ${spec.replicas}, which one server cannot have; use a cluster, or write 0.`,
    );
}

interface ServerParts {
  readonly image: docker.RemoteImage;
  readonly secret: pulumi.Output<string>;
}

function createServer(
  name: string,
  { system, spec, networks, protect, hostPort }: DockerTierArgs<PostgresSpec>,
  { image, secret }: ServerParts,
  parent: pulumi.Resource,
): docker.Container {
  const data = new docker.Volume(`${name}-data`, { name: `${name}-data` }, { parent, protect });
  return hardenedContainer(
    `${name}-container`,
    {
      host: name,
      system,
      part: "postgres",
      image: image.imageId,
      user: USER,
      command: ["postgres", ...postgresArguments(settingsOf(spec))],
      environment: {
        POSTGRES_USER: spec.database,
        POSTGRES_DB: spec.database,
        POSTGRES_PASSWORD_FILE: `${SECRETS_FOLDER}/${PASSWORD_FILE}`,
        POSTGRES_INITDB_ARGS: "--data-checksums --auth-host=scram-sha-256",
      },
      limits: spec.size,
      networks,
      ...(hostPort === undefined ? {} : { ports: [{ internal: PORT, external: hostPort, ip: LOOPBACK }] }),
      check: {
        test: ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", spec.database, "-d", spec.database],
        interval: 30,
        timeout: 5,
        retries: 3,
        startPeriod: 60,
      },
      files: { [PASSWORD_FILE]: secret },
      volumes: { [DATA]: data },
      scratch: ["/tmp", "/var/run/postgresql"],
      sharedMemory: sharedMemory(parseMemory(spec.size.memory)),
      stopTimeout: 60,
    },
    { parent },
  );
}
