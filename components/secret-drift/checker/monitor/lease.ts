import type { DatabaseSync } from "node:sqlite";

/** A process that runs the rounds. */
export interface Holder {
  /** Unique to this process. */
  readonly id: string;
  readonly host: string;
  readonly pid: number;
}

/** What is known of the monitor that works, or worked last, with a history. Dates are milliseconds since 1970. */
export interface LastMonitor {
  readonly host: string;
  readonly pid: number;
  /** Until when nobody else may; 0 once it has ended by itself. */
  readonly until: number;
  /** From one of its rounds to the next, in milliseconds. */
  readonly every: number;
  readonly startedAt: number;
  /** When its last round began; absent before the first one has ended. */
  readonly roundAt?: number;
  /** Why that one could compare nothing, where that is so. */
  readonly failure?: string;
}

/** How long a monitor has the history for itself without saying that it still lives. */
export const LEASE = 60_000;

/** One monitor at a time, so that nobody is told anything twice: in the same file as the history. */
export class MonitorLease {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** @returns whether the holder has it now; nobody else gets it for {@link LEASE} milliseconds */
  take({ id, host, pid }: Holder, every: number, now: number): boolean {
    const last = this.last();
    // a process of this machine that is gone was killed, and says nothing any more
    const isDead = last?.host === host && !isAlive(last.pid);
    const { changes } = this.#database
      .prepare(
        `INSERT INTO monitor VALUES (1, :id, :host, :pid, :until, :every, :now, NULL, NULL) ON CONFLICT (one) DO UPDATE
         SET holder = excluded.holder, host = excluded.host, pid = excluded.pid, until = excluded.until,
           every = excluded.every, started_at = excluded.started_at
         WHERE until <= :now OR (:dead AND host = :host AND pid = :gone)`,
      )
      .run({ id, host, pid, every, now, until: now + LEASE, dead: isDead ? 1 : 0, gone: last?.pid ?? 0 });
    return changes > 0;
  }

  /** Says that the holder lives. @returns whether it still has it */
  renew({ id }: Holder, now: number): boolean {
    const { changes } = this.#database.prepare("UPDATE monitor SET until = ? WHERE holder = ?").run(now + LEASE, id);
    return changes > 0;
  }

  /** That a round has ended, and why it could compare nothing, if so. */
  ended({ id }: Holder, at: number, failure: string | undefined): void {
    this.#database
      .prepare("UPDATE monitor SET round_at = ?, failure = ? WHERE holder = ?")
      .run(at, failure ?? null, id);
  }

  release({ id }: Holder): void {
    this.#database.prepare("UPDATE monitor SET until = 0 WHERE holder = ?").run(id);
  }

  last(): LastMonitor | undefined {
    const row = this.#database.prepare("SELECT * FROM monitor").get();
    if (row === undefined) return undefined;
    const { round_at: roundAt, failure } = row;
    return {
      host: String(row["host"]),
      pid: Number(row["pid"]),
      until: Number(row["until"]),
      every: Number(row["every"]),
      startedAt: Number(row["started_at"]),
      ...(roundAt === null ? {} : { roundAt: Number(roundAt) }),
      ...(typeof failure === "string" ? { failure } : {}),
    };
  }
}

/** A process with our own number is the one that we are a restart of: containers count from 1 again. */
function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
