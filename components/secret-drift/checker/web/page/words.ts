import type { Place } from "../../mapping.ts";
import { type Html, html } from "./html.ts";

const MINUTE = 60 * 1000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function counted(count: number, what: string): string {
  return `${count.toLocaleString("en-US")} ${what}${count === 1 ? "" : "s"}`;
}

/** The date, and how long ago that is. */
export function since(at: number, now: number): Html {
  return html`${moment(at)} <span class="muted ago">${ago(now - at)}</span>`;
}

export function moment(at: number): Html {
  const text = new Date(at).toISOString();
  return html`<time datetime="${text}">${text.slice(0, 16).replace("T", " ")} UTC</time>`;
}

export function ago(milliseconds: number): string {
  if (milliseconds < MINUTE) return "just now";
  if (milliseconds < HOUR) return `${Math.floor(milliseconds / MINUTE)} min ago`;
  if (milliseconds < 2 * DAY) return `${Math.floor(milliseconds / HOUR)} h ago`;
  return `${Math.floor(milliseconds / DAY)} days ago`;
}

/** Of an interval. */
export function span(milliseconds: number): string {
  return milliseconds < 2 * MINUTE
    ? `${Math.round(milliseconds / 1000)} s`
    : `${Math.round(milliseconds / MINUTE)} min`;
}

export function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** `changed-there` as a reader says it. */
export function spoken(state: string): string {
  return state.replaceAll("-", " ");
}

/** Where the store is told beside it already. */
export function inStore({ scope, name }: Omit<Place, "store">): Html {
  return html`<code>${name}</code> <span class="muted">in ${scope}</span>`;
}

export function where(place: Place): Html {
  return html`<b>${place.store}</b> ${inStore(place)}`;
}
