import type { DatabaseSync, StatementSync } from "node:sqlite";
import { transaction } from "../history-file.ts";
import type { Entry, Owed } from "./ledger.ts";
import type { Outcome } from "./outcome.ts";
import type { Subject, Unreached } from "./subject.ts";

const TABLES = `
  CREATE TABLE IF NOT EXISTS alert_entry (
    receiver TEXT NOT NULL, key TEXT NOT NULL, subject TEXT NOT NULL, owed TEXT NOT NULL, told_at INTEGER,
    gone_at INTEGER, times INTEGER NOT NULL, PRIMARY KEY (receiver, key)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS alert_suspicion (key TEXT PRIMARY KEY, rounds INTEGER NOT NULL, since INTEGER NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS alert_message (
    id INTEGER PRIMARY KEY, receiver TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS alert_receiver (
    receiver TEXT PRIMARY KEY, not_before INTEGER NOT NULL, failing_since INTEGER, reason TEXT
  ) STRICT;
`;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Longer than any message is on its way: what was begun before that, and has not ended, was begun by somebody who was killed. */
const SENDING = 2 * MINUTE;

/** How often one receiver may be told. */
export interface Limits {
  readonly messagesPerHour: number;
  /** Milliseconds from one message to the next at least. */
  readonly pause: number;
}

/** A message that is about to be sent, and counts as sent until it is known not to be. */
export interface Claim {
  readonly id: number;
  /** When one was sent that nobody knows the end of, with the same in it. */
  readonly mayRepeat?: number;
}

/**
 * What each receiver has been told, in the same file as the history. A message is written down before it is sent, and its
 * end afterwards, so that a checker that is killed in between forgets neither the message nor the limit.
 */
