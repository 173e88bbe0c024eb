import { counted } from "../counted.ts";

/** A piece of a line, before anybody has decided how it looks. Names go in `code`, so that nothing in them is taken for anything else. */
export type Span = string | { readonly code: string } | { readonly strong: string };
export type Line = readonly Span[];

/** Some lines that belong together. */
export interface Group {
  readonly title: Line;
  /** May be cut where there is no room for all of them. */
  readonly lines: readonly Line[];
  /** What stays, however many of them are cut. */
  readonly after: readonly Line[];
  /** What one of the lines is about, to count those that are cut. */
  readonly noun: string;
}

/** What is sent, before it is made a Slack message or a mail. Nothing in it is escaped. */
export interface Message {
  /** What it says in a few words. */
  readonly title: string;
  readonly intro: readonly Line[];
  /** One for each secret, the riskiest first; those at the end may be cut. */
  readonly secrets: readonly Group[];
  /** Everything else. */
  readonly others: readonly Group[];
  readonly footer: readonly Line[];
}

/** What there is room for. */
export interface Room {
  readonly secrets: number;
  readonly lines: number;
  /** Characters of one group, as they are rendered. */
  readonly group: number;
  /** Characters of all groups. */
  readonly all: number;
}

/** A message that fits, with a count of what does not. */
export interface Fitted extends Message {
  /** Nothing where every secret is there. */
  readonly more?: string;
}

/** Least characters for a group that is not about a secret: enough for its title, one line and a count. */
const LEAST = 1_000;

/** Leaves out what there is no room for, and says how much that is. */
export function fit(message: Message, room: Room, length: (line: Line) => number): Fitted {
  let left = room.all - LEAST * message.others.length;
  const secrets: Group[] = [];
  for (const secret of message.secrets) {
    if (secrets.length >= room.secrets) break;
    const fitted = cut(secret, room.lines, Math.min(room.group, left), length);
    if (fitted.lines.length === 0) break;
    secrets.push(fitted);
    left -= size(fitted, length);
  }
  const others = message.others.map((other) => {
    const fitted = cut(other, room.lines, Math.min(room.group, left + LEAST), length);
    left -= Math.max(0, size(fitted, length) - LEAST);
    if (fitted.lines.length > 0 || other.lines.length === 0) return fitted;
    return { ...fitted, lines: [more(other, other.lines.length)] };
  });
  const missing = message.secrets.length - secrets.length;
  return { ...message, secrets, others, ...(missing > 0 && { more: `and ${counted(missing, "more secret")}` }) };
}

/** Keeps the lines that there is room for, and counts the others; none where there is no room for one and a count. */
function cut(group: Group, most: number, room: number, length: (line: Line) => number): Group {
  let left = room - size({ ...group, lines: [] }, length);
  const { lines } = group;
  let kept = 0;
  for (const [index, line] of lines.entries()) {
    const rest = lines.length - index - 1;
    const needed = length(line) + 1 + (rest === 0 ? 0 : length(more(group, rest)) + 1);
    if (index >= most || needed > left) break;
    left -= length(line) + 1;
    kept += 1;
  }
  if (kept === 0 || kept === lines.length) return { ...group, lines: lines.slice(0, kept) };
  return { ...group, lines: [...lines.slice(0, kept), more(group, lines.length - kept)] };
}

function more({ noun }: Group, count: number): Line {
  return [`and ${counted(count, `more ${noun}`)}`];
}

function size({ title, lines, after }: Group, length: (line: Line) => number): number {
  return [title, ...lines, ...after].reduce((sum, line) => sum + length(line) + 1, 0);
}

/** Characters of a name or a sentence that are shown. */
const NAME = 100;
const SENTENCE = 240;
/** What is not seen, or turns what follows around. https://www.unicode.org/reports/tr36/#Bidirectional_Text_Spoofing */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}]+/gu;

/** A name as it is, of which nothing is taken for anything else. */
export function name(text: string): Span {
  return { code: clipped(text, NAME) };
}

/** A sentence of ours, which may quote a name: where that has signs that a message would take for its own, all of it is shown as it is. */
export function sentence(text: string): Span {
  const shown = clipped(text, SENTENCE);
  return /[*_~`]/.test(shown) ? { code: shown } : shown;
}

/** The end of a name tells more than its middle. */
export function clipped(text: string, most: number): string {
  const seen = [...text.toWellFormed().replaceAll(UNSEEN, "\uFFFD")];
  if (seen.length <= most) return seen.join("");
  const end = Math.floor(most / 4);
  return [...seen.slice(0, most - end - 1), "…", ...seen.slice(-end)].join("");
}

/** To the minute; UTC, because who reads it may be anywhere. */
export function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
