import { createHash } from "node:crypto";

const MINUTE = 60_000;

/**
 * How long an answer of each kind holds, in milliseconds: sophia asks for 1 to 15 min by kind of content, 5 by default.
 * What changes by itself is asked again soon; what was true yesterday is kept longest.
 */
export const TIME_TO_LIVE = {
  live: MINUTE,
  creative: 2 * MINUTE,
  general: 5 * MINUTE,
  code: 10 * MINUTE,
  reference: 15 * MINUTE,
} as const;

export type Kind = keyof typeof TIME_TO_LIVE;
export const KINDS = Object.keys(TIME_TO_LIVE) as Kind[];

/** The first that matches decides: a question about today's error is about today. */
const SIGNS: readonly (readonly [Kind, RegExp])[] = [
  ["live", /\b(today|tonight|now|currently?|latest|recent|live|news|weather|prices?|status|this (week|month|year))\b/i],
  [
    "code",
    /`|\b(code|function|class|compile|exception|stack trace|regex|sql|typescript|javascript|python|rust|bash)\b/i,
  ],
  ["creative", /\b(write|compose|invent|imagine|poem|story|slogan|rewrite|draft)\b/i],
  ["reference", /\b(define|definition|meaning|what (is|are|was|were)|who (is|was)|when (was|did)|how many|explain)\b/i],
];

export interface Query {
  readonly kind: Kind;
  /** The form that is answered and looked up. */
  readonly text: string;
  /** Under which its answer is kept. A hash, so that nobody reads questions from the keys of a Redis. */
  readonly key: string;
}

/** Two questions that differ in nothing that matters get the same key. */
export function readQuery(question: string, kind: Kind = kindOf(question)): Query {
  const text = normalise(question, kind);
  const key = createHash("sha256").update(`${kind}\0${text}`).digest("hex");
  return { kind, text, key };
}

export function kindOf(question: string): Kind {
  return SIGNS.find(([, sign]) => sign.test(question))?.[0] ?? "general";
}

/**
 * One spelling for what Unicode, keyboards and habits write in several ways: compatible characters, invisible ones,
 * white space, typographic quotes, the case, and punctuation at the ends. In code the case and the punctuation count.
 */
export function normalise(question: string, kind: Kind): string {
  const text = question
    .normalize("NFKC")
    .replaceAll(/\p{Cf}/gu, "")
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .replaceAll(/[\u2018\u2019]/g, "'")
    .replaceAll(/[\u201c\u201d]/g, '"')
    .trim();
  if (kind === "code") return text;
  // lower case may bring characters that NFKC composes, and without the ends a space may be left
  return trimEnds(text.toLowerCase().normalize("NFKC"));
}

const END = /[\s!?.,;:]/;

function trimEnds(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && END.test(text.charAt(start))) start++;
  while (end > start && END.test(text.charAt(end - 1))) end--;
  // a question of nothing but punctuation stays what it is
  return start === end ? text : text.slice(start, end);
}
