import type { DatabaseSync } from "node:sqlite";
import type { Fingerprint } from "../fingerprint.ts";
import { transaction } from "../history-file.ts";
import { type Exposure, exposureKey } from "./finding.ts";
import type { Sighting } from "./text.ts";

/** An exposure with its life so far. Dates are milliseconds since 1970. */
export interface KnownExposure extends Exposure {
  readonly firstSeen: number;
  readonly lastSeen: number;
  /** When a scan no longer found it; absent while it lasts. */
  readonly resolvedAt?: number;
}

/** What one scan leaves behind. */
export interface ScanRecord {
  readonly at: number;
  readonly milliseconds: number;
  readonly exposures: readonly Exposure[];
  /** Targets that were looked at completely: what was found there before and is not any more, is resolved. */
  readonly whole: readonly string[];
  /** Whether managed values were looked for: else nothing is known of them. */
  readonly valuesToo: boolean;
}

/** What was found in one version of a file. */
export interface Remembered {
  readonly sightings: readonly Sighting[];
  readonly binary: boolean;
}

/** Versions of files that need not be looked at again. No value is in it. */
export interface BlobMemory {
  get(oid: string): Remembered | undefined;
  put(oid: string, remembered: Remembered): void;
  /** Writes down what was put; a kill before that only means that it is looked at again. */
  flush(): void;
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS exposure (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, target TEXT NOT NULL, rule TEXT NOT NULL, secret TEXT,
    found TEXT NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, resolved_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS open_exposure ON exposure (target, key) WHERE resolved_at IS NULL;
  CREATE TABLE IF NOT EXISTS exposure_scan (at INTEGER NOT NULL, milliseconds INTEGER NOT NULL, found INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS exposure_search (search TEXT PRIMARY KEY, used_at INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS exposure_blob (
    search TEXT NOT NULL, oid TEXT NOT NULL, is_binary INTEGER NOT NULL, sightings TEXT NOT NULL, PRIMARY KEY (search, oid)
  ) STRICT, WITHOUT ROWID;
`;

/** Written together: one transaction for each would take longer than the search. */
const TOGETHER = 500;

/** What exposure scans have found, and what they need not look at again: in the same file as the history. */
export class ExposureRecord {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(TABLES);
  }

  /** All of a scan or nothing of it. */
  record({ at, milliseconds, exposures, whole, valuesToo }: ScanRecord): void {
    const upsert = this.#database.prepare(
      `INSERT INTO exposure (key, target, rule, secret, found, first_seen, last_seen) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (target, key) WHERE resolved_at IS NULL
       DO UPDATE SET last_seen = excluded.last_seen, found = excluded.found`,
    );
    const resolve = this.#database.prepare(
      `UPDATE exposure SET resolved_at = ?
       WHERE target = ? AND resolved_at IS NULL AND last_seen < ? AND (secret IS NULL OR ?)`,
    );
    transaction(this.#database, () => {
      for (const exposure of exposures) {
        const { target, rule, secret } = exposure;
        upsert.run(exposureKey(exposure), target, rule, secret ?? null, JSON.stringify(exposure), at, at);
      }
      for (const target of whole) resolve.run(at, target, at, valuesToo ? 1 : 0);
      this.#database
        .prepare("INSERT INTO exposure_scan VALUES (?, ?, ?)")
        .run(at, Math.round(milliseconds), exposures.length);
    });
  }

  /** What is not resolved, the oldest first. */
  open(): KnownExposure[] {
    return this.#database
      .prepare("SELECT * FROM exposure WHERE resolved_at IS NULL ORDER BY first_seen, target, key")
      .all()
      .map(toExposure);
  }

  /** Everything that was found since a date, the newest first. */
  since(from: number): KnownExposure[] {
    return this.#database
      .prepare("SELECT * FROM exposure WHERE last_seen >= ? ORDER BY first_seen DESC, target, key")
      .all(from)
      .map(toExposure);
  }

  /** When the last scan was, in milliseconds since 1970. */
  lastScan(): number | undefined {
    const at = this.#database.prepare("SELECT MAX(at) AS at FROM exposure_scan").get()?.["at"];
    return typeof at === "number" ? at : undefined;
  }

  /** What a search for the same things has found before. */
  memory(search: Fingerprint, now: number): BlobMemory {
    this.#database
      .prepare(
        "INSERT INTO exposure_search VALUES (?, ?) ON CONFLICT (search) DO UPDATE SET used_at = excluded.used_at",
      )
      .run(search, now);
    const find = this.#database.prepare("SELECT is_binary, sightings FROM exposure_blob WHERE search = ? AND oid = ?");
    const insert = this.#database.prepare("INSERT OR REPLACE INTO exposure_blob VALUES (?, ?, ?, ?)");
    const waiting = new Map<string, Remembered>();
    const flush = () => {
      transaction(this.#database, () => {
        for (const [oid, { sightings, binary }] of waiting)
          insert.run(search, oid, binary ? 1 : 0, JSON.stringify(sightings));
      });
      waiting.clear();
    };
    return {
      get(oid) {
        const row = find.get(search, oid);
        if (row === undefined) return waiting.get(oid);
        return { binary: row["is_binary"] === 1, sightings: JSON.parse(String(row["sightings"])) as Sighting[] };
      },
      put(oid, remembered) {
        waiting.set(oid, remembered);
        if (waiting.size >= TOGETHER) flush();
      },
      flush,
    };
  }

  /** Drops what was resolved, and what was not looked for any more, since before a date. */
  forget(before: number): void {
    for (const statement of [
      "DELETE FROM exposure WHERE resolved_at < ?",
      "DELETE FROM exposure_scan WHERE at < ?",
      "DELETE FROM exposure_blob WHERE search IN (SELECT search FROM exposure_search WHERE used_at < ?)",
      "DELETE FROM exposure_search WHERE used_at < ?",
    ])
      this.#database.prepare(statement).run(before);
  }
}

function toExposure(row: Record<string, unknown>): KnownExposure {
  const { found, first_seen: firstSeen, last_seen: lastSeen, resolved_at: resolvedAt } = row;
  return {
    ...(JSON.parse(String(found)) as Exposure),
    firstSeen: Number(firstSeen),
    lastSeen: Number(lastSeen),
    ...(resolvedAt !== null && { resolvedAt: Number(resolvedAt) }),
  };
}
