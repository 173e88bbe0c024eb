import { counted } from "../counted.ts";
import type { JournalEntry } from "../healing/journal.ts";
import type { Entry } from "./ledger.ts";
import { type Group, type Line, type Message, type Span, clipped, moment, name, sentence } from "./message.ts";
import { type DriftSubject, RANKS, type Subject } from "./subject.ts";

/** What a message is made of. */
export interface Content {
  /** What is due, of one receiver. */
  readonly due: readonly Entry[];
  /** Drifts that last, those that were told before included. */
  readonly open: number;
  /** Proposals that nobody has applied or withdrawn. */
  readonly proposals: readonly JournalEntry[];
  /** Whether one may be applied as it is. */
  readonly isApproved: (proposal: JournalEntry) => boolean;
  readonly source: { readonly store: string; readonly scope: string };
  readonly repeatAfterHours: number;
  /** When a message with the same in it was sent, of which nobody knows whether it arrived. */
  readonly mayRepeat?: number;
}

interface Told<T extends Subject> extends Entry {
  readonly subject: T;
}

/** Puts what is due into words. */
export function compose(content: Content): Message {
  const { due, open, repeatAfterHours, mayRepeat } = content;
  const openings = due.filter(({ owed }) => owed === "opening");
  const drifts = openings.filter((entry) => isOf(entry, "drift"));
  const groups = [...Map.groupBy(drifts, ({ subject }) => groupOf(subject)).values()].sort(byRisk);
  const troubles = openings.filter((entry) => isOf(entry, "trouble"));
  const healings = due.filter((entry) => isOf(entry, "healing"));
  const over = due.filter(({ owed }) => owed === "recovery" || owed === "both");
  const parts = [
    ...notInStep(groups.flatMap(([first]) => first?.subject ?? [])),
    counts(troubles.length, "trouble"),
    counts(healings.filter(({ subject }) => subject.result === "failed").length, "healing", " failed"),
    counts(healings.filter(({ subject }) => subject.result === "done").length, "healing", " done"),
    counts(over.length, "finding", " resolved"),
  ].filter((part) => part !== "");
  return {
    title: parts.join(", "),
    intro:
      mayRepeat === undefined
        ? []
        : [[`This may repeat a message of ${moment(mayRepeat)}, of which nobody knows whether it arrived.`]],
    secrets: groups.map((group) => secretGroup(group, content)),
    others: [
      listed("Troubles", "trouble", troubles.map(troubleLine)),
      listed("Healing", "healing", healings.map(healingLine)),
      listed("Resolved", "finding", over.map(overLine)),
    ].filter(({ lines }) => lines.length > 0),
    footer: [[...openNow(open), ` What lasts, or comes back, is told again after ${repeatAfterHours} h.`]],
  };
}

/** What `alert-test` sends. */
export function testMessage(receiver: string, at: number): Message {
  return {
    title: "Test of the secret-drift alerts",
    intro: [
      ["Nothing is wrong: somebody has run ", { code: "groundwork secrets alert-test" }, ` at ${moment(at)}.`],
      ["The receiver ", name(receiver), " gets what its routes in the mapping let through."],
    ],
    secrets: [],
    others: [],
    footer: [],
  };
}

function openNow(open: number): Line {
  if (open === 0) return ["No drift is open now."];
  const [are, them] = open === 1 ? ["is", "it"] : ["are", "them"];
  return [`${counted(open, "drift")} ${are} open in all: `, { code: "groundwork secrets check" }, ` lists ${them}.`];
}

function isOf<T extends Subject["type"]>(entry: Entry, type: T): entry is Told<Extract<Subject, { type: T }>> {
  return entry.subject.type === type;
}

function listed(title: string, noun: string, lines: readonly Line[]): Group {
  return { title: [{ strong: title }], lines, after: [], noun };
}

function counts(count: number, what: string, how = ""): string {
  return count === 0 ? "" : `${counted(count, what)}${how}`;
}

/** With the name of the riskiest: some read no more than this. */
function notInStep(firsts: readonly DriftSubject[]): string[] {
  const known = firsts.filter(({ property }) => property !== undefined);
  const strange = counts(firsts.length - known.length, "scope", " with unknown names");
  const [worst] = known;
  if (worst === undefined) return [strange];
  const others = known.length > 1 ? ", …" : "";
  return [`${counted(known.length, "secret")} not in step (${worst.risk} risk: ${worst.secret}${others})`, strange];
}

/** By secret; what the mapping does not know by where it is. */
function groupOf({ property, secret, place }: DriftSubject): string {
  return JSON.stringify(property === undefined ? [place.store, place.scope] : [secret]);
}

