import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { parseCpu, parseMemory } from "@groundwork/lib/quantity";
import { IMAGES } from "../images.ts";
import { hardenedContainer } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import { password } from "../workload/password.ts";
import type { Endpoint } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import type { DockerTierArgs } from "../workload/tier.ts";
import { postgresArguments, postgresSettings, sharedMemory } from "./settings.ts";
import type { Postgres, PostgresSpec } from "./spec.ts";

const PORT = 5432;
/** `postgres` in the Debian images. https://github.com/docker-library/postgres/blob/master/Dockerfile-debian.template */
const USER = "999:999";
const DATA = "/var/lib/postgresql/data";
const PASSWORD_FILE = "postgres_password";
/** PostgreSQL's own default. https://www.postgresql.org/docs/17/runtime-config-connection.html */
const DEFAULT_CONNECTIONS = 100;

/** One PostgreSQL server on one Docker Engine: writer and reader in one. */
export class DockerPostgres extends pulumi.ComponentResource implements Postgres {
  readonly writer: Endpoint;
  readonly readers: Endpoint;
  readonly database: string;
  readonly user: string;
  readonly secret: pulumi.Output<string>;
  readonly sslMode = "disable";

  constructor(
    name: string,
    { system, spec, networks, protect }: DockerTierArgs<PostgresSpec>,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("groundwork:postgres:DockerPostgres", name, {}, opts);
    const image = engineImage(`${name}-image`, IMAGES.postgres, { parent: this });
    const data = new docker.Volume(`${name}-data`, { name: `${name}-data` }, { parent: this, protect });
    this.secret = password(`${name}-password`, { parent: this });
    this.database = spec.database;
    this.user = spec.database;
    // the name is plain text: an output of the container would replace every client whenever the server is replaced
    this.writer = { host: pulumi.output(name), port: PORT };
    this.readers = this.writer;
    hardenedContainer(
      `${name}-container`,
      {
        host: name,
        system,
        part: "postgres",
        image: image.imageId,
        user: USER,
        command: ["postgres", ...postgresArguments(settingsOf(spec))],
        environment: {
          POSTGRES_USER: this.user,
          POSTGRES_DB: this.database,
          POSTGRES_PASSWORD_FILE: `${SECRETS_FOLDER}/${PASSWORD_FILE}`,
          POSTGRES_INITDB_ARGS: "--data-checksums --auth-host=scram-sha-256",
        },
        limits: spec.size,
        networks,
        check: {
          test: ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", this.user, "-d", this.database],
          interval: 30,
          timeout: 5,
          retries: 3,
          startPeriod: 60,
        },
        files: { [PASSWORD_FILE]: this.secret },
        volumes: { [DATA]: data },
        scratch: ["/tmp", "/var/run/postgresql"],
        sharedMemory: sharedMemory(parseMemory(spec.size.memory)),
        stopTimeout: 60,
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}

function settingsOf(spec: PostgresSpec): Record<string, string> {
  const size = {
    cores: parseCpu(spec.size.cpu),
    memory: parseMemory(spec.size.memory),
    maxConnections: spec.maxConnections ?? DEFAULT_CONNECTIONS,
  };
  return postgresSettings(size, spec.parameters);
}
