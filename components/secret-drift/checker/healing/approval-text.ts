import type { JournalEntry } from "./journal.ts";

const TITLE = "groundwork secrets approval, version 1";
const HOUR = 60 * 60 * 1000;
/** How long an approval holds unless it says otherwise, in hours. */
export const HOURS = 24;
/** In hours: what was true a week ago is to be looked at again. */
export const MOST_HOURS = 7 * 24;

/**
 * What is signed: all that a proposal does, each fact on a line of its own, in ASCII, so that what is read is what is there.
 * One proposal and one date have one text only; a proposal that is made again has another.
 */
export function approvalText(entry: JournalEntry, until: number): string {
  const { id, secret, risk, fingerprint, proposer, proposedAt, targets } = entry;
  const places = targets.map(({ place: { store, scope, name }, found }) => {
    const { exists, fingerprint: had, updatedAt, version } = found;
    return line("place", { store, scope, name, found: { exists, fingerprint: had, updatedAt, version } });
  });
  return [
    TITLE,
    line("proposal", id),
    line("secret", secret),
    line("risk", risk),
    line("fingerprint", fingerprint),
    line("proposer", proposer),
    line("proposed", new Date(proposedAt).toISOString()),
    ...places,
    line("expires", new Date(until).toISOString()),
    "",
  ].join("\n");
}

/** When an approval that is written now ends, in milliseconds since 1970. */
export function expiry(now: number, hours: number): number {
  return now + hours * HOUR;
}

/** What a text says that it approves, and until when; nothing where it is no approval. */
export function readApproval(text: string): { readonly proposal: string; readonly until: number } | undefined {
  const [, proposal] = /^[^\n]*\nproposal: "([0-9a-f]{12})"\n/.exec(text) ?? [];
  const [, expires = ""] = /\nexpires: "(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"\n$/.exec(text) ?? [];
  const until = Date.parse(expires);
  if (!text.startsWith(`${TITLE}\n`) || proposal === undefined || Number.isNaN(until)) return undefined;
  return { proposal, until };
}

/** Letters that look like others, or turn the line round, are written by their number. */
function line(key: string, value: unknown): string {
  const json = JSON.stringify(value).replace(/[^\x20-\x7e]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `${key}: ${json}`;
}
