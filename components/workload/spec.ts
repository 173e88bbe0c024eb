import type { Input, Output } from "@pulumi/pulumi";
import type { Memory, Size } from "@groundwork/lib/quantity";

/** A data tier that a workload can ask for. */
export type TierName = "postgres" | "redis" | "rabbitmq" | "mongodb";

/** Where a tier or a service answers, as its clients see it. */
export interface Endpoint {
  /** DNS name or address. */
  readonly host: Output<string>;
  /** TCP port. */
  readonly port: number;
}

/**
 * What a client needs to reach a tier, the same whatever runs the tier. `environment` is plain; each of `secrets` is
 * written to a file that only the workload reads, and the variable `<NAME>_FILE` holds the path of that file
 * ({@link secretPath}): environment variables show up in `docker inspect`, in process listings and in crash reports.
 */
export interface Connection {
  readonly environment: Readonly<Record<string, Input<string>>>;
  readonly secrets: Readonly<Record<string, Input<string>>>;
}

/** A port that the workload listens on. */
export interface Port {
  /** At most 15 letters, digits and `-`, as Kubernetes wants it (RFC 6335), e.g. `http`. */
  readonly name: string;
  readonly containerPort: number;
  /** The Docker host's port; none is published when absent. Only one replica can have it: see `exposure`. */
  readonly hostPort?: number;
}

/** An HTTP health check; durations in seconds. */
export interface HealthCheck {
  /** Path that answers 200 while the process is well: whoever fails here is restarted, so that what it depends on is no part of it. */
  readonly path: string;
  /**
   * Path that answers 200 while requests can be served, what it depends on included: whoever fails here gets none, and a
   * region where it fails is left. All replicas fail together when a database does, so it has to bear what is over within a
   * minute. Kubernetes and the edge ask it; Docker knows one check only, which restarts, and gets `path`. Default: `path`.
   */
  readonly readiness?: string;
  readonly port: number;
  /** Between two checks. */
  readonly interval: number;
  /** After which a check counts as failed. */
  readonly timeout: number;
  /** Failures in a row until the replica counts as unhealthy. */
  readonly retries: number;
  /** Failures in this time after the start do not count. */
  readonly startPeriod: number;
}

/**
 * Replicas by load: the HorizontalPodAutoscaler does it on Kubernetes, `groundwork autoscale` on Docker, which has no
 * autoscaler of its own.
 */
export interface Autoscaling {
  readonly min: number;
  readonly max: number;
  /** Average use of the CPU request, in percent, above which replicas are added. */
  readonly cpuPercent: number;
  /** The same for the memory request; not watched when absent. */
  readonly memoryPercent?: number;
  /** Use of both, in percent, below which replicas are taken away. Default: half of `cpuPercent`. Docker only. */
  readonly scaleDownPercent?: number;
  /** Seconds between two changes, so that one change shows before the next. Default 300, as Kubernetes scales down. Docker only. */
  readonly cooldown?: number;
}

/** Requests of one client address; what comes above it is answered with 429. */
export interface RateLimit {
  readonly requestsPerSecond: number;
  /** Requests above the rate that are let through at once. */
  readonly burst: number;
}

/** Who may call: a bearer token (JWT) that carries one of the roles. */
export interface Authentication {
  readonly kind: "jwt";
  readonly roles: readonly string[];
}

/** NVIDIA GPUs of one replica. */
export interface Gpu {
  readonly count: number;
  /** Memory of the GPU that it needs: one that has less is not asked. */
  readonly memory: Memory;
}

/** How replicas are exchanged for new ones, in Swarm's words. https://docs.docker.com/reference/compose-file/deploy/#update_config */
export interface UpdateStrategy {
  /** Replicas at a time; 0 is all at once. */
  readonly parallelism: number;
  /** Seconds between two of them. */
  readonly delay: number;
  /** Which comes first: starting the new one or stopping the old one. */
  readonly order: "start-first" | "stop-first";
  /** What follows when a new one fails. */
  readonly failureAction: "pause" | "continue" | "rollback";
  /** Seconds that a new one is watched for failure. */
  readonly monitor: number;
  /** Share of failed replicas, 0 to 1, that is borne. */
  readonly maxFailureRatio: number;
}

/** A new version and, where that fails, the way back. */
export interface Rollout {
  readonly update: UpdateStrategy;
  /** Swarm does not roll a rollback back. */
  readonly rollback: Omit<UpdateStrategy, "failureAction"> & { readonly failureAction: "pause" | "continue" };
}

