/** How a value stands where it was found. */
export type Encoding =
  | "plain"
  /** Wherever in a longer text that was encoded it began, and also what was inside of such a text. */
  | "base64"
  | "url"
  /** Once, or twice as in JSON that stands in JSON. */
  | "json"
  | "hex"
  | "xml"
  | "shell"
  /** A quote that is doubled, as YAML and SQL do. */
  | "doubled-quote"
  /** One of its lines: what has several is indented or joined anew wherever it is put. */
  | "line";

/** Raised when other forms are made: what was searched for the former ones has to be searched again. */
export const FORMS_VERSION = 1;

export interface Form {
  readonly encoding: Encoding;
  readonly bytes: Buffer;
  /** Which of the value's lines it is, from 0; absent where it is the whole value. */
  readonly lineOf?: number;
}

/** Of a long value so much is looked for; as many bytes never agree by chance. */
const LONGEST = 1_024;
/** Characters of a line below which it may stand in anybody's file. */
const LEAST_LINE = 32;
const LINES = 8;

/** Every form in which programs write a value down, each once. */
export function formsOf(value: string): Form[] {
  const texts: [Encoding, string][] = [
    ["plain", value],
    ...each("json", jsonForms(value)),
    ...each("url", urlForms(value)),
    ...each("base64", base64Forms(Buffer.from(value))),
    // as Windows writes texts, and PowerShell the scripts that it is given
    ...each("base64", base64Forms(Buffer.from(value, "utf16le"))),
    ...each("hex", [Buffer.from(value).toString("hex"), Buffer.from(value).toString("hex").toUpperCase()]),
    ...each("xml", xmlForms(value)),
    ["shell", value.replaceAll("'", String.raw`'\''`)],
    ["shell", value.replaceAll(/[^\w@%+=:,./-]/g, String.raw`\$&`)],
    // bash's own printf %q: commas too, but only a first # or ~
    ["shell", value.replaceAll(/^[#~]|[^\w@%+=:./#~-]/g, String.raw`\$&`)],
    ["doubled-quote", value.replaceAll("'", "''")],
  ];
  const forms = new Map<string, Form>();
  for (const [encoding, text] of texts) {
    const bytes = Buffer.from(text).subarray(0, LONGEST);
    const key = bytes.toString("latin1");
    if (!forms.has(key)) forms.set(key, { encoding, bytes });
  }
  return [...forms.values(), ...linesOf(value)];
}

function each(encoding: Encoding, texts: readonly string[]): [Encoding, string][] {
  return texts.map((text) => [encoding, text]);
}

function jsonForms(value: string): string[] {
  const plain = JSON.stringify(value).slice(1, -1);
  // Go's encoding/json escapes what HTML would take for its own. https://pkg.go.dev/encoding/json#HTMLEscape
  const go = plain.replaceAll(/[<>&]/g, escaped);
  // Python's escapes whatever is not ASCII. https://docs.python.org/3/library/json.html#basic-usage
  const ascii = plain.replaceAll(/[^\0-\x7f]/g, escaped);
  // PHP's escapes slashes. https://www.php.net/manual/en/json.constants.php#constant.json-unescaped-slashes
  const once = [plain, go, ascii, ascii.replaceAll("/", String.raw`\/`), plain.replaceAll("/", String.raw`\/`)];
  return [...once, ...once.map((text) => JSON.stringify(text).slice(1, -1))];
}

function escaped(unit: string): string {
  return String.raw`\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function urlForms(value: string): string[] {
  const texts = [
    encodeURIComponent(wellFormed(value)),
    encodeURI(wellFormed(value)),
    // without the exceptions that encodeURIComponent makes. https://www.rfc-editor.org/rfc/rfc3986#section-2.2
    encodeURIComponent(wellFormed(value)).replaceAll(/[!'()*]/g, percent),
    // of forms. https://url.spec.whatwg.org/#application/x-www-form-urlencoded
    new URLSearchParams({ v: value }).toString().slice(2),
  ];
  return [...texts, ...texts.map((text) => text.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()))];
}

/** Half a character cannot be encoded; it is replaced, as everybody who encodes it does. */
function wellFormed(value: string): string {
  return value.toWellFormed();
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Of each of the three places where it may begin in a longer text, the digits that do not depend on what stands around it. */
function base64Forms(value: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const digits = Buffer.concat([Buffer.alloc(offset), value])
      .toString("base64")
      .replace(/=+$/, "");
    const bits = 8 * (offset + value.length);
    const inside = digits.slice(Math.ceil((8 * offset) / 6), Math.floor(bits / 6));
    const urlSafe = inside.replaceAll("+", "-").replaceAll("/", "_");
    return [inside, urlSafe, encodeURIComponent(inside)];
  });
}

function xmlForms(value: string): string[] {
  const text = value.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const quoted = text.replaceAll('"', "&quot;");
  return [text, quoted, ...["&#39;", "&apos;", "&#x27;"].map((quote) => quoted.replaceAll("'", quote))];
}

/** The longest of its lines, where it has several; a key's first line says only what kind of key it is. */
function linesOf(value: string): Form[] {
  const first = value.startsWith("-----BEGIN") ? 2 : 1;
  return value
    .split("\n")
    .map((line, lineOf) => ({ text: line.trim(), lineOf }))
    .slice(first)
    .filter(({ text }) => text.length >= LEAST_LINE && !text.startsWith("-----"))
    .sort((a, b) => b.text.length - a.text.length)
    .slice(0, LINES)
    .map(({ text, lineOf }) => ({ encoding: "line", bytes: Buffer.from(text).subarray(0, LONGEST), lineOf }));
}

/** In bits: a random text of ten characters has some 33, `postgres` 22. */
const LEAST_BITS = 28;
/** Shorter ones stand in any text. */
const LEAST_LENGTH = 8;

/** Why a value is not looked for: it would be found in texts that have nothing to do with it. `undefined`: it can be. */
export function tooCommon(value: string, minimumLength: number): string | undefined {
  const least = Math.max(minimumLength, LEAST_LENGTH);
  if (value.length < least) return `it is shorter than ${least} characters`;
  return bitsOf(value) < LEAST_BITS ? "it is too regular to be told from ordinary text" : undefined;
}

/** Shannon's entropy of its characters, times how many there are. */
export function bitsOf(value: string): number {
  const counts = new Map<string, number>();
  for (const character of value) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts.values()].reduce((bits, count) => bits - count * Math.log2(count / value.length), 0);
}
