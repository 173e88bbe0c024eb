/** What `groundwork rehearse --json` prints: one document on standard output, an array of them with `--stack all`. */
export interface RehearsalReport {
  readonly stack: string;
  /** The value of the project's `target` key, if it has one. */
  readonly target: string | null;
  /** The packages whose providers were simulated, i.e. all that the stack used, sorted. */
  readonly simulated: readonly string[];
  /** Whether real Kubernetes control planes or Docker Engines stood behind the simulated providers. */
  readonly live: boolean;
  /** Of `--live`: what the real control planes said; absent otherwise. */
  readonly controlPlanes?: LiveReport;
  /** Of `--live` with a stack of Docker: what the engine runs; absent otherwise. */
  readonly dockerEngine?: DockerLiveReport;
  readonly engine: { readonly version: string; readonly source: string };
  /** Wall time of the whole rehearsal. */
  readonly seconds: number;
  /** The most that it held at a time with all that it started, control planes included, looked at every few seconds; 0 where the system does not tell. */
  readonly memoryMiB: number;
  /** In the order in which they ran; what a failure or an interrupt kept from running is not there. */
  readonly operations: readonly OperationReport[];
  /**
   * What existed after `up`, or after what stopped it. Counted as the engine counts: components and the stack too, but
   * no provider that it made up itself.
   */
  readonly resources: { readonly total: number; readonly byType: Readonly<Record<string, number>> };
  readonly policy: PolicyReport;
  /** What stays by design after the teardown: final snapshots, recovery windows. */
  readonly retained: readonly RetainedReport[];
  /** What exists in the clouds, is not in the engine's state and was not retained by design. */
  readonly orphans: readonly OrphanReport[];
  /** The most that was used at a time. */
  readonly quotas: readonly QuotaReport[];
  readonly standIns: readonly StandIn[];
  /** Changed properties of which no table says whether the real provider would replace the resource. */
  readonly mayReplace: readonly { readonly urn: string; readonly path: string }[];
  /** Path of the deployment that was exported after `up`; secrets in it are encrypted. */
  readonly state: string | null;
  /** Why it stopped; absent when nothing did. */
  readonly stopped?: { readonly operation: string; readonly reason: string };
}

export type OperationName = "preview" | "up" | "up-again" | "change-preview" | "change-up" | "shutdown" | "destroy";

export interface OperationReport {
  readonly name: OperationName;
  readonly seconds: number;
  readonly changes: Changes;
}

/** Numbers of resources, a replacement counted once. */
export interface Changes {
  readonly create: number;
  readonly update: number;
  readonly replace: number;
  readonly delete: number;
  readonly same: number;
}

export interface PolicyReport {
  /** `name@version` of the pack that ran. */
  readonly pack: string | null;
  /** How many policies looked at this stack. */
  readonly policies: number;
  readonly violations: readonly ViolationReport[];
}

export interface ViolationReport {
  readonly policy: string;
  readonly level: string;
  readonly urn: string | null;
  readonly message: string;
}

export interface RetainedReport {
  readonly type: string;
  readonly id: string;
  readonly why: string;
}

export interface OrphanReport {
  readonly type: string;
  readonly id: string;
  readonly place: string;
}

export interface QuotaReport {
  readonly quota: string;
  /** AWS's own code of the quota, e.g. `L-1216C47A`. */
  readonly code: string;
  /** The region, zone or resource that it is counted over. */
  readonly scope: string;
  readonly used: number;
  /** What autoscalers may make of it; absent where nothing grows. */
  readonly ceiling?: number;
  readonly limit: number;
}

export interface StandIn {
  /** Config key, with its path inside an object. */
  readonly key: string;
  readonly kind: "secret" | "environment" | "placeholder";
  readonly type: string;
}

/** What real control planes said and did, after the last update. */
export interface LiveReport {
  readonly controlPlanes: readonly ControlPlaneReport[];
  /** Objects of the program that an API server has accepted. */
  readonly objects: number;
  /** Objects that an API server refused, with its reason. */
  readonly refused: readonly { readonly urn: string; readonly reason: string }[];
  /** Custom kinds that were declared without a schema, because their charts cannot be had here. */
  readonly permissiveKinds: readonly string[];
  /** Pods that have no node, with the scheduler's reason. */
  readonly pendingPods: readonly {
    readonly region: string;
    readonly namespace: string;
    readonly pod: string;
    readonly reason: string;
  }[];
  readonly autoscalers: readonly AutoscalerReport[];
  /** What goes another way than in a real cluster, or is not known: one sentence each. */
  readonly notes: readonly string[];
}

/** What a real Docker Engine said and did, after the last update. */
export interface DockerLiveReport {
  /** As DOCKER_HOST has it. */
  readonly host: string;
  /** Of the engine, such as `20.10.24`. */
  readonly version: string;
  /** Whether the rehearsal started it. */
  readonly private: boolean;
  /** Those that the program has made, by name; tasks of Swarm services are not among them. */
  readonly containers: readonly DockerContainerReport[];
  /** How many things of each type carry this rehearsal's label. */
  readonly things: Readonly<Record<string, number>>;
  /** What is only simulated, because it cannot be had here. */
  readonly leftOut: readonly { readonly urn: string; readonly why: string }[];
  /** What goes another way than with the official provider: one sentence each. */
  readonly notes: readonly string[];
}

export interface DockerContainerReport {
  readonly name: string;
  /** Health where it has a check, else the engine's own word for its state. */
  readonly state: string;
  /** From the request that made it until it was as its program waits for it; absent for one of an earlier rehearsal. */
  readonly seconds?: number;
  readonly restarts: number;
  readonly user: string;
  /** 0: no limit. */
  readonly memoryMiB: number;
  /** 0: no limit. */
  readonly cpus: number;
  readonly readOnlyRoot: boolean;
  readonly addedCapabilities: readonly string[];
  /** Those of the engine's default set that it has given up; `ALL` for all of them. */
  readonly droppedCapabilities: readonly string[];
  /** Whether programs in it may gain more rights than it was started with, as setuid ones do. */
  readonly newPrivileges: boolean;
  readonly privileged: boolean;
}

export interface ControlPlaneReport {
  readonly region: string;
  /** Of Kubernetes, such as `v1.36.3`. */
  readonly version: string;
  /** From the first process until the API server was ready. */
  readonly startSeconds: number;
  /** The most that its processes held when somebody looked; 0 where the system does not tell. */
  readonly memoryMiB: number;
  readonly nodes: readonly {
    /** Node group or node pool. */
    readonly owner: string;
    readonly instanceType: string;
    readonly count: number;
    readonly zones: readonly string[];
  }[];
  readonly pods: number;
  /** Those that stand for the pods of a Rollout included. */
  readonly deployments: { readonly available: number; readonly total: number };
  readonly statefulSets: { readonly ready: number; readonly total: number };
}

export interface AutoscalerReport {
  readonly region: string;
  readonly namespace: string;
  readonly name: string;
  /** Name of the workload that it scales. */
  readonly workload: string;
  readonly replicas: number;
  readonly min: number;
  readonly max: number;
  /** Each metric as current value / target, e.g. `cpu 30% / 70%`. */
  readonly metrics: readonly string[];
  /** Whether it reads its metrics (condition ScalingActive). */
  readonly active: boolean;
}
