/** What an environment has room for and can carry: `groundwork capacity --json`. */
export interface CapacityReport {
  readonly stack: string;
  /** By system, then region. */
  readonly places: readonly PlaceCapacity[];
  readonly nodes: readonly NodeCapacity[];
  readonly throughput: readonly Throughput[];
  /** What reaches its limit within the months looked at, the first one first. */
  readonly projection: Projection;
  /** What the figures leave out or take for granted: one sentence each. */
  readonly notes: readonly string[];
}

/** At the autoscalers' minimum and maximum; both the same where nothing scales by itself. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** All that one system has in one region; `shared` is what serves all of them. */
export interface PlaceCapacity {
  readonly system: string;
  readonly region: string;
  readonly replicas: Range;
  /** Cores that its containers request, or are limited to where they request none. */
  readonly vcpu: Range;
  /** Bytes, as `vcpu`. */
  readonly memory: Range;
  readonly gpus: Range;
  /** Cores and bytes of managed servers: databases, caches, brokers. */
  readonly managed: { readonly vcpu: number; readonly memory: number };
  /** Bytes of volumes that were asked for. */
  readonly storage: number;
  /** Provisioned or included I/O operations a second of those volumes. */
  readonly iops: number;
  /** Connections that its workloads may open, and what its databases take. */
  readonly connections: { readonly wanted: number; readonly limit: number };
  readonly workloads: readonly WorkloadCapacity[];
}

export interface WorkloadCapacity {
  readonly name: string;
  readonly replicas: Range;
  /** Cores of one replica. */
  readonly vcpu: number;
  /** Bytes of one replica. */
  readonly memory: number;
}

/** The nodes of one cluster or host. */
export interface NodeCapacity {
  readonly region: string;
  /** Node group, node pool or Docker host. */
  readonly name: string;
  readonly instanceType: string;
  readonly count: Range;
  /** Nodes that the pods need at their minimum and at their maximum. */
  readonly needed: Range;
}

/** What one system can carry in one region at its maximum, by the calibrated model. */
export interface Throughput {
  readonly system: string;
  readonly region: string;
  readonly requestsPerSecond: number;
  readonly concurrentUsers: number;
  /** Only of systems that process tracks. */
  readonly tracksPerHour?: number;
  /** The part that is full first, and why: `backend: 20 replicas x 32 concurrent / 45 ms at 70 %`. */
  readonly saturatesFirst: { readonly part: string; readonly why: string };
  /** Requests a second of each part, the smallest first. */
  readonly parts: readonly {
    readonly part: string;
    readonly requestsPerSecond: number;
    readonly why: string;
    readonly figures?: readonly ModelFigure[];
  }[];
  /** Tracks an hour of each part that processes tracks, the smallest first; only of systems that do. */
  readonly trackParts?: readonly {
    readonly part: string;
    readonly tracksPerHour: number;
    readonly why: string;
    readonly figures?: readonly ModelFigure[];
  }[];
}

/** A figure of the model that decides what a part carries: `cpuSeconds`, `concurrency`. */
export interface ModelFigure {
  readonly name: string;
  readonly value: number;
  /** A measurement with its date, a page, or the line of capacity.yaml. */
  readonly source: string;
}

export interface Projection {
  readonly months: number;
  readonly series: readonly ProjectionSeries[];
  readonly reached: readonly ReachedLimit[];
}

/** One measure month by month, the present first. */
export interface ProjectionSeries {
  readonly system: string;
  readonly region: string;
  /** Such as `requests a second`, `storage GiB`, `nodes`. */
  readonly measure: string;
  readonly limit: number;
  readonly values: readonly number[];
}

export interface ReachedLimit {
  readonly system: string;
  readonly region: string;
  readonly measure: string;
  readonly limit: number;
  /** The first month, from 1, in which the demand is above the limit; 0 where it is already. */
  readonly month: number;
  /** What to change, with the config line. */
  readonly advice: string;
}
