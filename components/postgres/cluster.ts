import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { BadInput } from "@groundwork/lib/errors";
import { parseMemory } from "@groundwork/lib/quantity";
import type { Size } from "@groundwork/lib/quantity";
import { IMAGES } from "../images.ts";
import { hardenedContainer } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import { password } from "../workload/password.ts";
import type { Endpoint } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import type { DockerTierArgs } from "../workload/tier.ts";
import { checkSpec } from "./check.ts";
import { isFoundAt } from "./checks.ts";
import { exporterContainer, poolerContainer, SQL_FILE } from "./companions.ts";
import type { EtcdMember } from "./etcd.ts";
import { etcdArguments } from "./etcd.ts";
import { haproxyConfig } from "./haproxy.ts";
import { createRoleSecrets, readOnlyRole, rolesSql } from "./operations.ts";
import type { PatroniPasswords } from "./patroni.ts";
import { patroniYaml, rolesScript } from "./patroni.ts";
import { databaseSql, passwordLine, SUPERUSER } from "./roles.ts";
import { DEFAULT_CONNECTIONS, settingsOf, sharedMemory } from "./settings.ts";
import type { PoolMode, Postgres, PostgresSpec } from "./spec.ts";

/** What a cluster has beside its servers and the companions. */
export const CLUSTER_SIZES = {
  etcd: { cpu: "250m", memory: "256Mi" },
  proxy: { cpu: "500m", memory: "128Mi" },
} as const satisfies Record<string, Size>;

export const ETCD_MEMBERS = 3;

const PORTS = { writer: 5432, readers: 5433, status: 8404, postgres: 5432, restApi: 8008, client: 2379, peer: 2380 };
const EVERYWHERE = "0.0.0.0";

/** Docker's name server in every container of a network of one's own. https://docs.docker.com/engine/network/#dns-services */
const NAMESERVER = "127.0.0.11:53";

/** `postgres`, its home and its programs in this image. https://github.com/pgEdge/postgres-images/blob/main/Dockerfile */
const PATRONI_USER = "26:26";
const DATA = "/var/lib/pgsql/17/data";
const BINARIES = "/usr/pgsql-17/bin";
const SOCKETS = "/var/run/postgresql";
const CONFIGURATION = "patroni.yml";
const APPLICATION_PASSWORD = "application_password";
const SUPERUSER_PASSWORD = "pgpass";
const ROLES_SCRIPT = "/etc/groundwork/roles.sh";

/**
 * `nonroot`, whose home is the one folder of the image that it owns: a volume mounted there belongs to it.
 * https://github.com/GoogleContainerTools/distroless/blob/main/common/BUILD.bazel
 */
const ETCD_USER = "65532:65532";
const ETCD_DATA = "/home/nonroot";

/** https://github.com/docker-library/haproxy/blob/master/Dockerfile-debian.template */
const PROXY_USER = "99:99";

/** Sessions of the proxy beside those that the servers take: health checks, Prometheus, clients that are refused. */
const SPARE_SESSIONS = 100;

/**
 * PostgreSQL that survives the loss of a server on one Docker Engine: a primary and replicas under Patroni, which keeps the
 * leader's lock in etcd, behind HAProxy with a port for the writer and one for the readers, and PgBouncer where the
 * specification asks for a pooler. The engine itself stays the one thing whose loss stops them all.
 *
 * Servers and etcd are on a network of their own that nobody else joins: etcd asks its clients for no password.
 */
export class DockerPostgresCluster extends pulumi.ComponentResource implements Postgres {
  readonly writer: Endpoint;
  readonly readers: Endpoint;
  readonly pooled?: Endpoint & { readonly mode: PoolMode };
  readonly database: string;
  readonly user: string;
  readonly secret: pulumi.Output<string>;
  readonly readOnly: NonNullable<Postgres["readOnly"]>;
  readonly sslMode = "disable";
  /** Of the server that leads. */
  readonly metrics: Endpoint;
  /** Of the proxy: which members are up, who leads, sessions. */
  readonly proxyMetrics: Endpoint;

