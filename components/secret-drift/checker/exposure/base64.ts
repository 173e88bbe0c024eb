import { gunzipSync } from "node:zlib";

const NO_DIGIT = 255;
const DIGITS = new Map(
  [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"].map((digit, value) => [digit, value]),
);
const VALUE_OF = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = String.fromCharCode(code).replace("-", "+").replace("_", "/");
  return DIGITS.get(digit) ?? NO_DIGIT;
});

/** One text that stands somewhere in base64. */
export interface EncodedText {
  /** Its first character, and the one after the last. */
  readonly from: number;
  readonly to: number;
  readonly decoded: string;
}

/** Shorter runs are words and names; the shortest values are found by their own forms. */
const SHORTEST = 20;
/** Characters of a line, where programs wrap: 76 by MIME, 64 by PEM. https://www.rfc-editor.org/rfc/rfc4648#section-3.1 */
const WRAPPED = { least: 56, most: 76 };
/** A line's end and what the next one is indented by, also where it stands in JSON. */
const LINE_END = /(?:\\r)?(?:\\n|\r?\n)[ \t]*/y;
/** Of what something compressed may become. */
const MOST_INFLATED = 16 * 1024 * 1024;

/** Everything in a text that is base64 of another text; hashes, keys and names are passed over. */
export function* encodedTexts(text: string): Generator<EncodedText> {
  for (let at = 0; at < text.length; at++) {
    const from = at;
    at = runEnd(text, from);
    if (at - from < SHORTEST || !mayHoldText(text, from)) continue;
    at = wrappedEnd(text, from, at);
    const decoded = decode(text.slice(from, at));
    if (decoded !== undefined) yield { from, to: at, decoded };
  }
}

function runEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && isDigit(text.charCodeAt(at))) at += 1;
  return at;
}

/** Where the last of its lines ends. */
function wrappedEnd(text: string, from: number, firstEnd: number): number {
  const width = firstEnd - from;
  if (width < WRAPPED.least || width > WRAPPED.most) return firstEnd;
  for (let end = firstEnd; ;) {
    LINE_END.lastIndex = end;
    const [gap] = LINE_END.exec(text) ?? [];
    if (gap === undefined) return end;
    const next = runEnd(text, end + gap.length);
    const length = next - end - gap.length;
    if (length === 0 || length > width) return end;
    end = next;
    if (length < width) return end;
  }
}

/** By its first six bytes: most runs are hashes or names, and decoding each of them would take longer than all the rest. */
function mayHoldText(text: string, from: number): boolean {
  const byteAt = (index: number) => {
    const digit = from + Math.floor((index * 4) / 3);
    const shift = 2 * (index % 3) + 2;
    return ((valueAt(text, digit) << shift) | (valueAt(text, digit + 1) >> (6 - shift))) & 255;
  };
  const first = byteAt(0);
  const second = byteAt(1);
  if (second === 0 || (first === 0x1f && second === 0x8b)) return true;
  for (let index = 0, following = 0; index < 6; index++) {
    const byte = byteAt(index);
    // https://www.rfc-editor.org/rfc/rfc3629#section-3
    const follows = byte >= 0x80 && byte < 0xc0;
    if (follows !== following > 0 || isOdd(byte)) return false;
    if (follows) following -= 1;
    else if (byte >= 0x80) following = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
  }
  return true;
}

function valueAt(text: string, at: number): number {
  return VALUE_OF[text.charCodeAt(at)] ?? NO_DIGIT;
}

function isDigit(code: number): boolean {
  return (VALUE_OF[code] ?? NO_DIGIT) !== NO_DIGIT;
}

function isOdd(byte: number): boolean {
  return byte < 9 || (byte > 13 && byte < 32) || byte === 127;
}

/** Its text, where it has one: hashes and keys do not. */
function decode(run: string): string | undefined {
  const digits = run.replaceAll(/\\[rn]|\s+/g, "");
  // what is text at all is so from the first bytes on
  const head = Buffer.from(digits.slice(0, 88), "base64");
  const isCompressed = head[0] === 0x1f && head[1] === 0x8b;
  const isWide = head.length >= 8 && head.every((byte, index) => index % 2 === 0 || byte === 0);
  if (!isCompressed && !isWide && !isText(head)) return undefined;
  const bytes = Buffer.from(digits, "base64");
  if (isWide) return bytes.toString("utf16le");
  if (!isCompressed) return bytes.toString("utf8");
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_INFLATED }).toString("utf8");
  } catch {
    return undefined;
  }
}

function isText(bytes: Buffer): boolean {
  if (bytes.some(isOdd)) return false;
  // the last character may be cut
  const characters = bytes.toString("utf8");
  return !characters.slice(0, -2).includes("\ufffd");
}
