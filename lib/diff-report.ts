import type { CapacityReport, PlaceCapacity, Throughput } from "./capacity-report.ts";
import type { CostReport } from "./cost-report.ts";
import type { QuotaReport, ViolationReport } from "./rehearsal-report.ts";

/** What `groundwork diff --json` prints for one stack: docs/diff-report.schema.json describes it for other programs. */
export interface DiffReport {
  /** Goes up by one when a reader of the last version would no longer understand it. */
  readonly schema: 1;
  readonly project: string;
  readonly stack: string;
  readonly target: string | null;
  readonly base: Side;
  readonly head: Side;
  /** Whether anything at all differs, noise aside. */
  readonly changed: boolean;
  readonly resources: ResourceDiff;
  readonly capacity: CapacityDiff;
  readonly cost: CostDiff;
  readonly policy: PolicyDiff;
  readonly quotas: readonly QuotaDiff[];
  /** What a reader must know to read the figures right: one sentence each. */
  readonly notes: readonly string[];
  /** Wall time of the comparison. */
  readonly seconds: number;
}

/** One of the two states that are compared. */
export interface Side {
  /** As a person calls it: `main`, `working tree`, `nodes.max=8`. */
  readonly label: string;
  /** The commit of a git ref, 40 hexadecimal digits; absent for a working tree. */
  readonly commit?: string;
  /** Config keys that were set on top, as text. */
  readonly set?: Readonly<Record<string, string>>;
}

export type Change = "create" | "update" | "replace" | "delete";

export interface ResourceDiff {
  readonly counts: Readonly<Record<Change | "same", number>>;
  /** Replaced and deleted stateful resources first, then other replacements, deletions, creations, updates; in each what holds data first, then by URN. */
  readonly changes: readonly ResourceChange[];
  /** Updates that only follow from listed ones or mean nothing, such as an order or an automatic name: counted, not listed. */
  readonly noise: number;
}

export interface ResourceChange {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly system: string;
  readonly region: string;
  readonly change: Change;
  /** Whether it holds data that would be gone with it: a database, a volume, a bucket, a key. */
  readonly stateful: boolean;
  /** Whether the engine or the cloud refuses to delete it as things stand. */
  readonly protected: boolean;
  /** Whether what is deleted or replaced stays in the cloud, forgotten by the engine, as `retainOnDelete` asks; absent: no. */
  readonly retained?: boolean;
  readonly properties: readonly PropertyChange[];
  /** Whether the provider's rules say for certain what is replaced; false where no table says it. */
  readonly certain: boolean;
}

export interface PropertyChange {
  /** Such as `scalingConfig.maxSize`. */
  readonly path: string;
  /** As text, cut where it is long; absent where there was nothing. A secret is `[secret]`. */
  readonly before?: string;
  /** As `before`; `(known after up)` where only the update can tell. */
  readonly after?: string;
  /** Whether this property is what forces the replacement. */
  readonly replaces: boolean;
}

export interface CapacityDiff {
  readonly before: CapacityReport;
  readonly after: CapacityReport;
  /** Of places whose capacity differs. */
  readonly places: readonly Pair<PlaceCapacity>[];
  /** Of systems and regions that carry more or less than before. */
  readonly throughput: readonly Pair<Throughput>[];
}

/** The same thing on both sides; one of them is absent where it comes or goes. */
export interface Pair<T> {
  readonly system: string;
  readonly region: string;
  readonly before?: T;
  readonly after?: T;
}

export interface CostDiff {
  readonly before: CostReport;
  readonly after: CostReport;
  /** `after` less `before`, in US cents a month. */
  readonly deltaCents: number;
  /** Every system, region and service with a cost on either side, the largest change first. */
  readonly bySystem: readonly CostChange[];
  readonly byRegion: readonly CostChange[];
  readonly byService: readonly CostChange[];
  /** Line items that differ, the largest change first. */
  readonly items: readonly CostChange[];
}

export interface CostChange {
  readonly label: string;
  readonly beforeCents: number;
  readonly afterCents: number;
}

export interface PolicyDiff {
  readonly pack: string | null;
  readonly added: readonly ViolationReport[];
  readonly fixed: readonly ViolationReport[];
  /** What both sides have, and what an exception bears on the side after, by its text. */
  readonly remaining: readonly ViolationReport[];
  /** What only the update can decide. */
  readonly undecided: readonly ViolationReport[];
}

/** Use of one quota on both sides; absent on the side that does not use it. */
export interface QuotaDiff {
  readonly quota: string;
  readonly code: string;
  readonly scope: string;
  readonly limit: number;
  readonly before?: QuotaReport;
  readonly after?: QuotaReport;
}