  constructor(name: string, args: DockerTierArgs<PostgresSpec>, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:postgres:DockerPostgresCluster", name, {}, opts);
    const { spec, system, networks } = args;
    checkCluster(name, spec);
    this.secret = password(`${name}-password`, { parent: this });
    this.database = spec.database;
    this.user = spec.database;
    const secrets = createRoleSecrets(name, spec, this);
    this.readOnly = readOnlyRole(secrets);
    const control = createControlNetwork(name, args, this);
    const etcd = createEtcd(name, args, control, this);
    const members = createMembers(name, args, { control, etcd, secrets, application: this.secret }, this);
    const proxy = createProxy(name, args, { control, members }, this);
    const host = pulumi.output(name);
    this.writer = { host, port: PORTS.writer };
    this.readers = { host, port: PORTS.readers };
    this.proxyMetrics = { host, port: PORTS.status };
    const common = { system, networks, server: this.writer, database: this.database, after: proxy };
    this.metrics = exporterContainer(name, { ...common, password: secrets.metrics_password }, this);
    if (spec.pooler !== undefined && secrets.pooler_password !== undefined) {
      const pooler = { ...common, pooler: spec.pooler, serverHost: name, password: secrets.pooler_password };
      this.pooled = { ...poolerContainer(name, pooler, this), mode: spec.pooler.mode };
    }
    this.registerOutputs({});
  }
}

function checkCluster(name: string, spec: PostgresSpec): void {
  checkSpec(name, spec);
  if ((spec.replicas ?? 0) < 1)
    throw new BadInput(`${name}: replicas is ${spec.replicas ?? 0}; write 1 or more, or use a single server.`);
}

/** The engine chooses its block, after the system's own networks have theirs. */
function createControlNetwork(
  name: string,
  { networks }: DockerTierArgs<PostgresSpec>,
  parent: pulumi.Resource,
): docker.Network {
  return new docker.Network(
    `${name}-control`,
    { name: `${name}-control`, driver: "bridge", internal: true },
    { parent, dependsOn: [...networks], deleteBeforeReplace: true },
  );
}

interface Etcd {
  readonly members: readonly EtcdMember[];
  readonly containers: readonly docker.Container[];
}

/** They start together: none is healthy before most of them are there. */
function createEtcd(
  name: string,
  { system, protect }: DockerTierArgs<PostgresSpec>,
  control: docker.Network,
  parent: pulumi.Resource,
): Etcd {
  const image = engineImage(`${name}-etcd-image`, IMAGES.etcd, { parent });
  const members = numbered(`${name}-etcd`, ETCD_MEMBERS).map((host) => ({
    name: host,
    client: `${host}:${PORTS.client}`,
    peer: `${host}:${PORTS.peer}`,
  }));
  const settings = { token: name, members, dataFolder: `${ETCD_DATA}/etcd`, address: EVERYWHERE };
  const containers = members.map((member) => {
    const data = new docker.Volume(`${member.name}-data`, { name: `${member.name}-data` }, { parent, protect });
    return hardenedContainer(
      member.name,
      {
        system,
        part: "postgres",
        image: image.imageId,
        user: ETCD_USER,
        command: ["/usr/local/bin/etcd", ...etcdArguments(member, settings)],
        environment: {},
        limits: CLUSTER_SIZES.etcd,
        networks: [control],
        check: {
          test: ["CMD", "/usr/local/bin/etcdctl", `--endpoints=http://127.0.0.1:${PORTS.client}`, "endpoint", "health"],
          interval: 30,
          timeout: 5,
          retries: 3,
          startPeriod: 60,
        },
        volumes: { [ETCD_DATA]: data },
        stopTimeout: 10,
      },
      { parent },
    );
  });
  return { members, containers };
}

interface MemberParts {
  readonly control: docker.Network;
  readonly etcd: Etcd;
  readonly secrets: Readonly<Record<string, pulumi.Output<string>>>;
  readonly application: pulumi.Output<string>;
}

/** One after the other, so that the first one makes the database and a change of all rolls through. */
function createMembers(
  name: string,
  args: DockerTierArgs<PostgresSpec>,
  parts: MemberParts,
  parent: pulumi.Resource,
): docker.Container[] {
  const image = engineImage(`${name}-server-image`, IMAGES.patroni, { parent });
  const passwords = createPatroniPasswords(name, parent);
  const containers: docker.Container[] = [];
  for (const host of numbered(name, (args.spec.replicas ?? 0) + 1)) {
    const configuration = passwords.apply((all) => memberYaml(name, host, args.spec, parts.etcd, all));
    const previous = containers.at(-1);
    const dependsOn = previous === undefined ? [...parts.etcd.containers] : [previous];
    const superuser = passwords.apply((all) => passwordLine(SUPERUSER, all.superuser));
    containers.push(createMember(host, args, { ...parts, image, configuration, superuser }, { parent, dependsOn }));
  }
  return containers;
}

/** Patroni's own roles; they are set once, when the cluster is made. */
function createPatroniPasswords(name: string, parent: pulumi.Resource): pulumi.Output<PatroniPasswords> {
  const made = (role: string) => password(`${name}-${role}-password`, { parent });
  return pulumi
    .all([made("superuser"), made("replication"), made("rewind"), made("rest-api")])
    .apply(([superuser, replication, rewind, restApi]) => ({ superuser, replication, rewind, restApi }));
}