/** Something that a workload may do at AWS. */
export interface Permission {
  /** E.g. `s3:GetObject`. https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html */
  readonly actions: readonly string[];
  /** ARNs, with `*` where a whole group is meant. */
  readonly resources: readonly Input<string>[];
}

/** How the workload is reached from outside its own networks. */
export interface Exposure {
  /** URL path prefix that the gateway sends here. */
  readonly path: string;
  /** The gateway's port on the Docker host. */
  readonly hostPort?: number;
  /** Whether it is for the internet (through the CDN) or for the environment itself only. */
  readonly public: boolean;
  /** Default: none. */
  readonly rateLimit?: RateLimit;
  /** Default: anyone may call. */
  readonly authentication?: Authentication;
}

/** What a container may use: the scheduler reserves `requests`, the kernel enforces `limits`. */
export interface Resources {
  readonly requests: Size;
  readonly limits: Size;
}

/** A stateless service, without a word about what runs it: container, Swarm service or Kubernetes Deployment. */
export interface WorkloadSpec {
  /** DNS label, unique in its system; also the host name by which the other workloads reach it. */
  readonly name: string;
  /** Image reference with a tag or digest; default: the reference service, built here. */
  readonly image?: Input<string>;
  readonly ports: readonly Port[];
  /** Replaces the image's own command; default: the image's. */
  readonly command?: readonly string[];
  /** Plain settings. `PORT` (the first port) and what `needs` brings are added. */
  readonly environment: Readonly<Record<string, Input<string>>>;
  /** Secret settings, given as files: see {@link Connection}. */
  readonly secrets: Readonly<Record<string, Input<string>>>;
  /** Of each replica. */
  readonly resources: Resources;
  /** A fixed number of replicas, or a range to scale in. */
  readonly replicas: number | Autoscaling;
  readonly health: HealthCheck;
  /** The tiers whose connection settings and network openings it gets. */
  readonly needs: readonly TierName[];
  /**
   * Names of the workloads of its own system that it calls; on Kubernetes nobody else can reach them. Where each answers is
   * in `<NAME>_URL`, e.g. `http://assistant-api:8000` in `ASSISTANT_API_URL`: stacks/systems/scale.ts. Default: none.
   */
  readonly calls?: readonly string[];
  /**
   * DNS names on the internet that it calls by HTTPS. On Kubernetes nothing else out there can be reached; a Docker network
   * knows no names, so that there it can be anything. Default: none.
   */
  readonly internetHosts?: readonly string[];
  /** What its role at AWS may do; in the cloud only. AWS's APIs can then be reached, by HTTPS. Default: nothing. */
  readonly permissions?: readonly Permission[];
  /** Default: reachable from its own networks only. */
  readonly exposure?: Exposure;
  /** Names of the Docker networks that it joins; on Kubernetes the namespace's policies decide instead. */
  readonly networks?: readonly string[];
  /** Default: none. */
  readonly gpu?: Gpu;
  /** How a new version comes in. Default: one replica after the other, the next when the one before is healthy. */
  readonly rollout?: Rollout;
}

/** What tells whether requests can be served. */
export function readinessPath({ path, readiness = path }: HealthCheck): string {
  return readiness;
}

/** The folder that holds a workload's secret files: a tmpfs-backed mount on Kubernetes, an uploaded file on Docker. */
export const SECRETS_FOLDER = "/run/secrets";

/** `PGPASSWORD` is found in `/run/secrets/pgpassword`, and the variable `PGPASSWORD_FILE` says so. */
function secretPath(name: string): string {
  return `${SECRETS_FOLDER}/${name.toLowerCase()}`;
}

/** All plain variables of a workload: its own, its connections', `PORT`, and a `<NAME>_FILE` for each secret. */
export function workloadEnvironment(
  spec: WorkloadSpec,
  connections: readonly Connection[],
): Record<string, Input<string>> {
  const files = Object.keys(workloadSecrets(spec, connections)).map(
    (name) => [`${name}_FILE`, secretPath(name)] as const,
  );
  const port = spec.ports[0] === undefined ? {} : { PORT: String(spec.ports[0].containerPort) };
  const connected = connections.map((connection) => connection.environment);
  return Object.assign({}, port, ...connected, spec.environment, Object.fromEntries(files)) as Record<
    string,
    Input<string>
  >;
}

/** All secrets of a workload by variable name: its own and its connections'. */
export function workloadSecrets(spec: WorkloadSpec, connections: readonly Connection[]): Record<string, Input<string>> {
  const connected = connections.map((connection) => connection.secrets);
  return Object.assign({}, ...connected, spec.secrets) as Record<string, Input<string>>;
}