/** The riskiest first, and what is older before what is newer. */
function byRisk(some: readonly Told<DriftSubject>[], others: readonly Told<DriftSubject>[]): number {
  const [a, b] = [some[0]?.subject, others[0]?.subject];
  if (a === undefined || b === undefined) return 0;
  return RANKS[b.risk] - RANKS[a.risk] || a.since - b.since || (a.key < b.key ? -1 : 1);
}

function secretGroup(entries: readonly Told<DriftSubject>[], content: Content): Group {
  const [first] = entries;
  if (first === undefined) throw new Error("a group without drifts");
  const { secret, property, place, risk, owners } = first.subject;
  const belongs = owners.length === 0 ? "nobody's" : `of ${owners.join(", ")}`;
  const what: Line =
    property === undefined ? ["unknown names in ", name(place.store), " ", name(place.scope)] : [name(secret)];
  const todos = entries.map(({ subject }) => todo(subject, content));
  return {
    title: [{ strong: `${risk} risk` }, ": ", ...what, ", ", sentence(belongs)],
    lines: entries.map((entry) => driftLine(entry)),
    after: [...new Map(todos.map((line) => [JSON.stringify(line), line])).values()],
    noun: property === undefined ? "name" : "place",
  };
}

function driftLine({ subject, toldAt, times }: Told<DriftSubject>): Line {
  const { kind, place, since, evidence, property } = subject;
  const status = toldAt === undefined ? "" : times > 0 ? `, again: ${came(times)} since it was told` : ", still";
  const where: Line = property === undefined ? [name(place.name)] : placeLine(place);
  return [{ strong: kind }, " ", ...where, ` since ${moment(since)}${status}: `, sentence(evidence)];
}

function placeLine({ store, scope, name: inStore }: DriftSubject["place"]): Line {
  return [name(store), " ", name(scope), " ", name(inStore)];
}

function troubleLine({ subject, toldAt, times }: Told<Extract<Subject, { type: "trouble" }>>): Line {
  const status = toldAt === undefined ? "" : times > 0 ? `again, ${came(times)} since it was told: ` : "still: ";
  return [`${moment(subject.since)}: ${status}`, sentence(subject.text)];
}

function healingLine({ subject, times }: Told<Extract<Subject, { type: "healing" }>>): Line {
  const { secret, id, result, reason } = subject;
  const often = times > 1 ? ` ${times} times` : "";
  return [{ strong: `${result}${often}` }, " ", name(secret), " (", name(id), "): ", sentence(reason)];
}

function overLine({ subject, owed, goneAt, times }: Entry): Line {
  const until = goneAt === undefined ? "" : ` until ${moment(goneAt)}`;
  const between = `from ${moment(subject.since)}${until}`;
  const often = times > 1 ? `, ${came(times)}` : "";
  const late = owed === "both" ? ` (came and went before it could be told${often})` : "";
  if (subject.type !== "drift") {
    const text = subject.type === "trouble" ? subject.over : subject.reason;
    return [sentence(text), `, it was not ${between}${late}`];
  }
  const { secret, kind, place } = subject;
  const where = kind === "extra" ? [name(place.store), " ", name(place.scope)] : placeLine(place);
  return [name(secret), ` was ${kind} in `, ...where, ` ${between}${late}`];
}

function came(times: number): string {
  return times === 1 ? "once" : `${times} times`;
}

/** What somebody can do about it. */
function todo({ kind, secret, property, place }: DriftSubject, { proposals, isApproved, source }: Content): Line {
  if (kind === "extra" || property === undefined)
    return ["To do: delete them there, map them, or except them under ", { code: "managed" }, " in the mapping."];
  if (kind === "stale" || (place.store === source.store && place.scope === source.scope && kind !== "unreadable"))
    return ["To do: ", { code: `groundwork secrets set ${clipped(property, 100)}` }, " gives it a new value."];
  const proposal = proposals.find((each) => each.secret === secret);
  if (proposal !== undefined) return proposed(proposal, isApproved(proposal));
  if (kind === "unreadable") return ["To do: let the checker's credential read it there."];
  return ["To do: ", { code: "groundwork secrets heal" }, " tells what would mend it."];
}

function proposed(proposal: JournalEntry, isApproved: boolean): Line {
  const apply: Span = { code: "groundwork secrets heal --apply" };
  if (isApproved) return ["To do: ", apply, " mends it."];
  const who = proposal.risk === "high" ? [" by somebody else than ", name(proposal.proposer)] : [];
  return ["To do: ", { code: `groundwork secrets approve ${proposal.id}` }, ...who, ", then ", apply, "."];
}