function memberYaml(scope: string, host: string, spec: PostgresSpec, etcd: Etcd, passwords: PatroniPasswords): string {
  return patroniYaml({
    scope,
    name: host,
    postgres: `${host}:${PORTS.postgres}`,
    restApi: `${host}:${PORTS.restApi}`,
    address: EVERYWHERE,
    etcd: etcd.members.map(({ client }) => client),
    // Patroni renames its folder when it has to start anew, which the place of a volume cannot be
    folders: { data: `${DATA}/cluster`, binaries: BINARIES, sockets: SOCKETS, temporary: "/tmp" },
    parameters: settingsOf(spec),
    synchronous: spec.synchronous ?? false,
    bootstrapSql: SQL_FILE,
    rolesScript: ROLES_SCRIPT,
    passwords,
  });
}

interface MemberSettings extends MemberParts {
  readonly image: docker.RemoteImage;
  readonly configuration: pulumi.Output<string>;
  /** The line of the superuser in libpq's password file. */
  readonly superuser: pulumi.Output<string>;
}

function createMember(
  host: string,
  { system, spec, protect }: DockerTierArgs<PostgresSpec>,
  { control, secrets, application, image, configuration, superuser }: MemberSettings,
  opts: pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource },
): docker.Container {
  const data = new docker.Volume(`${host}-data`, { name: `${host}-data` }, { parent: opts.parent, protect });
  const database = databaseSql(spec.database, `${SECRETS_FOLDER}/${APPLICATION_PASSWORD}`);
  return hardenedContainer(
    host,
    {
      system,
      part: "postgres",
      image: image.imageId,
      user: PATRONI_USER,
      command: ["patroni", `${SECRETS_FOLDER}/${CONFIGURATION}`],
      environment: {},
      limits: spec.size,
      networks: [control],
      check: {
        test: isFoundAt(PORTS.restApi, "/readiness"),
        interval: 30,
        timeout: 5,
        retries: 3,
        startPeriod: 180,
      },
      files: {
        ...secrets,
        [APPLICATION_PASSWORD]: application,
        [CONFIGURATION]: configuration,
        [SUPERUSER_PASSWORD]: superuser,
      },
      configuration: {
        [SQL_FILE]: `${database}${rolesSql(spec)}`,
        [ROLES_SCRIPT]: rolesScript({
          ...{ binaries: BINARIES, sockets: SOCKETS, port: PORTS.postgres, sql: SQL_FILE },
          passwordFile: `${SECRETS_FOLDER}/${SUPERUSER_PASSWORD}`,
        }),
      },
      volumes: { [DATA]: data },
      scratch: ["/tmp", SOCKETS],
      sharedMemory: sharedMemory(parseMemory(spec.size.memory)),
      stopTimeout: 60,
    },
    opts,
  );
}

interface ProxyParts {
  readonly control: docker.Network;
  readonly members: readonly docker.Container[];
}

/** It has the name of the whole, on the networks of the clients. */
function createProxy(
  name: string,
  { system, spec, networks }: DockerTierArgs<PostgresSpec>,
  { control, members }: ProxyParts,
  parent: pulumi.Resource,
): docker.Container {
  const image = engineImage(`${name}-proxy-image`, IMAGES.haproxy, { parent });
  const sessions = (spec.maxConnections ?? DEFAULT_CONNECTIONS) * members.length + SPARE_SESSIONS;
  return hardenedContainer(
    `${name}-proxy`,
    {
      host: name,
      system,
      part: "postgres",
      image: image.imageId,
      user: PROXY_USER,
      environment: {},
      limits: CLUSTER_SIZES.proxy,
      networks: [control, ...networks],
      // two for each session: the client's and the server's. https://docs.haproxy.org/3.2/configuration.html#3.2-maxconn
      openFiles: 2 * sessions + SPARE_SESSIONS,
      check: { test: isFoundAt(PORTS.status, "/health"), interval: 30, timeout: 5, retries: 3, startPeriod: 20 },
      configuration: { "/usr/local/etc/haproxy/haproxy.cfg": proxyConfig(name, members.length, sessions) },
      stopTimeout: 30,
    },
    { parent, dependsOn: [...members] },
  );
}

function proxyConfig(name: string, count: number, maxConnections: number): string {
  return haproxyConfig({
    members: numbered(name, count).map((host) => ({
      name: host,
      host,
      port: PORTS.postgres,
      checkPort: PORTS.restApi,
    })),
    address: "*",
    ports: PORTS,
    maxConnections,
    nameserver: NAMESERVER,
  });
}

function numbered(name: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
}
