import type { DatabaseSync } from "node:sqlite";
import { AlertState } from "./alerts/state.ts";
import type { Agreement, Drift, DriftKind } from "./finding.ts";
import { driftKey } from "./finding.ts";
import type { Fingerprint } from "./fingerprint.ts";
import { ExposureRecord } from "./exposure/record.ts";
import { Journal } from "./healing/journal.ts";
import { type Memory, scopeKey } from "./compare.ts";
import { openHistory, transaction } from "./history-file.ts";
import { type Answers, type Call, Latency } from "./latency.ts";
import { placeKey } from "./mapping.ts";
import { MonitorLease } from "./monitor/lease.ts";
import { Trends } from "./trends.ts";

/** A drift with its life so far. Dates are milliseconds since 1970. */
export interface Finding extends Drift {
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** When a round no longer found it; absent while it lasts. */
  readonly resolvedAt?: number;
}

/** What is remembered, and what of it the mapping did not have any more when that was looked at last. */
export interface Remembered extends Memory {
  readonly gone: { readonly secrets: ReadonlySet<string>; readonly places: ReadonlySet<string> };
}

/** What one round leaves behind. */
export interface RoundRecord {
  /** What was remembered when it began: of 40,000 places few change in a round, and only those are written. */
  readonly before: Remembered;
  readonly at: number;
  readonly milliseconds: number;
  readonly drifts: readonly Drift[];
  readonly agreed: ReadonlyMap<string, Agreement>;
  /** Present fingerprints of the source, by secret, with its own date where it has one. */
  readonly source: ReadonlyMap<string, { readonly fingerprint: Fingerprint; readonly at?: number }>;
  readonly calls: readonly Call[];
  /** Keys of scopes and places of which this round can say nothing: what was found there before is not resolved. */
  readonly undecided: ReadonlySet<string>;
  /** What the mapping has now: the rest is forgotten in time. */
  readonly mapped: { readonly secrets: ReadonlySet<string>; readonly places: ReadonlySet<string> };
}

/** What a round has changed. */
export interface Changes {
  /** Found for the first time, or again after it was gone. */
  readonly opened: readonly Finding[];
  /** Found before, and no longer there. */
  readonly resolved: readonly Finding[];
}

export const RETENTION_DAYS = 30;
const DAY = 24 * 60 * 60 * 1000;

/**
 * What the checker remembers: agreements, findings and how the stores answered, in one SQLite file, for
 * {@link RETENTION_DAYS} days. Fingerprints are in it, values never.
 */
export class History {
  /** What healing remembers. */
  readonly journal: Journal;
  /** What people were told. */
  readonly alerts: AlertState;
  /** What exposure scans have found. */
  readonly exposures: ExposureRecord;
  /** How rounds and answers went over time. */
  readonly trends: Trends;
  /** Who runs the rounds. */
  readonly monitor: MonitorLease;
  /** Where it is. */
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #latency: Latency;

