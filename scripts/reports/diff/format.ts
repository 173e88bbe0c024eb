import type { Range } from "@groundwork/lib/capacity-report";
import type { Side } from "@groundwork/lib/diff-report";

/** What stands between before and after, the same in all formats. */
export const ARROW = "→";
/** Where there was, or is, nothing. */
export const NOTHING = "none";

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
const KIBI = 1024;
// making a format takes longer than using it a hundred times
const formats = new Map<number, Intl.NumberFormat>();
const dollars = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
/** A value that is longer tells a reader nothing that its beginning does not. */
const LONGEST_VALUE = 120;

/** Moves the cursor, changes the reading direction or breaks a line: nothing of it may reach a reader's screen. */
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]+/gu;

/** Text of a program or a cloud on one line, without what a screen would obey, cut where it is long. */
export function plain(text: string, longest = LONGEST_VALUE): string {
  // cut roughly first: a value may have megabytes
  const line = text
    .slice(0, longest * 4)
    .replace(UNSAFE, " ")
    .trim();
  const letters = [...line];
  return letters.length > longest ? `${letters.slice(0, longest - 1).join("")}…` : line;
}

export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${number(count)} ${count === 1 ? noun : many}`;
}

export function number(value: number, digits = 0): string {
  let format = formats.get(digits);
  if (format === undefined) {
    format = new Intl.NumberFormat("en-US", { maximumFractionDigits: digits });
    formats.set(digits, format);
  }
  return format.format(value);
}

/** Cores: `0.5`, `12`, `1,024`. */
export function cores(value: number): string {
  return number(value, value < 10 ? 2 : 1);
}

export function bytes(value: number): string {
  let size = Math.abs(value);
  let unit = 0;
  while (size >= KIBI && unit < BYTE_UNITS.length - 1) {
    size /= KIBI;
    unit += 1;
  }
  return `${value < 0 ? "-" : ""}${number(size, size < 10 ? 1 : 0)} ${BYTE_UNITS[unit] ?? ""}`;
}

export function money(cents: number): string {
  return `${cents < 0 ? "-" : ""}US$ ${dollars.format(Math.abs(cents) / 100)}`;
}

/** With its sign; nothing is `±0`, so that nobody takes it for a figure that is missing. */
export function signed(value: number, format: (value: number) => string): string {
  if (value === 0) return "±0";
  return value > 0 ? `+${format(value)}` : `-${format(-value)}`;
}

/** `+2 to +8`, `up to +4`, `+2`. */
export function signedRange({ min, max }: Range, format: (value: number) => string): string {
  if (min === max) return signed(min, format);
  return min === 0 ? `up to ${signed(max, format)}` : `${signed(min, format)} to ${signed(max, format)}`;
}

/** `+3.1 %`; nothing where there is no before to compare with. */
export function percent(before: number, after: number): string {
  if (before === 0 || before === after) return "";
  return `${signed(((after - before) / before) * 100, (value) => number(value, value < 10 ? 1 : 0))} %`;
}

/** `3–20`, `4–28 GiB`. */
export function range({ min, max }: Range, format: (value: number) => string = number): string {
  const [low, high] = [format(min), format(max)];
  if (low === high) return low;
  const [amount = low, unit] = low.split(" ");
  return unit !== undefined && high.endsWith(` ${unit}`) ? `${amount}–${high}` : `${low}–${high}`;
}

/** `aws.rds.ClusterInstance` for `aws:rds/clusterInstance:ClusterInstance`, as a program writes it. */
export function typeName(token: string): string {
  const [provider = "", module = "", name = ""] = plain(token).split(":");
  if (name === "") return plain(token);
  const parts = module.split("/").filter((part) => part !== "index" && part.toLowerCase() !== name.toLowerCase());
  return [provider, ...(parts.length > 0 ? [parts.join("/")] : []), name].join(".");
}

/** `requests a second of tracks in us-west-2`; what serves all systems is nobody's. */
export function measureText(one: {
  readonly measure: string;
  readonly system: string;
  readonly region: string;
}): string {
  const owner = one.system === "shared" ? "" : ` of ${plain(one.system)}`;
  return `${plain(one.measure)}${owner} in ${plain(one.region)}`;
}

/** The logical name at the end of a URN. */
export function nameOf(urn: string | null): string {
  return urn === null ? "the whole stack" : plain(urn.slice(urn.lastIndexOf("::") + 2) || urn);
}

/** `main (c4bac12)`, `main with nodes.max=8`. */
export function sideName({ label, commit, set = {} }: Side): string {
  const short = commit?.slice(0, 7);
  const told = short === undefined || label.startsWith(short) ? plain(label) : `${plain(label)} (${plain(short)})`;
  const keys = Object.entries(set).map(([key, value]) => `${plain(key)}=${plain(value)}`);
  const wanted = keys.filter((key) => !label.includes(key));
  return wanted.length > 0 ? `${told} with ${wanted.join(", ")}` : told;
}
