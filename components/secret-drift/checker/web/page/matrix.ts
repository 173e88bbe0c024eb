import { DRIFT_KINDS } from "../../finding.ts";
import { type Mapping, RISKS } from "../../mapping.ts";
import { type Cell, ROW_STATES, type Row, SHOWN_RISKS } from "../board.ts";
import type { Filter } from "../filter.ts";
import type { Paged } from "../query.ts";
import { type Html, html } from "./html.ts";
import { counted, inStore, spoken } from "./words.ts";

/** Places of one secret in one store that are told one by one; a secret may be in a thousand repositories. */
const SHOWN_PLACES = 6;
/** Of so few rows every place is told. */
const FEW_ROWS = 3;

/** Secrets down, stores across; in each cell the secret's places in that store. */
export function matrix(paged: Paged<Row>, filter: Filter, source: Mapping["source"], stores: readonly string[]): Html {
  const every = paged.total <= FEW_ROWS;
  return html`<section aria-labelledby="matrix" class="part">
    <h2 id="matrix">Secrets and their places</h2>
    ${form(filter)}
    ${
      paged.total === 0
        ? html`<p class="empty">No secret is like that. <a href="/#matrix">Show all</a></p>`
        : html`<table>
            <caption>
              ${caption(paged)}
            </caption>
            <thead>
              <tr>
                <th scope="col">secret</th>
                <th scope="col">source: <bdi>${source.store}</bdi><small>${source.scope}</small></th>
                ${stores.map((store) => html`<th scope="col"><bdi>${store}</bdi></th>`)}
              </tr>
            </thead>
            <tbody>
              ${paged.items.map((row) => line(row, stores, every))}
            </tbody>
          </table>`
    }
    ${pager(paged, filter)}
  </section>`;
}

function caption({ total, page, size, items }: Paged<Row>): string {
  const first = (page - 1) * size + 1;
  const part = items.length === total ? counted(total, "row") : `${first} to ${first + items.length - 1} of ${total}`;
  return `${part}, drift first`;
}

function line({ secret, mapped, source, places, state }: Row, stores: readonly string[], every: boolean): Html {
  const owners = mapped?.owners ?? [];
  const detail =
    mapped === undefined
      ? html`<span class="muted">not in the mapping</span>`
      : html`<span class="risk ${mapped.risk}">${mapped.risk} risk</span>
          ${owners.length === 0 ? undefined : html`<span class="muted">${owners.join(", ")}</span>`}`;
  return html`<tr class="${state}">
    <th scope="row"><a href="/?q=${encodeURIComponent(secret)}#matrix">${secret}</a><small>${detail}</small></th>
    <td data-label="source">
      ${source === undefined ? nothing() : html`<div>${told(source, html`<code>${source.place.name}</code>`, "there")}</div>`}
    </td>
    ${stores.map((store) => {
      const own = places.filter(({ place }) => place.store === store);
      return html`<td data-label="${store}">${own.length === 0 ? nothing() : cell(own, every, secret)}</td>`;
    })}
  </tr>`;
}

function nothing(): Html {
  return html`<span class="muted" aria-label="not there by the mapping">–</span>`;
}

/** What differs is told first. */
function cell(places: readonly Cell[], every: boolean, secret: string): Html {
  const shown = places.toSorted((a, b) => concern(b) - concern(a)).slice(0, every ? places.length : SHOWN_PLACES);
  const left = places.length - shown.length;
  const more =
    left === 0 ? undefined : html`<li><a href="/?q=${encodeURIComponent(secret)}#matrix">${left} more</a></li>`;
  return html`<ul>
    ${shown.map(chip)}${more}
  </ul>`;
}

function concern({ findings, state, isFresh }: Cell): number {
  return findings.length > 0 ? 2 : state === "unknown" || !isFresh ? 1 : 0;
}

function chip(cell: Cell): Html {
  return html`<li>${told(cell, inStore(cell.place))}</li>`;
}

function told(cell: Cell, place: Html, agrees = "in step"): Html {
  const { findings, state, isFresh } = cell;
  const words =
    findings.length > 0
      ? findings.map(({ kind }) => spoken(kind)).join(", ")
      : state === "in-step"
        ? agrees
        : spoken(state);
  const tone = ["good", "warn", "bad"][concern(cell)] ?? "";
  const stale = isFresh ? undefined : html` <span class="warn">not asked now</span>`;
  return html`<b class="${tone}">${words}</b>${stale}<small>${place}</small>`;
}

function form({ state, risk, q }: Filter): Html {
  const option = (value: string, label: string, chosen = "") =>
    value === chosen
      ? html`<option value="${value}" selected>${label}</option>`
      : html`<option value="${value}">${label}</option>`;
  const states = [...ROW_STATES, ...DRIFT_KINDS];
  const risks = RISKS.toReversed().map((each) => option(each, `${each} risk`, risk));
  const [none = "none"] = SHOWN_RISKS.slice(-1);
  return html`<form action="/#matrix" method="get" role="search">
    <label>Name, owner or place <input type="search" name="q" value="${q}" autocomplete="off" /></label>
    <label
      >State
      <select name="state">
        ${option("", "any", state)}${states.map((each) => option(each, spoken(each), state))}
      </select></label
    >
    <label
      >Risk
      <select name="risk">
        ${option("", "any", risk)}${risks}${option(none, "not in the mapping", risk)}
      </select></label
    >
    <button>Show</button>
    ${q === "" && state === undefined && risk === undefined ? undefined : html`<a href="/#matrix">Show all</a>`}
  </form>`;
}

function pager({ page, pages }: Paged<Row>, { state, risk, q }: Filter): Html | undefined {
  if (pages === 1) return undefined;
  const to = (number: number) => {
    const parameters = new URLSearchParams({ ...(q && { q }), ...(state && { state }), ...(risk && { risk }) });
    parameters.set("page", String(number));
    return `/?${parameters.toString()}#matrix`;
  };
  const link = (number: number, words: string, isThere: boolean) =>
    isThere ? html`<a href="${to(number)}">${words}</a>` : html`<span class="muted">${words}</span>`;
  return html`<nav class="pager" aria-label="Pages of secrets">
    ${link(page - 1, "Previous", page > 1)} <span>Page ${page} of ${pages}</span>
    ${link(page + 1, "Next", page < pages)}
  </nav>`;
}
