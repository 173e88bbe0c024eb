/** What `groundwork rehearse --json` prints: one document on standard output, an array of them with `--stack all`. */
export interface RehearsalReport {
  readonly stack: string;
  /** The value of the project's `target` key, if it has one. */
  readonly target: string | null;
  /** The packages whose providers were simulated, i.e. all that the stack used, sorted. */
  readonly simulated: readonly string[];
  /** Whether real Kubernetes control planes or Docker Engines stood behind the simulated providers. */
  readonly live: boolean;
  readonly engine: { readonly version: string; readonly source: string };
  /** Wall time of the whole rehearsal. */
  readonly seconds: number;
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
  readonly limit: number;
}

export interface StandIn {
  /** Config key, with its path inside an object. */
  readonly key: string;
  readonly kind: "secret" | "environment" | "placeholder";
  readonly type: string;
}
