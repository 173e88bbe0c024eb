import type { DatabaseSync } from "node:sqlite";
import type { Fingerprint } from "../fingerprint.ts";
import type { Risk } from "../mapping.ts";
import type { Proposal, Target } from "./proposal.ts";

export type ProposalState =
  /** Waits for somebody's approval, or to be applied. */
  | "open"
  /** Begun: some of its places may have the value, and the next healer goes on with it. */
  | "applying"
  | "done"
  | "failed"
  /** What it rested on has changed: another value in the source, or somebody wrote one of the places. */
  | "withdrawn";

/** One approval that somebody has signed. */
export interface Signature {
  /** Of the text that was signed: none counts twice. */
  readonly digest: string;
  readonly signer: string;
  /** Every name of the key that signed. */
  readonly names: readonly string[];
  /** The public key, in base64. */
  readonly key: string;
  /** When it was taken, in milliseconds since 1970. */
  readonly at: number;
  /** When it ends, in milliseconds since 1970. */
  readonly until: number;
  /**
   * What was signed and the signature, so that it is checked again before anything is written. Absent in what an older checker
   * has taken: that counts no more.
   */
  readonly proof?: { readonly text: string; readonly signature: string };
}

export interface JournalEntry extends Proposal {
  readonly state: ProposalState;
  readonly proposer: string;
  /** Milliseconds since 1970. */
  readonly proposedAt: number;
  readonly approvals: readonly { readonly approver: string; readonly at: number }[];
  /** Approvals by signed files. */
  readonly signatures: readonly Signature[];
  /** When a healer last worked on it. */
  readonly attemptedAt?: number;
  /** Why it failed or was withdrawn; never a value. */
  readonly reason?: string;
}

const TABLES = `
  CREATE TABLE IF NOT EXISTS proposal (
    id TEXT PRIMARY KEY, secret TEXT NOT NULL, risk TEXT NOT NULL, fingerprint TEXT NOT NULL, targets TEXT NOT NULL,
    state TEXT NOT NULL, proposer TEXT NOT NULL, proposed_at INTEGER NOT NULL, attempted_at INTEGER, reason TEXT
  ) STRICT;
  CREATE TABLE IF NOT EXISTS approval (
    proposal TEXT NOT NULL, approver TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (proposal, approver)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS signature (
    digest TEXT PRIMARY KEY, proposal TEXT NOT NULL, signer TEXT NOT NULL, names TEXT NOT NULL, key TEXT NOT NULL,
    at INTEGER NOT NULL, until INTEGER NOT NULL, counts INTEGER NOT NULL DEFAULT 1
  ) STRICT;
  CREATE TABLE IF NOT EXISTS proof (digest TEXT PRIMARY KEY, text TEXT NOT NULL, signature TEXT NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS signature_of ON signature (proposal) WHERE counts = 1;
  CREATE TABLE IF NOT EXISTS lease (
    one INTEGER PRIMARY KEY CHECK (one = 1), holder TEXT NOT NULL, until INTEGER NOT NULL
  ) STRICT;
`;

