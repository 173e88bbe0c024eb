import { type Memory, scopeKey } from "../compare.ts";
import type { DriftKind } from "../finding.ts";
import type { JournalEntry } from "../healing/journal.ts";
import type { Finding, History } from "../history.ts";
import { type MappedSecret, type Mapping, type Place, RISKS, type Risk, placeKey } from "../mapping.ts";
import type { RoundReport } from "../monitor/report.ts";

/** `unknown`: nobody has ever seen whether it agrees. */
export type CellState = DriftKind | "in-step" | "unknown";

/** One secret in one place. */
export interface Cell {
  readonly place: Place;
  /** The first of its drifts, where it has any. */
  readonly state: CellState;
  /** False where the last round could not look, so that this is what an earlier one has found. */
  readonly isFresh: boolean;
  readonly findings: readonly Finding[];
}

export const ROW_STATES = ["drift", "unknown", "in-step"] as const;
/** `unknown`: none of its places is known to differ, and of one at least nobody can say. */
export type RowState = (typeof ROW_STATES)[number];

/** One secret in all its places; also a name that the mapping does not have. */
export interface Row {
  readonly secret: string;
  /** Absent for a name that the mapping does not have. */
  readonly mapped?: MappedSecret;
  readonly state: RowState;
  /** The secret in the source; absent for a name that the mapping does not have. */
  readonly source?: Cell;
  readonly places: readonly Cell[];
}

/** What is known after the last round. */
export interface Snapshot {
  /** When that round was, in milliseconds since 1970; absent before the first one. */
  readonly checkedAt?: number;
  /** Drift first: the riskiest, then the oldest; then what nobody can say, then what is in step. */
  readonly rows: readonly Row[];
  /** The riskiest first, then the oldest. */
  readonly findings: readonly Finding[];
}

/** What of a checker is shown. */
export interface Shown {
  readonly mapping: Mapping;
  readonly history: History;
  /** Whether a proposal needs no approval, or has the one that it needs. */
  isApproved(entry: JournalEntry): boolean;
}

export interface BoardOptions {
  readonly checker: Shown;
  /** From one round to the next, in milliseconds. */
  readonly interval: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/**
 * All that is shown: from the mapping and the history, so that it is there right after a restart, and from the round that
 * was heard last, which alone knows what could not be asked.
 */
export class Board {
  readonly mapping: Mapping;
  readonly history: History;
  readonly interval: number;
  readonly now: () => number;
  readonly #checker: Shown;
  readonly #secrets: ReadonlyMap<string, MappedSecret>;
  readonly #startedAt: number;
  #last: { readonly report: RoundReport; readonly heardAt: number } | undefined;
  #snapshot: Snapshot | undefined;

  constructor({ checker, interval, now }: BoardOptions) {
    this.mapping = checker.mapping;
    this.history = checker.history;
    this.#checker = checker;
    this.interval = interval;
    this.now = now;
    this.#secrets = new Map(checker.mapping.secrets.map((secret) => [secret.id, secret]));
    this.#startedAt = now();
  }

  /** The round that was heard last, also one that could compare nothing. */
  get last(): RoundReport | undefined {
    return this.#last?.report;
  }

  hear(report: RoundReport): void {
    this.#last = { report, heardAt: this.now() };
    this.#snapshot = undefined;
  }

