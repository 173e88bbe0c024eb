import type { PromotionStep } from "./promotion.ts";
import type { Changes, OrphanReport } from "./rehearsal-report.ts";

/** What `groundwork drill --json` prints. */
export interface DrillReport {
  readonly stack: string;
  /** The region that was lost. */
  readonly region: string;
  /** The region that took over; null where the lost one did not lead. */
  readonly takesOver: string | null;
  /** Whether real Kubernetes control planes stood behind the clusters. */
  readonly live: boolean;
  /** Wall time of the whole drill. */
  readonly seconds: number;
  /** In the order in which they were taken. */
  readonly steps: readonly DrillStep[];
  readonly health: HealthReport;
  readonly traffic: readonly TrafficReport[];
  readonly replicas: readonly ReplicasReport[];
  readonly promotion: readonly PromotionReport[];
  readonly systems: readonly RecoveryObjectives[];
  /** Of `--live`: what autoscalers did under the load of both regions. */
  readonly scaling?: readonly ScalingReport[];
  readonly orphans: readonly OrphanReport[];
  /** Why it stopped; absent when it passed. */
  readonly stopped?: { readonly step: string; readonly reason: string };
}

export interface DrillStep {
  readonly name: string;
  /** Wall time in the rehearsal, where AWS's own waits do not exist. */
  readonly seconds: number;
  readonly changes?: Changes;
  readonly what: string;
}

/** What the clouds reported of the lost region, by type: how many things, and in which word. */
export interface HealthReport {
  readonly unhealthy: readonly { readonly type: string; readonly count: number; readonly says: string }[];
  /** Things of the other regions that are still healthy. */
  readonly healthyElsewhere: number;
}

/** A number with where it comes from. */
export interface Assumption {
  readonly what: string;
  readonly seconds: number;
  /** A URL, or why it is assumed. */
  readonly source: string;
}

export interface TrafficReport {
  readonly host: string;
  /** Region whose pool answered before, and the one that does now. */
  readonly from: string;
  readonly to: string | null;
  /** Until Cloudflare sends requests elsewhere. */
  readonly seconds: { readonly least: number; readonly most: number };
  readonly how: string;
  /** Proxied: clients keep Cloudflare's addresses, so that no DNS TTL counts. */
  readonly proxied: boolean;
  readonly affinity: string;
  readonly source: string;
}

/** What one namespace can do in a region that stays. */
export interface ReplicasReport {
  readonly region: string;
  readonly namespace: string;
  readonly workloads: readonly {
    readonly name: string;
    /** Replicas that always ran in the lost region. */
    readonly lost: number;
    readonly least: number;
    readonly most: number;
    readonly fits: boolean;
  }[];
  /** Whether the region had no load of its own before, because all requests went to the lost one. */
  readonly standby: boolean;
  /** Cores: what the replicas request that are needed now, and what quota and nodes allow; null: no limit is known. */
  readonly cpu: { readonly needed: number; readonly quota: number | null; readonly nodes: number | null };
  readonly fits: boolean;
  readonly why: string;
}

export interface PromotionReport extends PromotionStep {
  /** `done` in the simulated clouds, `by hand` where nothing simulates it, `later` when the region is back. */
  readonly outcome: "done" | "by hand" | "later" | "failed";
  /** In the rehearsal. */
  readonly seconds: number;
}

/** How long a system is away at most, and how much it loses, each with what that is made of. */
export interface RecoveryObjectives {
  readonly system: string;
  readonly reads: readonly Assumption[];
  /** After the reads: until something can be written again. */
  readonly writes: readonly Assumption[];
  /** Seconds of acknowledged writes. */
  readonly lost: readonly Assumption[];
  readonly rtoReads: number;
  readonly rtoWrites: number;
  readonly rpo: number;
}

export interface ScalingReport {
  readonly workload: string;
  readonly region: string;
  readonly from: number;
  readonly to: number;
  readonly wanted: number;
  readonly seconds: number;
  /** Pods that found no node, with the scheduler's reason. */
  readonly pending: readonly string[];
}
