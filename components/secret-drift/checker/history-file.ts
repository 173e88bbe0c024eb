import { DatabaseSync } from "node:sqlite";
import { InvalidMapping } from "./reader.ts";

/** One for each version: what makes it of the one before. What was released is never changed, only added to. */
const VERSIONS: readonly string[] = [
  `
  CREATE TABLE agreement (
    place TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, previous TEXT, updated_at INTEGER, version TEXT
  ) STRICT;
  CREATE TABLE since (secret TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
  CREATE TABLE finding (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, kind TEXT NOT NULL, secret TEXT NOT NULL, store TEXT NOT NULL,
    scope TEXT NOT NULL, name TEXT NOT NULL, evidence TEXT NOT NULL, first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL, resolved_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX open_finding ON finding (key) WHERE resolved_at IS NULL;
  CREATE TABLE round (at INTEGER NOT NULL, milliseconds INTEGER NOT NULL, drifts INTEGER NOT NULL) STRICT;
  CREATE TABLE call (
    at INTEGER NOT NULL, store TEXT NOT NULL, operation TEXT NOT NULL, milliseconds INTEGER NOT NULL, outcome TEXT NOT NULL
  ) STRICT;
  CREATE INDEX call_at ON call (at);
  CREATE INDEX round_at ON round (at);
  `,
  // a row for each question would be 8 million in a month with a thousand repositories
  `
  DROP TABLE call;
  CREATE TABLE latency (
    slot INTEGER NOT NULL, store TEXT NOT NULL, bucket INTEGER NOT NULL, calls INTEGER NOT NULL, failed INTEGER NOT NULL,
    PRIMARY KEY (slot, store, bucket)
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE agreement ADD COLUMN gone_at INTEGER;
  ALTER TABLE since ADD COLUMN gone_at INTEGER;
  CREATE INDEX resolved_finding ON finding (resolved_at) WHERE resolved_at IS NOT NULL;
  CREATE TABLE monitor (
    one INTEGER PRIMARY KEY CHECK (one = 1), holder TEXT NOT NULL, host TEXT NOT NULL, pid INTEGER NOT NULL,
    until INTEGER NOT NULL, every INTEGER NOT NULL, started_at INTEGER NOT NULL, round_at INTEGER, failure TEXT
  ) STRICT;
  `,
];

/** Milliseconds that a writer waits for another: a round's is far shorter. */
const PATIENCE = 5_000;
/** Bytes of the write-ahead log that are kept between two rounds. https://www.sqlite.org/pragma.html#pragma_journal_size_limit */
const KEPT_LOG = 4 * 1024 * 1024;

/**
 * Opens the file of a history, and brings it to this version.
 * @throws InvalidMapping when it cannot be used
 */
export function openHistory(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: PATIENCE });
    // a reader, such as the command line, must not stop the monitor
    database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${KEPT_LOG}; BEGIN IMMEDIATE`,
    );
    const version = versionOf(database, path);
    database.exec(`${VERSIONS.slice(version).join("\n")} PRAGMA user_version = ${VERSIONS.length}; COMMIT`);
    return database;
  } catch (error) {
    database?.close();
    const problem = historyProblem(error, path);
    throw problem === undefined ? error : new InvalidMapping(problem);
  }
}

/** All of some work or nothing of it, and nobody else's in between. */
export function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // after a full disk SQLite has rolled back by itself: https://www.sqlite.org/lang_transaction.html
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function versionOf(database: DatabaseSync, path: string): number {
  const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
  if (version > VERSIONS.length)
    throw new InvalidMapping(
      `${path} is a history of version ${version}, and this checker knows ${VERSIONS.length}: use the newer checker that wrote it, or move the file away`,
    );
  const tables = Number(database.prepare("SELECT COUNT(*) AS tables FROM sqlite_schema").get()?.["tables"]);
  if (version === 0 && tables > 0)
    throw new InvalidMapping(
      `${path} is the database of another program: name another file with --history, or HISTORY for the container`,
    );
  return version;
}

/** https://www.sqlite.org/rescode.html */
const PROBLEMS: Readonly<Record<number, string>> = {
  5: `is locked by another process for more than ${PATIENCE / 1000} s: end that one`,
  8: "is read-only: let this user write it, and its folder",
  10: "cannot be read or written: look at the disk",
  11: "is damaged: put a copy of it back, or move it away and approve again what waited",
  13: "cannot grow, for the disk is full: make room",
  14: "cannot be opened: let this user write it, and its folder",
  26: "is no history: name another file with --history, or HISTORY for the container",
};

/** What is wrong with the file, in one sentence; nothing where an error is of something else. SQLite's own words name no value. */
export function historyProblem(error: unknown, path: string): string | undefined {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  if (code !== "ERR_SQLITE_ERROR" || typeof errcode !== "number") return undefined;
  // the lowest byte is the kind, the others say more. https://www.sqlite.org/rescode.html#primary_result_codes_versus_extended_result_codes
  const kind = PROBLEMS[errcode & 0xff];
  return `the history ${path} ${kind ?? `cannot be used (SQLite error ${errcode}): move it away`}`;
}
