import { DatabaseSync } from "node:sqlite";
import type { Agreement, Drift, DriftKind } from "./finding.ts";
import { driftKey } from "./finding.ts";
import type { Fingerprint } from "./fingerprint.ts";
import { Journal } from "./healing/journal.ts";
import { type Memory, scopeKey } from "./compare.ts";
import { placeKey } from "./mapping.ts";
import { Trends } from "./trends.ts";

/** A drift with its life so far. Dates are milliseconds since 1970. */
export interface Finding extends Drift {
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** When a round no longer found it; absent while it lasts. */
  readonly resolvedAt?: number;
}

/** One question to a store: how long it took, and what came of it. */
export interface Call {
  readonly at: number;
  readonly store: string;
  readonly operation: "list" | "read" | "write" | "health";
  readonly milliseconds: number;
  readonly outcome: string;
}

/** What one round leaves behind. */
export interface RoundRecord {
  readonly at: number;
  readonly milliseconds: number;
  readonly drifts: readonly Drift[];
  readonly agreed: ReadonlyMap<string, Agreement>;
  /** Present fingerprints of the source, by secret, with its own date where it has one. */
  readonly source: ReadonlyMap<string, { readonly fingerprint: Fingerprint; readonly at?: number }>;
  readonly calls: readonly Call[];
  /** Keys of scopes and places of which this round can say nothing: what was found there before is not resolved. */
  readonly undecided: ReadonlySet<string>;
}

export const RETENTION_DAYS = 30;
const DAY = 24 * 60 * 60 * 1000;
/** Raised with every change of the tables; a file of another version is not touched. */
const VERSION = 1;

const TABLES = `
  CREATE TABLE IF NOT EXISTS agreement (
    place TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, previous TEXT, updated_at INTEGER, version TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS since (
    secret TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS finding (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, secret TEXT NOT NULL, store TEXT NOT NULL,
    scope TEXT NOT NULL, name TEXT NOT NULL, evidence TEXT NOT NULL, first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL, resolved_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS open_finding ON finding (key) WHERE resolved_at IS NULL;
  CREATE TABLE IF NOT EXISTS round (at INTEGER NOT NULL, milliseconds INTEGER NOT NULL, drifts INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS call (
    at INTEGER NOT NULL, store TEXT NOT NULL, operation TEXT NOT NULL, milliseconds INTEGER NOT NULL, outcome TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS call_at ON call (at);
  CREATE INDEX IF NOT EXISTS round_at ON round (at);
`;

/**
 * What the checker remembers: agreements, findings and how the stores answered, in one SQLite file, for
 * {@link RETENTION_DAYS} days. Fingerprints are in it, values never.
 */
export class History {
  /** What healing remembers. */
  readonly journal: Journal;
  /** How rounds and answers went over time. */
  readonly trends: Trends;
  readonly #database: DatabaseSync;

