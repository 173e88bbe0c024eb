/** What a team states of its environment and no resource can tell: one section of `capacity.yaml`. */
export interface Assumptions {
  readonly stack: string;
  /** By system. A system without an entry has no demand, and nothing is projected for it. */
  readonly demand: Readonly<Record<string, Demand>>;
  /** Growth of the demand in percent a month, by system or `default`. Default: 0. */
  readonly growth: Readonly<Record<string, number>>;
  /** What the calibrated model says otherwise of a part, by system or `default`, then by part. */
  readonly model: Readonly<Record<string, Readonly<Record<string, ModelOverride>>>>;
  /** The machine behind a Docker Engine. Default: not stated, and only what is needed is told. */
  readonly host?: HostAssumption;
  /** Traffic, requests and growth that are billed by use, as written: lib/pricing knows the keys. */
  readonly usage: Readonly<Record<string, unknown>>;
}

/** What one system has to carry today. */
export interface Demand {
  /** At the busiest. Default: that of `users`. */
  readonly requestsPerSecond?: number;
  /** Concurrent users at the busiest. */
  readonly users?: number;
  /** Requests of one user. Default: {@link REQUESTS_PER_USER_MINUTE}. */
  readonly requestsPerUserPerMinute?: number;
  /** Only of systems that process tracks. */
  readonly tracksPerHour?: number;
  /** GiB that its data take today. Default: 0. */
  readonly storageGiB?: number;
  /** GiB that come a month, before growth. Default: 0. */
  readonly storageGrowthGiB?: number;
}

/** What a part does with requests or tracks; what is left out is the calibrated model's (lib/capacity/model.ts). */
export interface ModelOverride {
  /** `api` answers requests, `source` brings tracks, `worker` processes them, `none` carries neither. */
  readonly role?: PartRole;
  /** Time of one request or track while nothing else is asked. */
  readonly serviceSeconds?: number;
  /** CPU time of one request or track. */
  readonly cpuSeconds?: number;
  /** Requests or tracks that one replica works on at once. */
  readonly concurrency?: number;
  /** Share of what is possible that is planned with, above 0 to 1. */
  readonly utilisation?: number;
  /** Share of the system's requests that this part sees, above 0; above 1 where one request asks it several times. */
  readonly share?: number;
  /** Wait between two tracks of a source. */
  readonly delaySeconds?: number;
  /** Connections that one replica opens to PostgreSQL. */
  readonly connections?: number;
  /** Cores that one replica can use at most. */
  readonly threads?: number;
  /** Share of a database's requests that write, and so go to the one writer. */
  readonly writeShare?: number;
}

export const PART_ROLES = ["api", "source", "worker", "none"] as const;
export type PartRole = (typeof PART_ROLES)[number];

export interface HostAssumption {
  /** Cores. */
  readonly cpus: number;
  readonly memoryGiB: number;
}

/**
 * A person reads or types for ten seconds between two requests: one page or answer, whose static parts come from the edge.
 * Stated, not measured.
 */
export const REQUESTS_PER_USER_MINUTE = 6;

export function nothingAssumed(stack: string): Assumptions {
  return { stack, demand: {}, growth: {}, model: {}, usage: {} };
}

/** Requests a second of a system today; `undefined` where nobody stated any. */
export function requestsPerSecond(demand: Demand | undefined): number | undefined {
  if (demand?.requestsPerSecond !== undefined) return demand.requestsPerSecond;
  if (demand?.users === undefined) return undefined;
  return (demand.users * (demand.requestsPerUserPerMinute ?? REQUESTS_PER_USER_MINUTE)) / 60;
}

/** Percent a month. */
export function growthOf({ growth }: Assumptions, system: string): number {
  return own(growth, system) ?? own(growth, "default") ?? 0;
}

/** The system's own word first, then that for all systems. */
export function overrideOf({ model }: Assumptions, system: string, part: string): ModelOverride {
  return { ...own(own(model, "default") ?? {}, part), ...own(own(model, system) ?? {}, part) };
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