/** What healing has proposed, who has agreed, and how far it has come: in the same file as the history. */
export class Journal {
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(TABLES);
  }

  /**
   * Adds what is new, and withdraws open ones that the present round no longer proposes. What was done before and is needed
   * again needs a new approval; what failed may be tried again with the one that it has.
   */
  propose(
    proposals: readonly Proposal[],
    proposer: string,
    now: number,
    /** Whether nobody can say now that it still stands: then it stays. Default: it is withdrawn. */
    isUndecided: (entry: JournalEntry) => boolean = () => false,
  ): void {
    const insert = this.#database.prepare(
      `INSERT INTO proposal VALUES (?, ?, ?, ?, ?, 'open', ?, ?, NULL, NULL) ON CONFLICT (id) DO UPDATE
       SET state = 'open', reason = NULL, proposer = excluded.proposer, proposed_at = excluded.proposed_at`,
    );
    const forget = this.#database.prepare("DELETE FROM approval WHERE proposal = ?");
    // the text stays known, so that it never counts again
    const lapse = this.#database.prepare("UPDATE signature SET counts = 0 WHERE proposal = ?");
    for (const { id, secret, risk, fingerprint, targets } of proposals) {
      const before = this.find(id)?.state;
      if (before === "open" || before === "applying") continue;
      if (before !== "failed") for (const each of [forget, lapse]) each.run(id);
      insert.run(id, secret, risk, fingerprint, JSON.stringify(targets), proposer, now);
    }
    const current = new Set(proposals.map(({ id }) => id));
    for (const entry of this.inState("open"))
      if (!current.has(entry.id) && !isUndecided(entry))
        this.end(entry.id, "withdrawn", "what it rested on has changed", now);
  }

  /** In the order of the states, then the oldest first. */
  inState(...states: readonly ProposalState[]): JournalEntry[] {
    const rows = this.#database.prepare("SELECT * FROM proposal ORDER BY proposed_at, id").all();
    return states.flatMap((state) => rows.filter((row) => row["state"] === state).map((row) => this.#entry(row)));
  }

  find(id: string): JournalEntry | undefined {
    const row = this.#database.prepare("SELECT * FROM proposal WHERE id = ?").get(id);
    return row && this.#entry(row);
  }

  /** When a healer last wrote, or tried to write, anything of a secret. */
  lastAttempt(secret: string): number | undefined {
    const row = this.#database.prepare("SELECT MAX(attempted_at) AS at FROM proposal WHERE secret = ?").get(secret);
    return typeof row?.["at"] === "number" ? row["at"] : undefined;
  }

  approve(id: string, approver: string, at: number): void {
    this.#database.prepare("INSERT OR IGNORE INTO approval VALUES (?, ?, ?)").run(id, approver, at);
  }

  sign(id: string, { digest, signer, names, key, at, until, proof }: Signature): void {
    // first: a signature that has none counts no more
    if (proof !== undefined)
      this.#database.prepare("INSERT OR IGNORE INTO proof VALUES (?, ?, ?)").run(digest, proof.text, proof.signature);
    this.#database
      .prepare("INSERT OR IGNORE INTO signature VALUES (?, ?, ?, ?, ?, ?, ?, 1)")
      .run(digest, id, signer, JSON.stringify(names), key, at, until);
  }

  /** Whether this text has approved something before. */
  isSigned(digest: string): boolean {
    return this.#database.prepare("SELECT 1 FROM signature WHERE digest = ?").get(digest) !== undefined;
  }

  begin(id: string, now: number): void {
    this.#database.prepare("UPDATE proposal SET state = 'applying', attempted_at = ? WHERE id = ?").run(now, id);
  }

  end(id: string, state: Extract<ProposalState, "done" | "failed" | "withdrawn">, reason: string, now: number): void {
    const attempted = state === "withdrawn" ? null : now;
    this.#database
      .prepare("UPDATE proposal SET state = ?, reason = ?, attempted_at = COALESCE(?, attempted_at) WHERE id = ?")
      .run(state, reason, attempted, id);
  }

  /** Drops what ended before a date. A text that was signed stays known: it must not count again. */
  forget(before: number): void {
    const old = "state NOT IN ('open', 'applying') AND COALESCE(attempted_at, proposed_at) < ?";
    this.#database.prepare(`DELETE FROM approval WHERE proposal IN (SELECT id FROM proposal WHERE ${old})`).run(before);
    this.#database.prepare(`DELETE FROM proposal WHERE ${old}`).run(before);
    const counting = "SELECT digest FROM signature WHERE counts = 1 AND proposal IN (SELECT id FROM proposal)";
    this.#database.prepare(`DELETE FROM proof WHERE digest NOT IN (${counting})`).run();
  }

  /** Whether the holder may heal until then; nobody else may while a lease lasts. */
  lease(holder: string, now: number, until: number): boolean {
    const { changes } = this.#database
      .prepare(
        `INSERT INTO lease VALUES (1, ?, ?) ON CONFLICT (one) DO UPDATE SET holder = excluded.holder, until = excluded.until
         WHERE lease.until <= ? OR lease.holder = excluded.holder`,
      )
      .run(holder, until, now);
    return changes > 0;
  }

  release(holder: string): void {
    this.#database.prepare("DELETE FROM lease WHERE holder = ?").run(holder);
  }

  #entry(row: Record<string, unknown>): JournalEntry {
    const id = String(row["id"]);
    const approvals = this.#database
      .prepare("SELECT approver, at FROM approval WHERE proposal = ? ORDER BY at, approver")
      .all(id);
    const signatures = this.#database
      .prepare(
        `SELECT signature.*, proof.text, proof.signature FROM signature LEFT JOIN proof USING (digest)
         WHERE proposal = ? AND counts = 1 ORDER BY at, digest`,
      )
      .all(id);
    return {
      id,
      secret: String(row["secret"]),
      risk: row["risk"] as Risk,
      fingerprint: String(row["fingerprint"]) as Fingerprint,
      targets: JSON.parse(String(row["targets"])) as Target[],
      state: row["state"] as ProposalState,
      proposer: String(row["proposer"]),
      proposedAt: Number(row["proposed_at"]),
      approvals: approvals.map(({ approver, at }) => ({ approver: String(approver), at: Number(at) })),
      signatures: signatures.map((each) => ({
        digest: String(each["digest"]),
        signer: String(each["signer"]),
        names: JSON.parse(String(each["names"])) as string[],
        key: String(each["key"]),
        at: Number(each["at"]),
        until: Number(each["until"]),
        ...(each["text"] !== null && {
          proof: { text: String(each["text"]), signature: String(each["signature"]) },
        }),
      })),
      ...(row["attempted_at"] === null ? {} : { attemptedAt: Number(row["attempted_at"]) }),
      ...(typeof row["reason"] === "string" ? { reason: row["reason"] } : {}),
    };
  }
}