export class AlertState {
  readonly #database: DatabaseSync;
  /** Kept, because a round may write thousands. */
  readonly #save: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(TABLES);
    this.#save = database.prepare("INSERT OR REPLACE INTO alert_entry VALUES (?, ?, ?, ?, ?, ?, ?)");
  }

  /** All of some work or nothing of it, and nobody else's in between. */
  together<T>(work: () => T): T {
    return transaction(this.#database, work);
  }

  /** By the key of the subject. */
  entries(receiver: string): Map<string, Entry> {
    const rows = this.#database.prepare("SELECT * FROM alert_entry WHERE receiver = ? ORDER BY key").all(receiver);
    return new Map(rows.map((row) => [String(row["key"]), toEntry(row)]));
  }

  save(receiver: string, { subject, owed, toldAt, goneAt, times }: Entry): void {
    this.#save.run(receiver, subject.key, JSON.stringify(subject), owed, toldAt ?? null, goneAt ?? null, times);
  }

  drop(receiver: string, key: string): void {
    this.#database.prepare("DELETE FROM alert_entry WHERE receiver = ? AND key = ?").run(receiver, key);
  }

  /** Counts a round with each of these, and forgets the others but those to keep. @returns rounds in a row, and since when, by key */
  suspect(
    keys: readonly string[],
    keep: (key: string) => boolean,
    now: number,
  ): ReadonlyMap<string, { readonly rounds: number; readonly since: number }> {
    const count = this.#database.prepare(
      "INSERT INTO alert_suspicion VALUES (?, 1, ?) ON CONFLICT (key) DO UPDATE SET rounds = rounds + 1",
    );
    for (const key of keys) count.run(key, now);
    const rows = this.#database.prepare("SELECT * FROM alert_suspicion").all();
    const forget = this.#database.prepare("DELETE FROM alert_suspicion WHERE key = ?");
    const current = new Set(keys);
    for (const { key } of rows) if (!current.has(String(key)) && !keep(String(key))) forget.run(String(key));
    return new Map(
      rows.map(({ key, rounds, since }) => [String(key), { rounds: Number(rounds), since: Number(since) }]),
    );
  }

  /** Receivers that could not be reached when they were last tried. */
  unreached(): Unreached[] {
    const rows = this.#database.prepare("SELECT * FROM alert_receiver WHERE failing_since IS NOT NULL").all();
    return rows.map(({ receiver, reason }) => ({ receiver: String(receiver), reason: String(reason) }));
  }

  /** Takes the right to send a message now. @returns nothing where its receiver is to be left alone for now */
  claim(receiver: string, { messagesPerHour, pause }: Limits, now: number): Claim | undefined {
    const waits = this.#database.prepare("SELECT not_before FROM alert_receiver WHERE receiver = ?").get(receiver);
    const wait = Number(waits?.["not_before"] ?? 0) - now;
    if (wait > 0 && wait <= HOUR) return undefined;
    // who has set the clock back must not be without alerts until it is as late again
    const messages = this.#database
      .prepare("SELECT at, state FROM alert_message WHERE receiver = ? AND at <= ? ORDER BY at DESC, id DESC")
      .all(receiver, now)
      .map(({ at, state }) => ({ at: Number(at), state: String(state) }));
    const [last] = messages;
    if (last !== undefined && now - last.at < patience(messages, pause)) return undefined;
    if (messages.filter(({ at }) => now - at < HOUR).length >= messagesPerHour) return undefined;
    const { lastInsertRowid } = this.#database
      .prepare("INSERT INTO alert_message (receiver, at, state) VALUES (?, ?, 'sending')")
      .run(receiver, now);
    const id = Number(lastInsertRowid);
    return last === undefined || last.state === "delivered" ? { id } : { id, mayRepeat: last.at };
  }

  /** Remembers what came of a message. One that was not delivered does not count. */
  settle(receiver: string, { id }: Claim, outcome: Outcome, now: number): void {
    if (outcome.result === "refused") this.#database.prepare("DELETE FROM alert_message WHERE id = ?").run(id);
    else this.#database.prepare("UPDATE alert_message SET at = ?, state = ? WHERE id = ?").run(now, outcome.result, id);
    if (outcome.result === "delivered") {
      this.#database.prepare("DELETE FROM alert_receiver WHERE receiver = ?").run(receiver);
      return;
    }
    this.#database
      .prepare(
        `INSERT INTO alert_receiver VALUES (?, ?, ?, ?) ON CONFLICT (receiver) DO UPDATE
         SET not_before = excluded.not_before, failing_since = COALESCE(failing_since, excluded.failing_since),
         reason = excluded.reason`,
      )
      .run(receiver, now + (outcome.retryAfter ?? 0) * 1_000, now, outcome.reason);
  }

  /** What nobody needs any more: messages that no limit counts, and what receivers knew that there no longer are. */
  forget(receivers: readonly string[], now: number): void {
    this.#database
      .prepare(
        `DELETE FROM alert_message WHERE (at <= ? OR (at <= ? AND state = 'delivered'))
         AND id NOT IN (SELECT MAX(id) FROM alert_message GROUP BY receiver)`,
      )
      .run(now - DAY, now - HOUR);
    for (const table of ["alert_entry", "alert_message", "alert_receiver"]) {
      const known = this.#database.prepare(`SELECT DISTINCT receiver FROM ${table}`).all();
      const drop = this.#database.prepare(`DELETE FROM ${table} WHERE receiver = ?`);
      for (const { receiver } of known) if (!receivers.includes(String(receiver))) drop.run(String(receiver));
    }
  }
}

/** Milliseconds that have to pass since the last message: ever more while nobody knows whether any of them has arrived. */
function patience(messages: readonly { readonly state: string }[], pause: number): number {
  if (messages[0]?.state === "sending") return SENDING;
  const known = messages.findIndex(({ state }) => state === "delivered");
  return Math.min(HOUR, pause * 2 ** (known === -1 ? messages.length : known));
}

function toEntry(row: Record<string, unknown>): Entry {
  const { subject, owed, told_at: toldAt, gone_at: goneAt, times } = row;
  return {
    subject: JSON.parse(String(subject)) as Subject,
    owed: owed as Owed,
    ...(toldAt === null ? {} : { toldAt: Number(toldAt) }),
    ...(goneAt === null ? {} : { goneAt: Number(goneAt) }),
    times: Number(times),
  };
}
