/** What terminal, Markdown and HTML all show, without the means of any of them. Text in it is not escaped yet. */
export interface Section {
  readonly id: SectionId;
  readonly title: string;
  /** The section in a few words, for who does not open it. */
  readonly summary: string;
  readonly tables: readonly ReportTable[];
  /** One sentence each, below the tables. */
  readonly lines: readonly string[];
  /** More sentences, for a page with room for them; elsewhere a number. */
  readonly more?: { readonly title: string; readonly lines: readonly string[] };
}

export type SectionId = "resources" | "capacity" | "throughput" | "cost" | "policy" | "quotas" | "projection" | "notes";

export interface ReportTable {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Whether only a page with room for it shows the table: another one tells what differs. */
  readonly pageOnly?: boolean;
  /** Of the column that details have where they are one. */
  readonly detailsHead?: string;
}

export interface Column {
  readonly head: string;
  readonly align: "left" | "right";
}

export interface Row {
  readonly cells: readonly Cell[];
  /** Rows that are the same on both sides are left out where room is short. */
  readonly changed: boolean;
  /** Shown below the row, or in a last column: too long for a column among others. */
  readonly details?: readonly string[];
}

export interface Cell {
  readonly text: string;
  /** Shown before `text`, with an arrow between them, where the two sides differ. */
  readonly before?: string;
  /** A name or value of a program, in letters of one width. */
  readonly code?: true;
  /** What a reader has to look at; never told by colour alone: the text says it too. */
  readonly tone?: Tone;
}

export type Tone = "bad" | "warn" | "good";

export const left = (head: string): Column => ({ head, align: "left" });
export const right = (head: string): Column => ({ head, align: "right" });
export const text = (value: string, tone?: Tone): Cell => ({ text: value, ...(tone === undefined ? {} : { tone }) });
export const code = (value: string): Cell => ({ text: value, code: true });

/** One value where both sides are alike, otherwise both. */
export function change(before: string, after: string, tone?: Tone): Cell {
  return before === after ? text(after, tone) : { ...text(after, tone), before };
}

export function isChanged(cells: readonly Cell[]): boolean {
  return cells.some(({ before }) => before !== undefined);
}

/** A row of this table, changed where one of its cells is. */
export function row(...cells: readonly Cell[]): Row {
  return { cells, changed: isChanged(cells) };
}

/** A row that is news as a whole. */
export function fresh(...cells: readonly Cell[]): Row {
  return { cells, changed: true };
}

/** A table with more columns leaves out figures that are the same on both sides. */
const MOST_COLUMNS = 7;

/** Of a table with many figures, those that differ: the first columns say what they are of. */
export function withoutSameColumns(table: ReportTable): ReportTable {
  if (table.columns.length <= MOST_COLUMNS) return table;
  const differs = (column: number): boolean => table.rows.some(({ cells }) => cells[column]?.before !== undefined);
  const kept = table.columns.map(({ align }, column) => align === "left" || differs(column));
  const only = <T>(all: readonly T[]): T[] => all.filter((_, column) => kept[column]);
  const rows = table.rows.map((row) => ({ ...row, cells: only(row.cells) }));
  return { ...table, columns: only(table.columns), rows };
}
