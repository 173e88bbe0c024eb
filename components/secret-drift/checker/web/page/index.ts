import { createHash } from "node:crypto";
import { RETENTION_DAYS } from "../../history.ts";
import { DOCUMENTS } from "../api.ts";
import type { Board } from "../board.ts";
import { FILTERS, chosen, filterOf } from "../filter.ts";
import { Query } from "../query.ts";
import type { Reply } from "../server.ts";
import { drift, latency } from "./charts.ts";
import { findings, proposals } from "./findings.ts";
import { type Html, html } from "./html.ts";
import { matrix } from "./matrix.ts";
import { STYLE } from "./style.ts";
import { counted, since, span } from "./words.ts";

const HOUR = 60 * 60 * 1000;
const DAY = 24 * HOUR;

/** Nothing runs, nothing is loaded, and the one style sheet is known by its hash. https://www.w3.org/TR/CSP3/#grammardef-hash-source */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "img-src data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Everything on one page that needs no script. */
export function page(board: Board, parameters: URLSearchParams): Reply {
  const query = new Query(parameters, [...FILTERS, "page"]);
  const filter = filterOf(query);
  const { rows } = board.snapshot();
  const shown = query.paged(chosen(rows, filter));
  const told = shown.items.flatMap(({ mapped, source, places }) =>
    [source, ...places].flatMap((cell) => (cell?.findings ?? []).map((finding) => ({ finding, mapped }))),
  );
  const now = board.now();
  const verdict = verdictOf(board);
  const body = html`<header>
      <p class="muted">Secret drift</p>
      <h1 class="${verdict.tone}">${verdict.words}</h1>
      ${checked(board)}
    </header>
    <main id="main">
      ${alarms(board)} ${proposals(board)} ${matrix(shown, filter, board.mapping.source, storesOf(board))}
      ${findings(told, now)} ${trends(board, now)}
    </main>
    <footer>
      <p>
        Read only. As JSON:
        ${[...DOCUMENTS.keys()].map((path) => html`<a href="${path}">${path.replace("/api/v1/", "")}</a> `)} For
        Prometheus: <a href="/metrics">metrics</a>
      </p>
    </footer>`;
  return { type: "text/html; charset=utf-8", body: document(verdict.words, body) };
}

function document(title: string, body: Html): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${html`${title}`.text} · Secret drift</title>
<link rel="icon" href="data:,">
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#main">To the secrets</a>
${body.text}
</body>
</html>
`;
}

function verdictOf(board: Board): { readonly words: string; readonly tone: string } {
  const { rows, checkedAt } = board.snapshot();
  if (checkedAt === undefined) return { words: "Nothing was compared yet", tone: "warn" };
  const drifting = rows.filter(({ state, mapped }) => state === "drift" && mapped !== undefined).length;
  const strangers = rows.filter(({ mapped }) => mapped === undefined).length;
  const unknown = rows.filter(({ state }) => state === "unknown").length;
  const all = counted(board.mapping.secrets.length, "secret");
  const also = strangers === 0 ? "" : `, and ${counted(strangers, "name")} too many`;
  if (drifting > 0) return { words: `${drifting.toLocaleString("en-US")} of ${all} not in step${also}`, tone: "bad" };
  if (strangers > 0) return { words: `${all}${also}`, tone: "bad" };
  if (unknown > 0) return { words: `${unknown.toLocaleString("en-US")} of ${all} could not be seen`, tone: "warn" };
  return { words: `${all} in step`, tone: "good" };
}

function checked(board: Board): Html {
  const { checkedAt } = board.snapshot();
  const every = `every ${span(board.interval)}`;
  if (checkedAt === undefined) return html`<p class="muted">The first round is to come; then ${every}.</p>`;
  return html`<p>Compared ${since(checkedAt, board.now())}<span class="muted">, ${every}</span></p>`;
}

/** What is worse than drift, and what makes the rest of the page less true than it looks. */
function alarms(board: Board): Html | undefined {
  const { last } = board;
  const told = [
    ...exposed(board),
    ...(board.isAlive
      ? []
      : [html`No round has ended for two intervals: what is below may be old. See the checker's log.`]),
    ...(last?.failure === undefined
      ? []
      : [html`The last round could compare nothing: ${last.failure}. What is below is of the round before.`]),
    ...(last?.unasked ?? []).map(
      ({ store, scope, problem }) => html`<b>${store}</b> <bdi>${scope}</bdi> could not be asked: ${problem.message}.`,
    ),
  ];
  if (told.length === 0) return undefined;
  const most = 8;
  return html`<section class="alarm" aria-label="What to know first">
    <ul>
      ${told.slice(0, most).map((each) => html`<li>${each}</li>`)}
      ${
        told.length > most
          ? html`<li>
              ${counted(told.length - most, "more scope")}: <a href="/api/v1/matrix?size=1">/api/v1/matrix</a>
            </li>`
          : undefined
      }
    </ul>
  </section>`;
}

function exposed(board: Board): Html[] {
  const count = board.exposed() ?? 0;
  const where = counted(count, "place");
  return count === 0
    ? []
    : [html`<b class="bad">Exposed in ${where}</b>: <code>groundwork secrets scan</code> says where.`];
}

/** In the order of the mapping, those that have a place or something extra. */
function storesOf(board: Board): readonly string[] {
  const used = new Set(board.snapshot().rows.flatMap(({ places }) => places.map(({ place }) => place.store)));
  return board.mapping.stores.map(({ name }) => name).filter((name) => used.has(name));
}

function trends(board: Board, now: number): Html {
  const { trends: past } = board.history;
  const month = { from: now - RETENTION_DAYS * DAY, to: now };
  const width = 6 * HOUR;
  return html`${latency(past.latency(now - DAY, HOUR), { from: now - DAY, to: now })}
  ${drift(past.rounds(month.from, width), month, width)}`;
}
