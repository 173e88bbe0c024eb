import { ARROW, number, plural } from "../format.ts";
import { type Cell, type ReportTable, type Row, withoutSameColumns } from "../tables.ts";
import { escape } from "./escape.ts";

/** More rows than a person reads are folded. */
const MOST_OPEN = 12;

/** A table that is a list of cards on a phone; roles keep it a table there for who listens to it. */
export function table(source: ReportTable): string {
  const { title, rows } = source;
  const changed = rows.filter((row) => row.changed);
  const same = rows.filter((row) => !row.changed);
  const isFolded = source.pageOnly === true || changed.length === 0;
  const caption = changed.length > 0 && same.length > 0 ? `${title}: ${number(changed.length)} differ` : title;
  const open = isFolded ? "" : foldAfter(withoutSameColumns({ ...source, rows: changed }), caption);
  const rest = isFolded ? rows : same;
  const restTitle = isFolded ? `${title} (${number(rows.length)})` : `${title}: ${number(rest.length)} as before`;
  return open + (rest.length === 0 ? "" : folded(restTitle, grid(source, rest, restTitle, "hidden")));
}

function foldAfter(source: ReportTable, caption: string): string {
  const { rows } = source;
  const first = grid(source, rows.slice(0, MOST_OPEN), caption, "shown");
  const rest = rows.slice(MOST_OPEN);
  const title = `${plural(rest.length, "more row", "more rows")} of ${source.title.toLowerCase()}`;
  return rest.length === 0 ? first : first + folded(title, grid(source, rest, title, "hidden"));
}

export function folded(title: string, content: string): string {
  return `<details><summary>${escape(title)}</summary>${content}</details>`;
}

/** Below a summary that says the same, a caption is for listeners only. */
function grid(
  { columns, detailsHead }: ReportTable,
  rows: readonly Row[],
  title: string,
  caption: "shown" | "hidden",
): string {
  const heads = columns.map(
    ({ head, align }) => `<th role="columnheader" scope="col" class="${align}">${escape(head)}</th>`,
  );
  const labels = columns.map(({ head }) => head);
  const body = rows.map((row) =>
    rowText(
      row,
      labels,
      columns.map(({ align }) => align),
      detailsHead ?? "",
    ),
  );
  const hide = caption === "hidden" ? ' class="unseen"' : "";
  return `<div class="scroll"><table role="table"><caption${hide}>${escape(title)}</caption><thead role="rowgroup"><tr role="row">${heads.join("")}</tr></thead><tbody role="rowgroup">${body.join("")}</tbody></table></div>`;
}

function rowText(
  { cells, details = [] }: Row,
  labels: readonly string[],
  aligns: readonly string[],
  head: string,
): string {
  const texts = cells.map((cell, column) => {
    const label = escape(labels[column] ?? "");
    return `<td role="cell" class="${aligns[column] ?? "left"}" data-label="${label}"><span>${cellText(cell)}</span></td>`;
  });
  const main = `<tr role="row"${details.length > 0 ? ' class="open"' : ""}>${texts.join("")}</tr>`;
  if (details.length === 0) return main;
  const lines = details.map((line) => `<li>${escape(line)}</li>`).join("");
  return `${main}<tr role="row" class="details"><td role="cell" colspan="${cells.length}"><ul aria-label="${escape(head)}">${lines}</ul></td></tr>`;
}

function cellText({ text, before, code, tone }: Cell): string {
  const own = code === true ? `<code>${escape(text)}</code>` : escape(text);
  const toned = tone === undefined ? own : `<span class="${tone}">${own}</span>`;
  if (before === undefined) return toned;
  return `<span class="was">${escape(before)}</span> ${ARROW} <b>${toned}</b>`;
}