  /** Whether rounds come: one has ended, or the first may yet, within two intervals. */
  get isAlive(): boolean {
    return this.now() - (this.#last?.heardAt ?? this.#startedAt) < 2 * this.interval;
  }

  /** The mapping's own entry; nothing for a name that it does not have. */
  mapped({ kind, secret }: Pick<Finding, "kind" | "secret">): MappedSecret | undefined {
    return kind === "extra" ? undefined : this.#secrets.get(secret);
  }

  /** What has been proposed and is not done. */
  waiting(): readonly JournalEntry[] {
    return this.history.journal.inState("applying", "open");
  }

  /** What approves a proposal on the command line; nothing where it needs no approval, or has the one that it needs. */
  approving(entry: JournalEntry): string | undefined {
    const { id, risk } = entry;
    if (entry.state === "applying" || this.#checker.isApproved(entry)) return undefined;
    const isSigned = risk === "high" && this.mapping.approval.approvers !== undefined;
    return `groundwork secrets approve ${id}${isSigned ? ` --write ${id}.approval` : ""}`;
  }

  /** What exposure scans have found that is still there; nothing where there was no scan. */
  exposed(): number | undefined {
    const { exposures } = this.history;
    return exposures.lastScan() === undefined ? undefined : exposures.open().length;
  }

  /** Made anew after each round, also one of another process. */
  snapshot(): Snapshot {
    const at = this.history.trends.lastRound()?.at;
    if (this.#snapshot === undefined || this.#snapshot.checkedAt !== at) this.#snapshot = this.#look(at);
    return this.#snapshot;
  }

  #look(at: number | undefined): Snapshot {
    const findings = this.history.open();
    const bySecret = Map.groupBy(findings, (finding) => rowKey(finding));
    const memory = this.history.memory();
    const unasked = new Set((this.last?.unasked ?? []).map(scopeKey));
    const known = this.mapping.secrets.map((secret) => {
      const own = bySecret.get(rowKey({ kind: "missing", secret: secret.id })) ?? [];
      return this.#row(secret, own, memory, unasked);
    });
    const strangers = findings.filter((finding) => this.mapped(finding) === undefined);
    const extra = [...Map.groupBy(strangers, rowKey).values()].map((own) => strangerRow(own, unasked));
    const rows = [...known, ...extra].sort((a, b) => order(a) - order(b) || since(a) - since(b));
    return {
      ...(at !== undefined && { checkedAt: at }),
      rows,
      findings: findings.toSorted(
        (a, b) => weight(this.mapped(b)) - weight(this.mapped(a)) || a.firstSeen - b.firstSeen,
      ),
    };
  }

  #row(
    mapped: MappedSecret,
    findings: readonly Finding[],
    { agreements, since: told }: Memory,
    unasked: ReadonlySet<string>,
  ): Row {
    const byPlace = Map.groupBy(findings, ({ place }) => placeKey(place));
    const here = { ...this.mapping.source, name: mapped.property };
    const own = byPlace.get(placeKey(here)) ?? [];
    const isTold = !unasked.has(scopeKey(here));
    const hasTruth = isTold && !own.some(({ kind }) => kind === "missing" || kind === "unreadable");
    const places = mapped.places.map((place) => {
      const there = byPlace.get(placeKey(place)) ?? [];
      const isFresh = hasTruth && !unasked.has(scopeKey(place));
      const otherwise = agreements.has(placeKey(place)) ? "in-step" : "unknown";
      return { place, state: there[0]?.kind ?? otherwise, isFresh, findings: there } satisfies Cell;
    });
    const state = own[0]?.kind ?? (told.has(mapped.id) ? "in-step" : "unknown");
    const source = { place: here, state, isFresh: isTold, findings: own } satisfies Cell;
    return { secret: mapped.id, mapped, state: rowState([source, ...places]), source, places };
  }
}

function strangerRow(findings: readonly Finding[], unasked: ReadonlySet<string>): Row {
  const places = findings.map((finding) => ({
    place: finding.place,
    state: finding.kind,
    isFresh: !unasked.has(scopeKey(finding.place)),
    findings: [finding],
  }));
  return { secret: findings[0]?.secret ?? "", state: "drift", places };
}

/** A name that the mapping does not have may be the id of a secret that it has. */
function rowKey({ kind, secret }: Pick<Finding, "kind" | "secret">): string {
  return JSON.stringify([kind === "extra", secret]);
}

function rowState(cells: readonly Cell[]): RowState {
  if (cells.some(({ findings }) => findings.length > 0)) return "drift";
  return cells.some(({ state, isFresh }) => state === "unknown" || !isFresh) ? "unknown" : "in-step";
}

function order({ state, mapped }: Row): number {
  return ROW_STATES.indexOf(state) * 10 - (state === "drift" ? weight(mapped) : 0);
}

function weight(mapped: MappedSecret | undefined): number {
  return mapped === undefined ? 0 : 1 + RISKS.indexOf(mapped.risk);
}

function since({ state, source, places }: Row): number {
  if (state !== "drift") return 0;
  return [source, ...places]
    .flatMap((cell) => cell?.findings ?? [])
    .reduce((oldest, { firstSeen }) => Math.min(oldest, firstSeen), Infinity);
}

/** As labels and filters name it: what the mapping does not have has none. */
export type ShownRisk = Risk | "none";
export const SHOWN_RISKS: readonly ShownRisk[] = [...RISKS, "none"];
