import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { encodedTexts } from "./base64.ts";
import type { Encoding } from "./encodings.ts";
import type { Needles } from "./needles.ts";
import type { Rules } from "./rules.ts";

/** The rule by which an exposed managed value is told. */
export const MANAGED = "managed-value";

/** Something in a text that should not be there. No part of it is in this. */
export interface Sighting {
  /** {@link MANAGED}, or the rule that says so. */
  readonly rule: string;
  /** Id of the secret whose value it is; absent where only a rule says that it is one. */
  readonly secret?: string;
  readonly encoding: Encoding;
  /** From 1; of the beginning, where it has several. */
  readonly line: number;
  /** Tells one text from another, by a keyed fingerprint. */
  readonly mark: string;
}

/** What is looked for. */
export interface Finders {
  readonly needles?: Needles;
  readonly rules?: Rules;
  /** The keyed fingerprint of a text. */
  readonly mark: (text: string) => string;
}

export interface Scanned {
  readonly sightings: readonly Sighting[];
  /** As they were read, after what was compressed is not. */
  readonly bytes: number;
  /** Only managed values were looked for: rules read text. */
  readonly binary: boolean;
}

/** What is looked at together, in bytes: memory stays the same, whatever the size of a file. */
const WINDOW = 1024 * 1024;
/** More than the longest thing that is looked for: a private key of 16,384 bits has 12.6 kB. */
const OVERLAP = 16 * 1024;
/** In how many bytes git looks for a zero. https://git-scm.com/docs/gitattributes#_marking_files_as_binary */
const TELLS_BINARY = 8_000;
/** Of what one compressed file may become, so that a small one cannot keep us for ever. */
const MOST_INFLATED = 1024 * 1024 * 1024;
/** A release of Helm is encoded twice; nobody was seen to do it more often. */
const DEPTH = 3;

/** Looks for everything in a stream of bytes, window by window. */
export async function scanBytes(source: AsyncIterable<Uint8Array>, finders: Finders): Promise<Scanned> {
  let pending: Uint8Array[] = [];
  let held = 0;
  let bytes = 0;
  let line = 0;
  let binary: boolean | undefined;
  const sightings = new Map<string, Sighting>();
  const look = async (window: Buffer, cut: number) => {
    binary ??= window.subarray(0, TELLS_BINARY).includes(0);
    for (const hit of await hitsIn(window, cut, binary ? withoutRules(finders) : finders)) keep(sightings, hit, line);
    line += lineBreaks(window, 0, cut);
  };
  for await (const chunk of plain(source)) {
    pending.push(chunk);
    held += chunk.length;
    bytes += chunk.length;
    if (held < WINDOW + OVERLAP) continue;
    const window = Buffer.concat(pending);
    const cut = cutOf(window);
    await look(window, cut);
    pending = [window.subarray(cut)];
    held = window.length - cut;
  }
  const rest = Buffer.concat(pending);
  await look(rest, rest.length);
  return { sightings: [...sightings.values()], bytes, binary: binary === true };
}

/** Looks for everything in a short text. */
export async function scanText(text: string, finders: Finders): Promise<readonly Sighting[]> {
  const bytes = Buffer.from(text);
  const sightings = new Map<string, Sighting>();
  for (const hit of await hitsIn(bytes, bytes.length, finders)) keep(sightings, hit, 0);
  return [...sightings.values()];
}

function withoutRules({ needles, mark }: Finders): Finders {
  return { mark, ...(needles !== undefined && { needles }) };
}

/** Where the next window begins: at a line's end where there is one, so that nothing is cut in the middle. */
function cutOf(window: Buffer): number {
  const end = window.lastIndexOf("\n", window.length - OVERLAP);
  return end > window.length / 2 ? end + 1 : window.length - OVERLAP;
}

/** A line counts from 0 here, from the window's beginning. */
interface Hit extends Sighting {
  /** What it is part of spans lines until this one. */
  readonly until?: number;
}

/** What begins before the cut: the rest is the next window's. */
async function hitsIn(window: Buffer, cut: number, finders: Finders, depth = 0): Promise<Hit[]> {
  const direct = valuesIn(window, cut, finders);
  if (finders.rules === undefined && finders.needles !== undefined && window.subarray(0, TELLS_BINARY).includes(0))
    return direct;
  const text = window.toString("utf8");
  const textCut = cut === window.length ? text.length : window.toString("utf8", 0, cut).length;
  const ruled = await ruledIn(text, textCut, finders);
  const within = depth < DEPTH ? await hitsWithin(text, textCut, finders, depth) : [];
  const known = direct.concat(ruled);
  return known.concat(within.filter((hit) => !known.some((other) => isPartOf(other, hit))));
}

