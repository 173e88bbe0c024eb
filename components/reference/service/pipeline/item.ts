/** What the pipeline carries: a track as a scraper finds it. */
export interface Item {
  /** The same track always has the same, so that a repeated delivery is recognised. */
  readonly id: string;
  readonly title: string;
  readonly artist: string;
  readonly durationSeconds: number;
  /** ISO 8601. */
  readonly producedAt: string;
}

const ID = /^[\w.:-]{1,100}$/;
const TEXT_LIMIT = 500;
/** The longest that a file format for audio is asked to carry here: a day. */
const LONGEST_SECONDS = 86_400;

/** The item in a message's bytes, or why there is none. */
export function parseItem(content: Buffer): Item | string {
  let value: unknown;
  try {
    value = JSON.parse(content.toString("utf8"));
  } catch {
    return "it is no JSON";
  }
  if (typeof value !== "object" || value === null) return "it is no object";
  return checkedItem(value as Readonly<Record<string, unknown>>);
}

function checkedItem({
  id,
  title,
  artist,
  durationSeconds,
  producedAt,
}: Readonly<Record<string, unknown>>): Item | string {
  if (typeof id !== "string" || !ID.test(id)) return "id is no name of 1 to 100 letters, digits and _ . : -";
  if (!isText(title)) return `title is no text of 1 to ${TEXT_LIMIT} characters`;
  if (!isText(artist)) return `artist is no text of 1 to ${TEXT_LIMIT} characters`;
  if (typeof durationSeconds !== "number" || !Number.isInteger(durationSeconds))
    return "durationSeconds is no whole number";
  if (durationSeconds < 1 || durationSeconds > LONGEST_SECONDS)
    return `durationSeconds is not from 1 to ${LONGEST_SECONDS}`;
  if (typeof producedAt !== "string" || !isTime(producedAt)) return "producedAt is no time";
  return { id, title, artist, durationSeconds, producedAt };
}

/** PostgreSQL's text takes no NUL, and no half of a surrogate pair. https://www.postgresql.org/docs/17/datatype-character.html */
function isText(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.trim() !== "" &&
    value.length <= TEXT_LIMIT &&
    !value.includes("\u0000") &&
    value.isWellFormed()
  );
}

/** Only the form that Date writes: PostgreSQL and JavaScript disagree about most others. */
function isTime(value: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && !Number.isNaN(Date.parse(value));
}
