/** Day and night differ in these colours only; each text colour has a contrast of at least 4.5 to its ground. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --soft: #f6f7f9; --ink: #1b1f24; --muted: #57606a; --rule: #d5dae0; --link: #0b5cad;
  --bad: #b3261e; --bad-soft: #fdecea; --warn: #8a5300; --warn-soft: #fdf3e1; --good: #1a6b34; --bar: #d98880;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171b; --soft: #1c2026; --ink: #e4e7eb; --muted: #a0a9b4; --rule: #363d47; --link: #6cb0f5;
    --bad: #ff8a80; --bad-soft: #3a1d1b; --warn: #f0b357; --warn-soft: #33270f; --good: #7fd194; --bar: #a8554d;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 80rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
h1, h2, p, ul, figure { margin: 0; }
h1 { font-size: 1.875rem; line-height: 1.2; font-weight: 650; letter-spacing: -0.01em; }
h2 { font-size: 1.25rem; line-height: 1.3; font-weight: 650; }
ul { padding: 0; list-style: none; }
a { color: var(--link); }
b { font-weight: 600; }
small { display: block; font-size: 0.8125rem; font-weight: 400; }
code { font: 0.8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; unicode-bidi: isolate; }
.muted { color: var(--muted); font-weight: 400; }
.bad { color: var(--bad); }
.warn { color: var(--warn); }
.good { color: var(--good); }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 0.5rem; }
.alarm { margin-top: 1.5rem; padding: 0.75rem 1.25rem; border-left: 4px solid var(--warn); background: var(--warn-soft); }
.part { margin-top: 2.5rem; }
.part > p { color: var(--muted); margin-top: 0.125rem; }
.part > .empty { margin-top: 1rem; }
.risk { font-weight: 600; margin-right: 0.375rem; color: var(--muted); }
.risk.high { color: var(--bad); }
.risk.medium { color: var(--warn); }
.command { display: inline-block; padding: 0.125rem 0.5rem; background: var(--soft); border: 1px solid var(--rule); user-select: all; }
form { display: flex; flex-wrap: wrap; align-items: end; gap: 0.75rem 1rem; margin-top: 0.75rem; }
label { font-size: 0.8125rem; color: var(--muted); }
input, select, button {
  display: block; font: inherit; font-size: 0.9375rem; color: var(--ink); background: var(--paper);
  border: 1px solid var(--muted); border-radius: 4px; padding: 0.3125rem 0.625rem; min-height: 2.25rem;
}
input { width: 17rem; max-width: 100%; }
button { background: var(--soft); cursor: pointer; }
form a { padding: 0.375rem 0; }
table { width: 100%; border-collapse: collapse; margin-top: 1rem; font-size: 0.875rem; }
caption { text-align: left; color: var(--muted); padding-bottom: 0.375rem; }
th, td { padding: 0.5rem 1.25rem 0.5rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; text-align: left; overflow-wrap: break-word; }
thead th { font-weight: 500; color: var(--muted); padding-block: 0.25rem; }
tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 11rem; }
td { overflow-wrap: anywhere; }
td:has(code) { min-width: 9rem; }
td time, td .ago { white-space: nowrap; }
td b.good { font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
li + li { margin-top: 0.375rem; }
tr.drift > th:first-child { box-shadow: inset 3px 0 var(--bad); padding-left: 0.75rem; }
tr.unknown > th:first-child { box-shadow: inset 3px 0 var(--warn); padding-left: 0.75rem; }
tr.in-step > th:first-child { padding-left: 0.75rem; }
.pager { display: flex; gap: 1.25rem; margin-top: 1rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); gap: 1.5rem 2rem; margin-top: 1rem; }
figcaption { font-size: 0.875rem; margin-bottom: 0.25rem; }
svg { display: block; width: 100%; height: auto; max-width: 36rem; }
svg text { font-size: 10px; fill: var(--muted); }
.grid { stroke: var(--rule); stroke-width: 1; }
.limit { stroke: var(--bad); stroke-width: 1; stroke-dasharray: 4 3; }
.line { fill: none; stroke: var(--link); stroke-linejoin: round; }
.line.p95 { stroke-width: 1.75; }
.line.p50 { stroke: var(--muted); stroke-width: 1.25; }
.dot { fill: var(--link); }
.bar { fill: var(--bar); }
.key { display: inline-block; width: 1.25rem; height: 0; border-top: 2px solid var(--link); vertical-align: middle; }
.key.p50 { border-color: var(--muted); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); font-size: 0.875rem; color: var(--muted); }
@media (max-width: 48rem) {
  body { padding: 1.25rem 1rem 3rem; }
  h1 { font-size: 1.5rem; }
  label, input { width: 100%; }
  label:has(select) { width: auto; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, td, th, caption { display: block; width: 100%; }
  tr { padding: 0.75rem 0; border-bottom: 1px solid var(--rule); }
  tbody th, td { padding: 0.125rem 0; border: 0; min-width: 0; }
  td { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: 0.75rem; }
  td::before { content: attr(data-label); color: var(--muted); }
  td:has(> .muted:only-child) { display: none; }
}
@media print { form, .pager, .skip { display: none; } }
`;
