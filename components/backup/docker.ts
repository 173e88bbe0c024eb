import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Memory } from "@groundwork/lib/quantity";
import { formatMemory, parseMemory } from "@groundwork/lib/quantity";
import { IMAGES } from "../images.ts";
import type { Mongodb } from "../mongodb/spec.ts";
import { mongodbConnection } from "../mongodb/spec.ts";
import type { Postgres } from "../postgres/spec.ts";
import { postgresConnection } from "../postgres/spec.ts";
import type { Rabbitmq } from "../rabbitmq/spec.ts";
import { rabbitmqConnection } from "../rabbitmq/spec.ts";
import type { Redis } from "../redis/spec.ts";
import { redisConnection } from "../redis/spec.ts";
import { hardenedContainer } from "../workload/hardened.ts";
import { engineImage } from "../workload/image.ts";
import type { Connection, Endpoint, TierName } from "../workload/spec.ts";
import { SECRETS_FOLDER } from "../workload/spec.ts";
import { mongodbWork } from "./mongodb.ts";
import { postgresWork } from "./postgres.ts";
import { rabbitmqWork } from "./rabbitmq.ts";
import { redisWork } from "./redis.ts";
import type { TierWork } from "./script.ts";
import { backupScript, metricsServer } from "./script.ts";
import type { BackupPlan, BackupSpec } from "./spec.ts";
import { backupPlan } from "./spec.ts";

export interface RedisSource {
  readonly redis: Redis;
  /** Host names of all servers of a cluster. */
  readonly nodes?: readonly string[];
  /** Memory of one server: the restore test loads its data beside it. */
  readonly memory: Memory;
}

export interface DockerBackupArgs {
  readonly system: string;
  readonly spec: BackupSpec;
  /** What is backed up. */
  readonly tiers: {
    readonly postgres?: Postgres;
    readonly redis?: RedisSource;
    readonly rabbitmq?: Rabbitmq;
    readonly mongodb?: Mongodb;
  };
  /** Networks that the tiers are in. */
  readonly networks: readonly docker.Network[];
  /** Networks that Prometheus is in; default the tiers' own only. */
  readonly monitoredFrom?: readonly docker.Network[];
  /** Whether the volumes of backups refuse deletion. */
  readonly protect: boolean;
  /** What runs before: the first backup is made at once. */
  readonly after: readonly pulumi.Resource[];
}

interface Job {
  readonly tier: TierName;
  readonly image: string;
  /** A folder of the image that belongs to its user: a new volume takes over its owner, and root's elsewhere. */
  readonly mount: string;
  readonly memory: Memory;
  readonly connection: Connection;
  readonly shell: TierWork["shell"];
  readonly work: pulumi.Input<TierWork>;
}

/** Of the servers' own users in all four images; their Dockerfiles say so (see the tiers). */
const USER = "999:999";
const FOLDER = "/etc/groundwork";
const SCRIPT = `${FOLDER}/backup.sh`;
const METRICS_SERVER = `${FOLDER}/metrics.pl`;
const METRICS_PORT = 9480;
const SCRATCH_REDIS_PORT = 6399;
const MEMORY: Memory = "256Mi";

/**
 * One container for each tier, from the tier's own image, that makes backups into a volume of its own, keeps as many as
 * the rule says and restores one now and then to see that it can be. It is unhealthy when the last good backup is too
 * old. The volume is on the same host: copy it elsewhere to outlive the host.
 */
export class DockerBackup extends pulumi.ComponentResource {
  /** Prometheus metrics of each tier's backups. */
  readonly metrics: Readonly<Partial<Record<TierName, Endpoint>>>;

  constructor(name: string, args: DockerBackupArgs, opts?: pulumi.ComponentResourceOptions) {
    super("groundwork:backup:DockerBackup", name, {}, opts);
    const plan = backupPlan(args.spec);
    const jobs = jobsOf(name, args.tiers);
    for (const job of jobs) backupContainer(`${name}-${job.tier}`, job, plan, args, this);
    this.metrics = Object.fromEntries(
      jobs.map(({ tier }) => [tier, { host: pulumi.output(`${name}-${tier}`), port: METRICS_PORT }]),
    );
    this.registerOutputs({});
  }
}