  /** @throws InvalidMapping when the file is no history, one of a newer version, or nobody lets us use it */
  constructor(path: string) {
    this.path = path;
    this.#database = openHistory(path);
    this.journal = new Journal(this.#database);
    this.alerts = new AlertState(this.#database);
    this.exposures = new ExposureRecord(this.#database);
    this.trends = new Trends(this.#database);
    this.monitor = new MonitorLease(this.#database);
    this.#latency = new Latency(this.#database);
  }

  close(): void {
    this.#database.close();
  }

  memory(): Remembered {
    const agreements = this.#rows("SELECT * FROM agreement");
    const since = this.#rows("SELECT * FROM since");
    return {
      agreements: new Map(agreements.map((row) => [String(row["place"]), toAgreement(row)])),
      since: new Map(
        since.map((row) => [
          String(row["secret"]),
          { fingerprint: String(row["fingerprint"]) as Fingerprint, at: Number(row["at"]) },
        ]),
      ),
      gone: { places: goneOf(agreements, "place"), secrets: goneOf(since, "secret") },
    };
  }

  /** When a place and the source last agreed. */
  agreement(place: string): Agreement | undefined {
    const row = this.#database.prepare("SELECT * FROM agreement WHERE place = ?").get(place);
    return row && toAgreement(row);
  }

  /** All of a round or nothing of it. */
  record(round: RoundRecord): Changes {
    return transaction(this.#database, () => {
      this.#remember(round);
      const changes = this.#findings(round);
      this.#database
        .prepare("INSERT INTO round VALUES (?, ?, ?)")
        .run(round.at, Math.round(round.milliseconds), round.drifts.length);
      this.#latency.add(round.calls);
      this.#forget(round.at);
      return changes;
    });
  }

  /** That a place has been given the source's value by us: the earlier fingerprint is kept beside it. */
  agree(place: string, agreement: Agreement): void {
    transaction(this.#database, () => this.#agree(place, agreement));
  }

  /** What is not resolved, the oldest first. */
  open(): Finding[] {
    return this.#rows("SELECT * FROM finding WHERE resolved_at IS NULL ORDER BY first_seen, key").map(toFinding);
  }

  /** Everything that was found since a date, the newest first. */
  findings(from: number): Finding[] {
    return this.#rows("SELECT * FROM finding WHERE last_seen >= ? ORDER BY first_seen DESC, key", from).map(toFinding);
  }

  /** How long each store took to answer, since a date. */
  latency(from: number): Answers[] {
    return this.#latency.since(from);
  }

  #remember({ before: { agreements, since, gone }, at: now, agreed, source, mapped }: RoundRecord): void {
    for (const [place, agreement] of agreed) {
      const known = agreements.get(place);
      if (known === undefined || !isSame(known, agreement)) this.#agree(place, agreement);
    }
    // a store whose clock is ahead would have a value that is never old
    for (const [secret, { fingerprint, at }] of source)
      if (since.get(secret)?.fingerprint !== fingerprint)
        this.#sourceHas(secret, fingerprint, Math.min(at ?? now, now));
    // what the mapping no longer has may come back, so it is not forgotten at once
    const places = this.#database.prepare("UPDATE agreement SET gone_at = ? WHERE place = ?");
    for (const place of agreements.keys())
      if (mapped.places.has(place) === gone.places.has(place)) places.run(gone.places.has(place) ? null : now, place);
    const secrets = this.#database.prepare("UPDATE since SET gone_at = ? WHERE secret = ?");
    for (const secret of since.keys())
      if (mapped.secrets.has(secret) === gone.secrets.has(secret))
        secrets.run(gone.secrets.has(secret) ? null : now, secret);
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
        `INSERT INTO since (secret, fingerprint, at) VALUES (?, ?, ?) ON CONFLICT (secret) DO UPDATE
         SET fingerprint = excluded.fingerprint, at = excluded.at WHERE fingerprint <> excluded.fingerprint`,
      )
      .run(secret, fingerprint, at);
  }

  #findings({ drifts, at, undecided }: RoundRecord): Changes {
    const before = new Map(
      this.#rows("SELECT * FROM finding WHERE resolved_at IS NULL").map((row) => [String(row["key"]), row]),
    );
    const insert = this.#database.prepare(
      `INSERT INTO finding (key, kind, secret, store, scope, name, evidence, first_seen, last_seen)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const see = this.#database.prepare("UPDATE finding SET last_seen = ?, evidence = ? WHERE id = ?");
    const opened: Finding[] = [];
    const found = new Set<string>();
    for (const drift of drifts) {
      const key = driftKey(drift);
      if (found.has(key)) continue;
      found.add(key);
      const known = before.get(key);
      if (known !== undefined) {
        see.run(at, drift.evidence, Number(known["id"]));
        continue;
      }
      const { kind, secret, place, evidence } = drift;
      insert.run(key, kind, secret, place.store, place.scope, place.name, evidence, at, at);
      opened.push({ kind, secret, place, evidence, firstSeen: at, lastSeen: at });
    }
    const resolve = this.#database.prepare("UPDATE finding SET resolved_at = ? WHERE id = ?");
    const resolved: Finding[] = [];
    for (const [key, row] of before) {
      const finding = toFinding(row);
      if (found.has(key) || undecided.has(scopeKey(finding.place)) || undecided.has(placeKey(finding.place))) continue;
      resolve.run(at, Number(row["id"]));
      resolved.push({ ...finding, resolvedAt: at });
    }
    return { opened, resolved };
  }

  #forget(now: number): void {
    const before = now - RETENTION_DAYS * DAY;
    for (const statement of [
      "DELETE FROM finding WHERE resolved_at < ?",
      "DELETE FROM round WHERE at < ?",
      "DELETE FROM agreement WHERE gone_at < ?",
      "DELETE FROM since WHERE gone_at < ?",
    ])
      this.#database.prepare(statement).run(before);
    this.#latency.forget(before, now);
    this.journal.forget(before);
    this.exposures.forget(before);
  }

  #rows(query: string, ...values: number[]): Record<string, unknown>[] {
    return this.#database.prepare(query).all(...values);
  }
}

function isSame(known: Agreement, { fingerprint, updatedAt, version }: Agreement): boolean {
  return known.fingerprint === fingerprint && known.updatedAt === updatedAt && known.version === version;
}

function goneOf(rows: readonly Record<string, unknown>[], key: "place" | "secret"): ReadonlySet<string> {
  return new Set(rows.filter((row) => row["gone_at"] !== null).map((row) => String(row[key])));
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
