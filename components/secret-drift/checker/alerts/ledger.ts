import type { AlertState } from "./state.ts";
import type { Subject } from "./subject.ts";

/** What a receiver is still to be told of a subject. */
export type Owed =
  | "nothing"
  /** That it is there: for the first time, again, or still. */
  | "opening"
  /** That it is over. */
  | "recovery"
  /** That it was there and is over: there was no telling it in time. */
  | "both";

/** What one receiver knows of one subject. Dates are milliseconds since 1970. */
export interface Entry {
  readonly subject: Subject;
  readonly owed: Owed;
  /** When it was last told that it is there; absent where it never was. */
  readonly toldAt?: number;
  /** When it was over; absent while it lasts. */
  readonly goneAt?: number;
  /** How often it has come up since it was last told. */
  readonly times: number;
}

/** A round has found it. */
export function present(entry: Entry | undefined, subject: Subject, now: number, repeat: number): Entry {
  if (entry === undefined) return { subject, owed: "opening", times: 1 };
  const { goneAt, ...before } = entry;
  if (goneAt === undefined) {
    const isReminder = entry.owed === "nothing" && isCool(entry, now, repeat);
    return { ...before, subject, owed: isReminder ? "opening" : entry.owed };
  }
  // they still believe that it is there, and it is
  if (entry.owed === "recovery") return { ...before, subject, owed: "nothing" };
  return { ...before, subject, owed: "opening", times: entry.times + 1 };
}

/** A round has looked for it, and it is gone. */
export function absent(entry: Entry, now: number): Entry {
  if (entry.goneAt !== undefined) return entry;
  return { ...entry, goneAt: now, owed: entry.times > 0 ? "both" : "recovery" };
}

/** It has happened, and does not last. */
export function happened(entry: Entry | undefined, subject: Subject): Entry {
  return { ...entry, subject, owed: "opening", goneAt: subject.since, times: (entry?.times ?? 0) + 1 };
}

/** Whether it may be told now: that it is there once in a cool-down, that it is over at once. */
export function isDue(entry: Entry, now: number, repeat: number): boolean {
  if (entry.owed === "nothing") return false;
  return entry.owed === "recovery" || isCool(entry, now, repeat);
}

export function told(entry: Entry, now: number): Entry {
  const toldAt = entry.owed === "recovery" ? (entry.toldAt ?? now) : now;
  return { ...entry, owed: "nothing", toldAt, times: 0 };
}

/** Whether nothing of it needs to be remembered: what comes up again is told at once, as if it were new. */
export function isSettled(entry: Entry, now: number, repeat: number): boolean {
  return entry.owed === "nothing" && entry.goneAt !== undefined && isCool(entry, now, repeat);
}

function isCool({ toldAt }: Entry, now: number, repeat: number): boolean {
  // a clock that was set back must not silence it
  return toldAt === undefined || now < toldAt || now - toldAt >= repeat;
}

/** The entries of one receiver in one round, of which only those that change are written. */
export class Ledger {
  readonly #state: AlertState;
  readonly #receiver: string;
  readonly #now: number;
  readonly #repeat: number;
  readonly #before: ReadonlyMap<string, Entry>;
  readonly #entries: Map<string, Entry>;

  constructor(state: AlertState, receiver: string, now: number, repeat: number) {
    this.#state = state;
    this.#receiver = receiver;
    this.#now = now;
    this.#repeat = repeat;
    this.#before = state.entries(receiver);
    this.#entries = new Map(this.#before);
  }

  /** Of what is no longer theirs to hear, nothing is told: it is not over. */
  lasting(subjects: readonly Subject[], isTheirs: (subject: Subject) => boolean, isUnknown: (key: string) => boolean) {
    const all = new Set(subjects.map(({ key }) => key));
    for (const subject of subjects) {
      if (isTheirs(subject)) this.#set(present(this.#entries.get(subject.key), subject, this.#now, this.#repeat));
      else this.#entries.delete(subject.key);
    }
    for (const [key, entry] of this.#entries)
      if (!all.has(key) && entry.subject.type !== "healing" && !isUnknown(key)) this.#set(absent(entry, this.#now));
  }

  happened(subject: Subject): void {
    this.#set(happened(this.#entries.get(subject.key), subject));
  }

  /** It came and went without a round that we have heard of. */
  missed(subject: Subject, at: number): void {
    if (this.#entries.has(subject.key)) return;
    this.#set(absent(present(undefined, subject, at, this.#repeat), at));
  }

  save(): void {
    for (const [key, entry] of this.#entries)
      if (isSettled(entry, this.#now, this.#repeat)) this.#entries.delete(key);
      else if (JSON.stringify(entry) !== JSON.stringify(this.#before.get(key))) this.#state.save(this.#receiver, entry);
    for (const key of this.#before.keys()) if (!this.#entries.has(key)) this.#state.drop(this.#receiver, key);
  }

  #set(entry: Entry): void {
    this.#entries.set(entry.subject.key, entry);
  }
}
