import type { LatencyTrend, RoundTrend } from "../../trends.ts";
import { type Html, html } from "./html.ts";
import { counted, seconds } from "./words.ts";

/** Drawn at this size, and as wide as its column. */
const WIDTH = 360;
const HEIGHT = 120;
const LEFT = 46;
const BOTTOM = 20;
const TOP = 8;
/** Above this an API is slow. systems.md: sophia, secret drift */
const SLOW = 2_000;
const HOUR = 60 * 60 * 1000;

interface Span {
  readonly from: number;
  readonly to: number;
}

interface Figure {
  readonly title: Html;
  /** What who cannot see it is told. */
  readonly label: string;
  readonly span: Span;
  readonly most: number;
  readonly unit: (value: number) => string;
  readonly marks: Html;
}

/** How each store answered: p95 as a line, p50 as a thinner one, and the limit where it comes into view. */
export function latency(trend: readonly LatencyTrend[], span: Span): Html | undefined {
  const byStore = [...Map.groupBy(trend, ({ store }) => store)];
  if (byStore.length === 0) return undefined;
  return html`<section aria-labelledby="latency" class="part">
    <h2 id="latency">How the stores answer</h2>
    <p>
      By the hour, over a day: <span class="key p95"></span> 95 of 100 questions took at most this,
      <span class="key p50"></span> half of them this.
    </p>
    <div class="charts">${byStore.map(([store, points]) => ofStore(store, points, span))}</div>
  </section>`;
}

function ofStore(store: string, points: readonly LatencyTrend[], span: Span): Html {
  const worst = Math.max(...points.map(({ p95 }) => p95));
  const last = points.at(-1);
  const calls = points.reduce((sum, each) => sum + each.calls, 0);
  const most = niceAbove(Math.max(worst, 10));
  const [x, y] = scales(span, most);
  const path = (value: (point: LatencyTrend) => number) =>
    points.map((point) => `${x(point.at + HOUR / 2)},${y(value(point))}`).join(" ");
  const dots = points.map(
    (point) => html`<circle cx="${x(point.at + HOUR / 2)}" cy="${y(point.p95)}" r="2" class="dot" />`,
  );
  const limit =
    most < SLOW ? undefined : html`<line x1="${LEFT}" x2="${WIDTH}" y1="${y(SLOW)}" y2="${y(SLOW)}" class="limit" />`;
  const marks = html`${limit}<polyline points="${path(({ p50 }) => p50)}" class="line p50" /><polyline
      points="${path(({ p95 }) => p95)}"
      class="line p95"
    />${dots}`;
  const now = last === undefined ? "" : `p95 ${seconds(last.p95)}, p50 ${seconds(last.p50)}`;
  return figure({
    title: html`<b><bdi>${store}</bdi></b> <span class="${(last?.p95 ?? 0) > SLOW ? "bad" : "muted"}">${now}</span>`,
    label: `${store}: ${counted(calls, "question")} in a day, now ${now}, at worst p95 ${seconds(worst)}`,
    span,
    most,
    unit: seconds,
    marks,
  });
}

/** How much drift the rounds found. */
export function drift(rounds: readonly RoundTrend[], span: Span, width: number): Html | undefined {
  if (rounds.length === 0) return undefined;
  const worst = Math.max(...rounds.map(({ drifts }) => drifts));
  const most = Math.max(4, niceAbove(worst));
  const [x, y] = scales(span, most);
  const bar = Math.max(1, x(span.from + width) - x(span.from) - 0.5);
  const marks = html`${rounds.map(
    ({ at, drifts }) =>
      html`<rect
        x="${x(Math.max(at, span.from))}"
        y="${y(drifts)}"
        width="${round(bar)}"
        height="${round(y(0) - y(drifts))}"
        class="bar"
      />`,
  )}`;
  const last = rounds.at(-1)?.drifts ?? 0;
  return html`<section aria-labelledby="trend" class="part">
    <h2 id="trend">Drift over a month</h2>
    <p>The most that a round found, in every six hours.</p>
    <div class="charts">
      ${figure({
        title: html`<b>Findings</b> <span class="muted">${last} at last, ${worst} at most</span>`,
        label: `Findings over a month: ${last} at last, ${worst} at most`,
        span,
        most,
        unit: (value) => String(value),
        marks,
      })}
    </div>
  </section>`;
}

function figure({ title, label, span, most, unit, marks }: Figure): Html {
  const floor = HEIGHT - BOTTOM;
  const lines = [0, most / 2, most].map((value) => {
    const [, y] = scales(span, most);
    return html`<line x1="${LEFT}" x2="${WIDTH}" y1="${y(value)}" y2="${y(value)}" class="grid" /><text
        x="${LEFT - 5}"
        y="${y(value) + 3}"
        text-anchor="end"
        >${unit(value)}</text
      >`;
  });
  return html`<figure>
    <figcaption>${title}</figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
      ${lines}${marks}
      <text x="${LEFT}" y="${floor + 15}">${day(span, span.from)}</text>
      <text x="${WIDTH}" y="${floor + 15}" text-anchor="end">now</text>
    </svg>
  </figure>`;
}

function scales({ from, to }: Span, most: number): [(at: number) => number, (value: number) => number] {
  const floor = HEIGHT - BOTTOM;
  const inside = (share: number) => Math.min(1, Math.max(0, share));
  return [
    (at) => round(LEFT + inside((at - from) / (to - from)) * (WIDTH - LEFT - 3)),
    (value) => round(floor - (value / most) * (floor - TOP)),
  ];
}

function day({ from, to }: Span, at: number): string {
  const text = new Date(at).toISOString();
  return to - from > 2 * 24 * HOUR ? text.slice(0, 10) : `${text.slice(11, 16)} UTC`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** 1, 2 or 4 with zeros, so that half of it is as round. */
function niceAbove(value: number): number {
  if (value <= 0) return 1;
  const ten = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 10].map((each) => each * ten).find((each) => each >= value) ?? 10 * ten;
}