function jobsOf(name: string, { postgres, redis, rabbitmq, mongodb }: DockerBackupArgs["tiers"]): Job[] {
  return [
    ...(postgres === undefined ? [] : [postgresJob(postgres)]),
    ...(redis === undefined ? [] : [redisJob(redis, `${name}-redis`)]),
    ...(rabbitmq === undefined ? [] : [rabbitmqJob(rabbitmq)]),
    ...(mongodb === undefined ? [] : [mongodbJob(mongodb)]),
  ];
}

function postgresJob({ pooled: _, ...postgres }: Postgres): Job {
  return {
    tier: "postgres",
    shell: "sh",
    image: IMAGES.postgres,
    mount: "/var/lib/postgresql/data",
    // the restore test runs a server of its own
    memory: "512Mi",
    // not through the pooler: a snapshot lives in one session
    connection: postgresConnection(postgres),
    work: postgresWork(),
  };
}

function redisJob({ redis, nodes, memory }: RedisSource, host: string): Job {
  const hosts = nodes === undefined ? [redis.endpoint.host] : nodes.map((node) => pulumi.output(node));
  const scratch = { host, port: SCRATCH_REDIS_PORT };
  return {
    tier: "redis",
    shell: "sh",
    image: IMAGES.valkey,
    mount: "/data",
    memory,
    connection: redisConnection(redis),
    work: pulumi.all(hosts).apply((known) =>
      redisWork({
        nodes: known.map((each) => `${each}:${redis.endpoint.port}`),
        mode: redis.mode,
        programs: "valkey",
        scratch,
      }),
    ),
  };
}

function rabbitmqJob(rabbitmq: Rabbitmq): Job {
  const { environment, secrets } = rabbitmqConnection(rabbitmq);
  return {
    tier: "rabbitmq",
    shell: "bash",
    image: IMAGES.rabbitmq,
    mount: "/var/lib/rabbitmq",
    memory: MEMORY,
    connection: {
      environment: { ...environment, RABBITMQ_MANAGEMENT_PORT: String(rabbitmq.management.port) },
      secrets,
    },
    work: rabbitmqWork(rabbitmq.vhost),
  };
}

function mongodbJob({ administrator, ...mongodb }: Mongodb): Job {
  return {
    tier: "mongodb",
    shell: "sh",
    image: IMAGES.mongodb,
    mount: "/data/db",
    memory: "512Mi",
    // as administrator, who may read users and make a scratch database
    connection: mongodbConnection({
      ...mongodb,
      administrator,
      user: administrator.user,
      secret: administrator.secret,
    }),
    work: mongodbWork(),
  };
}

function backupContainer(
  name: string,
  job: Job,
  plan: BackupPlan,
  { system, networks, monitoredFrom = [], protect, after }: DockerBackupArgs,
  parent: pulumi.Resource,
): docker.Container {
  const image = engineImage(`${name}-image`, job.image, { parent });
  const volume = new docker.Volume(`${name}-data`, { name: `${name}-data` }, { parent, protect });
  const metrics = { port: METRICS_PORT, server: METRICS_SERVER };
  const script = pulumi
    .output(job.work)
    .apply((work) => backupScript({ system, tier: job.tier, folder: job.mount, plan, work, metrics }));
  const secrets = Object.entries(job.connection.secrets).map(([key, value]) => [key.toLowerCase(), value] as const);
  return hardenedContainer(
    `${name}-container`,
    {
      host: name,
      system,
      part: `${job.tier}-backup`,
      image: image.imageId,
      user: USER,
      command: [job.shell, SCRIPT],
      environment: {
        ...job.connection.environment,
        ...Object.fromEntries(secrets.map(([file]) => [`${file.toUpperCase()}_FILE`, `${SECRETS_FOLDER}/${file}`])),
      },
      limits: { cpu: 0.5, memory: job.memory },
      // asleep but for a moment of the day; the policy pack allows memory twice what is kept
      requests: { cpu: 0.05, memory: formatMemory(parseMemory(job.memory) / 2) },
      networks: [...new Set([...networks, ...monitoredFrom])],
      check: { test: ["CMD", job.shell, SCRIPT, "check"], interval: 30, timeout: 10, retries: 3, startPeriod: 180 },
      files: Object.fromEntries(secrets),
      configuration: { [SCRIPT]: script, [METRICS_SERVER]: metricsServer() },
      volumes: { [job.mount]: volume },
      scratch: ["/tmp"],
      init: true,
      stopTimeout: 10,
    },
    { parent, dependsOn: [...after] },
  );
}
