/** Day and night differ in these colours only; each text colour has a contrast of at least 4.5 to its ground. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --soft: #f6f7f9; --ink: #1b1f24; --muted: #57606a; --rule: #d5dae0;
  --before: #8a939d; --after: #0b5cad; --limit: #b3261e;
  --bad: #b3261e; --bad-soft: #fdecea; --warn: #8a5300; --good: #1a6b34;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --soft: #1c2026; --ink: #e4e7eb; --muted: #a0a9b4; --rule: #363d47;
    --before: #8a939d; --after: #6cb0f5; --limit: #ff8a80;
    --bad: #ff8a80; --bad-soft: #3a1d1b; --warn: #f0b357; --good: #7fd194;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2.5rem 1.5rem 4rem; max-width: 72rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
h1, h2, h3, h4, h5, p, ul, dl, dd, figure { margin: 0; }
h1 { font-size: 1.75rem; line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; }
h2 { font-size: 1.375rem; line-height: 1.3; font-weight: 650; }
h3 { font-size: 1.125rem; line-height: 1.3; font-weight: 650; }
h4 { font-size: 1rem; font-weight: 600; }
h5 { font-size: 0.875rem; font-weight: 600; }
ul { padding: 0; list-style: none; }
a { color: var(--after); }
code { font: 0.8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
.muted, .was, .sides { color: var(--muted); }
.was { font-weight: 400; }
.bad { color: var(--bad); font-weight: 600; }
.warn { color: var(--warn); }
.good { color: var(--good); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.sides { margin-bottom: 0.25rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; margin-top: 1rem; }
.stack { margin-top: 2.5rem; padding-top: 1.5rem; border-top: 2px solid var(--ink); }
.stack > p { margin-top: 0.25rem; }
.part { margin-top: 2.5rem; }
.part > p { color: var(--muted); margin-top: 0.125rem; }
.alarm { margin-top: 1.25rem; padding: 1rem 1.25rem; border-left: 4px solid var(--bad); background: var(--bad-soft); }
.alarm h3 { color: var(--bad); }
.alarm li { margin-top: 0.375rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); gap: 1.25rem 2rem; margin-top: 1.5rem; }
.figures dt { color: var(--muted); font-size: 0.875rem; }
.figures dd { font-size: 1.125rem; font-weight: 600; line-height: 1.35; }
.figures dd small { display: block; font-size: 0.875rem; font-weight: 400; color: var(--muted); }
.topology { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(20rem, 100%), 1fr)); gap: 1rem; margin-top: 1.5rem; }
.region { border: 1px solid var(--rule); padding: 0.875rem 1rem 1rem; }
.region > ul { columns: 13rem; column-gap: 0.625rem; margin-top: 0.625rem; }
.box { break-inside: avoid; margin-bottom: 0.625rem; padding: 0.5rem 0.75rem 0.625rem; background: var(--soft); border: 1px solid transparent; font-size: 0.8125rem; color: var(--muted); }
.box.changed { border-color: var(--after); }
.box.lost { border-color: var(--bad); }
.box h5 { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 0.5rem; color: var(--ink); }
.box b { color: var(--ink); }
.badge { font-weight: 600; font-size: 0.75rem; color: var(--after); }
.lost .badge { color: var(--bad); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 1.5rem 2rem; margin-top: 1.25rem; }
.charts.small { grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); }
figcaption { font-size: 0.875rem; font-weight: 600; margin-bottom: 0.375rem; }
figcaption span { font-weight: 400; color: var(--muted); }
figcaption span.warn { color: var(--warn); }
.legend { font-size: 0.8125rem; margin-bottom: 0.25rem; }
.key { display: inline-block; width: 0.875rem; height: 0.625rem; border: 1px solid var(--before); }
.key.now { background: var(--after); border-color: var(--after); margin-left: 0.75rem; }
svg { display: block; width: 100%; height: auto; max-width: 33rem; }
.small svg { max-width: 22rem; }
.small figure { display: flex; flex-direction: column; justify-content: space-between; }
.narrow { display: none; }
table { width: 100%; border-collapse: collapse; margin-top: 1.25rem; font-size: 0.875rem; }
caption { text-align: left; font-weight: 600; padding-bottom: 0.375rem; }
th { font-weight: 500; color: var(--muted); text-align: left; vertical-align: bottom; }
th, td { padding: 0.3125rem 1rem 0.3125rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th, td { overflow-wrap: break-word; }
td code { overflow-wrap: anywhere; }
td:has(code) { min-width: 10rem; }
th:last-child, td:last-child { padding-right: 0; }
th.right, td.right { text-align: right; white-space: nowrap; }
.scroll { overflow-x: auto; }
.open td { border-bottom: 0; padding-bottom: 0; }
.details td { color: var(--muted); padding-left: 1.25rem; }
td b { font-weight: 600; }
details { margin-top: 0.75rem; font-size: 0.875rem; }
details table { margin-top: 0.5rem; }
summary { cursor: pointer; color: var(--after); width: fit-content; }
summary:focus-visible, a:focus-visible { outline: 2px solid var(--after); outline-offset: 2px; }
.lines { margin-top: 0.75rem; font-size: 0.875rem; color: var(--muted); }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); font-size: 0.875rem; color: var(--muted); }
@media (max-width: 45rem) {
  body { padding: 1.25rem 1rem 3rem; }
  h1 { font-size: 1.5rem; }
  .wide { display: none; }
  .narrow { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, td, caption { display: block; width: 100%; }
  tr { padding: 0.5rem 0; border-bottom: 1px solid var(--rule); }
  tr.open { border-bottom: 0; padding-bottom: 0; }
  tr.details { padding-top: 0.125rem; }
  td, .details td { display: flex; justify-content: space-between; gap: 1rem; padding: 0.0625rem 0; border: 0; }
  td.right, td.left { min-width: 0; text-align: right; white-space: normal; overflow-wrap: anywhere; }
  td[data-label]::before { content: attr(data-label); color: var(--muted); flex: none; text-align: left; }
  td:has(> span:empty) { display: none; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  nav, summary { display: none; }
  .stack { break-before: page; }
  .stack:first-of-type { break-before: auto; }
  figure, tr, .alarm, .box { break-inside: avoid; }
  .alarm, .box, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