/** What was found as it stands is not told again because it was also found by decoding it. */
function isPartOf(other: Hit, { rule, secret, mark, line, until = line }: Hit): boolean {
  return (
    other.rule === rule && other.secret === secret && other.mark === mark && other.line >= line && other.line <= until
  );
}

function valuesIn(window: Buffer, cut: number, { needles }: Finders): Hit[] {
  if (needles === undefined) return [];
  const hits: Hit[] = [];
  let line = 0;
  let counted = 0;
  for (const { start, secrets, encoding, lineOf } of needles.search(window).sort((a, b) => a.start - b.start)) {
    if (start >= cut) break;
    line += lineBreaks(window, counted, start);
    counted = start;
    for (const secret of secrets) hits.push({ rule: MANAGED, secret, encoding, line: line - lineOf, mark: secret });
  }
  return hits;
}

async function ruledIn(text: string, cut: number, { rules, mark }: Finders): Promise<Hit[]> {
  const matches = (await rules?.find(text)) ?? [];
  return matches
    .filter(({ start }) => start < cut)
    .map(({ rule, start, end, line }) => ({ rule, encoding: "plain", line, mark: mark(text.slice(start, end)) }));
}

/** What is inside of base64. All that was decoded is looked at together, since each look has its price. */
async function hitsWithin(text: string, cut: number, finders: Finders, depth: number): Promise<Hit[]> {
  const runs: { readonly from: number; readonly to: number; readonly firstLine: number }[] = [];
  const texts: string[] = [];
  let lines = 0;
  for (const { from, to, decoded } of encodedTexts(text)) {
    if (from >= cut) break;
    runs.push({ from, to, firstLine: lines });
    texts.push(decoded);
    lines += textLines(decoded) + 1;
  }
  if (runs.length === 0) return [];
  const bytes = Buffer.from(texts.join("\n"));
  const lineAt = lineCounter(text);
  const places = runs.map(({ from, to }) => ({ line: lineAt(from), until: lineAt(to) }));
  return (await hitsIn(bytes, bytes.length, finders, depth + 1)).flatMap((hit) => {
    const place = places[runs.findLastIndex(({ firstLine }) => firstLine <= hit.line)];
    return place === undefined ? [] : [{ ...hit, ...place, encoding: "base64" as const }];
  });
}

/** From compressed or wide to the bytes of a text; anything else as it is. */
async function* plain(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const all = prepend(first.value, chunks);
  const [a, b] = first.value;
  if (a === 0x1f && b === 0x8b) yield* inflated(all);
  else if (a === 0xff && b === 0xfe) yield* recoded(all, "utf-16le");
  else if (a === 0xfe && b === 0xff) yield* recoded(all, "utf-16be");
  else yield* all;
}

async function* prepend(first: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* { [Symbol.asyncIterator]: () => rest };
}

/** What is broken is looked at as far as it goes. */
async function* inflated(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  const gunzip = Readable.from(source, { objectMode: false }).pipe(createGunzip());
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      yield chunk;
      bytes += chunk.length;
      if (bytes > MOST_INFLATED) return;
    }
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith("Z_")) throw error;
  }
}

async function* recoded(source: AsyncIterable<Uint8Array>, from: string): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(from);
  for await (const chunk of source) yield Buffer.from(decoder.decode(chunk, { stream: true }));
  yield Buffer.from(decoder.decode());
}

function keep(sightings: Map<string, Sighting>, hit: Hit, before: number): void {
  const { rule, secret, encoding, mark } = hit;
  const line = Math.max(1, before + hit.line + 1);
  const key = JSON.stringify([rule, secret, mark, line]);
  if (sightings.has(key)) return;
  sightings.set(key, { rule, ...(secret !== undefined && { secret }), encoding, line, mark });
}

function lineBreaks(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(10, from); at !== -1 && at < to; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

function textLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}

/** Counts on from where it was asked last: the places have to be asked for in their order. */
function lineCounter(text: string): (at: number) => number {
  let line = 0;
  let counted = -1;
  return (at) => {
    for (let next = text.indexOf("\n", counted + 1); next !== -1 && next < at; next = text.indexOf("\n", next + 1)) {
      line += 1;
      counted = next;
    }
    return line;
  };
}