  /** @throws Error when the file is no history or one of another version */
  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    // a reader, such as the command line, must not stop the monitor
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000");
    const version = this.#number("PRAGMA user_version", "user_version");
    if (version !== 0 && version !== VERSION)
      throw new Error(`${path} is a history of version ${version}, and this checker reads ${VERSION}: move it away`);
    this.#database.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${VERSION}; COMMIT`);
    this.journal = new Journal(this.#database);
    this.trends = new Trends(this.#database);
  }

  close(): void {
    this.#database.close();
  }

  memory(): Memory {
    const agreements = this.#database.prepare("SELECT place, fingerprint, updated_at, version FROM agreement").all();
    const since = this.#database.prepare("SELECT secret, fingerprint, at FROM since").all();
    return {
      agreements: new Map(agreements.map((row) => [String(row["place"]), toAgreement(row)])),
      since: new Map(
        since.map((row) => [
          String(row["secret"]),
          { fingerprint: String(row["fingerprint"]) as Fingerprint, at: Number(row["at"]) },
        ]),
      ),
    };
  }

  /** All of a round or nothing of it. */
  record(round: RoundRecord): void {
    this.#transaction(() => {
      for (const [place, agreement] of round.agreed) this.#agree(place, agreement);
      for (const [secret, { fingerprint, at }] of round.source) this.#sourceHas(secret, fingerprint, at ?? round.at);
      this.#findings(round);
      this.#database
        .prepare("INSERT INTO round VALUES (?, ?, ?)")
        .run(round.at, Math.round(round.milliseconds), round.drifts.length);
      const call = this.#database.prepare("INSERT INTO call VALUES (?, ?, ?, ?, ?)");
      for (const { at, store, operation, milliseconds, outcome } of round.calls)
        call.run(at, store, operation, Math.round(milliseconds), outcome);
      this.#forget(round.at - RETENTION_DAYS * DAY);
    });
  }

  /** That a place has been given the source's value by us: the earlier fingerprint is kept beside it. */
  agree(place: string, agreement: Agreement): void {
    this.#transaction(() => this.#agree(place, agreement));
  }

  /** What is not resolved, the oldest first. */
  open(): Finding[] {
    return this.#rows("SELECT * FROM finding WHERE resolved_at IS NULL ORDER BY first_seen, key").map(toFinding);
  }

  /** Everything that was found since a date, the newest first. */
  findings(from: number): Finding[] {
    return this.#rows("SELECT * FROM finding WHERE last_seen >= ? ORDER BY first_seen DESC, key", from).map(toFinding);
  }

  /** Milliseconds that half and 95 of a hundred questions to each store took at most, since a date. */
  latency(from: number): { store: string; calls: number; p50: number; p95: number }[] {
    const rows = this.#rows("SELECT store, milliseconds FROM call WHERE at >= ? ORDER BY store, milliseconds", from);
    const byStore = Map.groupBy(rows, (row) => String(row["store"]));
    return [...byStore].map(([store, calls]) => {
      const at = (share: number) => Number(calls[Math.max(0, Math.ceil(calls.length * share) - 1)]?.["milliseconds"]);
      return { store, calls: calls.length, p50: at(0.5), p95: at(0.95) };
    });
  }

  #agree(place: string, { fingerprint, updatedAt, version }: Agreement): void {
    this.#database
      .prepare(
        `INSERT INTO agreement (place, fingerprint, updated_at, version) VALUES (?, ?, ?, ?)
         ON CONFLICT (place) DO UPDATE SET
           previous = CASE WHEN fingerprint <> excluded.fingerprint THEN fingerprint ELSE previous END,
           fingerprint = excluded.fingerprint, updated_at = excluded.updated_at, version = excluded.version
         WHERE fingerprint <> excluded.fingerprint OR updated_at IS NOT excluded.updated_at
           OR version IS NOT excluded.version`,
      )
      .run(place, fingerprint, updatedAt ?? null, version ?? null);
  }

  #sourceHas(secret: string, fingerprint: Fingerprint, at: number): void {
    this.#database
      .prepare(
        `INSERT INTO since VALUES (?, ?, ?) ON CONFLICT (secret) DO UPDATE
         SET fingerprint = excluded.fingerprint, at = excluded.at WHERE fingerprint <> excluded.fingerprint`,
      )
      .run(secret, fingerprint, at);
  }

  #findings({ drifts, at, undecided }: RoundRecord): void {
    const upsert = this.#database.prepare(
      `INSERT INTO finding (key, kind, secret, store, scope, name, evidence, first_seen, last_seen)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (key) WHERE resolved_at IS NULL
       DO UPDATE SET last_seen = excluded.last_seen, evidence = excluded.evidence`,
    );
    for (const drift of drifts) {
      const { kind, secret, place, evidence } = drift;
      upsert.run(driftKey(drift), kind, secret, place.store, place.scope, place.name, evidence, at, at);
    }
    const resolve = this.#database.prepare("UPDATE finding SET resolved_at = ? WHERE id = ?");
    for (const row of this.#rows("SELECT * FROM finding WHERE resolved_at IS NULL AND last_seen < ?", at)) {
      const { place } = toFinding(row);
      if (!undecided.has(scopeKey(place)) && !undecided.has(placeKey(place))) resolve.run(at, Number(row["id"]));
    }
  }

  #forget(before: number): void {
    for (const statement of [
      "DELETE FROM finding WHERE resolved_at < ?",
      "DELETE FROM call WHERE at < ?",
      "DELETE FROM round WHERE at < ?",
    ])
      this.#database.prepare(statement).run(before);
  }

  #transaction(work: () => void): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #rows(query: string, ...values: number[]): Record<string, unknown>[] {
    return this.#database.prepare(query).all(...values);
  }

  #number(query: string, column: string): number {
    return Number(this.#rows(query)[0]?.[column] ?? 0);
  }
}

function toAgreement(row: Record<string, unknown>): Agreement {
  const { fingerprint, updated_at: updatedAt, version } = row;
  return {
    fingerprint: String(fingerprint) as Fingerprint,
    ...(updatedAt === null ? {} : { updatedAt: Number(updatedAt) }),
    ...(typeof version === "string" ? { version } : {}),
  };
}

function toFinding(row: Record<string, unknown>): Finding {
  return {
    kind: String(row["kind"]) as DriftKind,
    secret: String(row["secret"]),
    place: { store: String(row["store"]), scope: String(row["scope"]), name: String(row["name"]) },
    evidence: String(row["evidence"]),
    firstSeen: Number(row["first_seen"]),
    lastSeen: Number(row["last_seen"]),
    ...(row["resolved_at"] === null ? {} : { resolvedAt: Number(row["resolved_at"]) }),
  };
}
