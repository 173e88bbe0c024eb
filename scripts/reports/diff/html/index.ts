import type { PlaceCapacity } from "@groundwork/lib/capacity-report";
import type { CostChange, DiffReport } from "@groundwork/lib/diff-report";
import { pairUp } from "../capacity.ts";
import {
  capacityFacts,
  costText,
  countsText,
  headlineOf,
  lossSentence,
  lostData,
  overQuota,
  perhapsLost,
  policyText,
  verdict,
} from "../facts.ts";
import { ARROW, bytes, cores, money, number, plain, plural, sideName } from "../format.ts";
import { sections } from "../sections.ts";
import type { Section } from "../tables.ts";
import { type Bar, bars } from "./bars.ts";
import { bothWidths } from "./chart.ts";
import { escape } from "./escape.ts";
import { projectionFigures } from "./projection.ts";
import { STYLE } from "./style.ts";
import { folded, table } from "./table.ts";
import { topology } from "./topology.ts";

/** Nothing is loaded and nothing runs, whatever a name in the report says. */
const RULES = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** One file that needs no network and no script: the charts are drawn already. */
export function renderPage(reports: readonly DiffReport[]): string {
  const [first] = reports;
  const title = `${plain(first?.project ?? "groundwork")}: ${headlineOf(reports)}`;
  const sides = first === undefined ? "" : `${sideName(first.base)} ${ARROW} ${sideName(first.head)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${RULES}">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><p class="sides">${escape(sides)}</p><h1>${escape(title)}</h1>${nav(reports)}</header>
<main>${reports.map(stackText).join("\n")}</main>
<footer>${foot(reports)}</footer>
</body>
</html>
`;
}

function nav(reports: readonly DiffReport[]): string {
  if (reports.length < 2) return "";
  const links = reports.map((report, index) => {
    const { headline: told } = verdict(report);
    return `<li><a href="#stack-${index}">${escape(plain(report.stack))}</a> <span class="muted">${escape(told)}</span></li>`;
  });
  return `<nav aria-label="Stacks"><ul>${links.join("")}</ul></nav>`;
}

function stackText(report: DiffReport, index: number): string {
  const { headline: told, gravity } = verdict(report);
  const target = report.target === null ? "" : ` <span class="muted">${escape(plain(report.target))}</span>`;
  const head = `<h2 id="stack-${index}">${escape(plain(report.stack))}${target}</h2>`;
  if (!report.changed) return `<section class="stack">${head}<p>No change.</p></section>`;
  const tone = gravity === "data" || gravity === "refused" ? "bad" : gravity === "quota" ? "warn" : "muted";
  const parts = sections(report).map((section) => sectionText(section, report));
  return [
    `<section class="stack" aria-labelledby="stack-${index}">${head}<p class="${tone}">${escape(told)}</p>`,
    alarm(report),
    keyFigures(report),
    topology(report),
    ...parts,
    "</section>",
  ].join("");
}

function alarm(report: DiffReport): string {
  const lost = lostData(report).map((one) => `<li>${escape(lossSentence(one))}</li>`);
  const perhaps = perhapsLost(report).map(
    ({ name }) => `<li>${escape(plain(name))} holds data, and no table says whether the provider replaces it.</li>`,
  );
  if (lost.length + perhaps.length === 0) return "";
  const title = lost.length > 0 ? "What they hold is lost with them" : "Data may be at risk";
  return `<div class="alarm" role="note"><h3>${title}</h3><ul>${[...lost, ...perhaps].join("")}</ul></div>`;
}

function keyFigures(report: DiffReport): string {
  const { cost, capacity } = report;
  const carried = sections(report).find(({ id }) => id === "throughput")?.summary ?? "";
  const [carries = "", ...carriedMore] = carried.split(", ");
  const over = overQuota(report).length;
  const figures: readonly (readonly [string, string, string])[] = [
    ["Resources", countsText(report), `${number(report.resources.counts.same)} stay the same`],
    ["Cost a month", money(cost.after.totalCents), `${costText(report)}, before ${money(cost.before.totalCents)}`],
    [
      "Capacity",
      capacityFacts(report).slice(0, 2).join(", ") || "as before",
      capacityFacts(report).slice(2).join(", "),
    ],
    ["What it can carry", carries, carriedMore.join(", ")],
    ["Policy", policyText(report), over > 0 ? `${plural(over, "quota")} exceeded` : "no new quota exceeded"],
    ["Projection", plural(capacity.after.projection.reached.length, "limit"), reachedText(report)],
  ];
  const told = figures.filter(([, value]) => value !== "");
  const texts = told.map(
    ([name, value, more]) => `<div><dt>${name}</dt><dd>${escape(value)}<small>${escape(more)}</small></dd></div>`,
  );
  return `<dl class="figures">${texts.join("")}</dl>`;
}

function reachedText({ capacity: { after } }: DiffReport): string {
  return `reached within ${plural(after.projection.months, "month")}`;
}

function sectionText(section: Section, report: DiffReport): string {
  const { title, summary, tables, lines, more } = section;
  const told = list(lines);
  return [
    `<section class="part"><h3>${escape(title)}</h3><p>${escape(summary)}</p>`,
    chartsOf(section, report),
    ...tables.map(table),
    told === "" ? "" : `<ul class="lines">${told}</ul>`,
    more === undefined ? "" : folded(more.title, `<ul class="lines">${list(more.lines)}</ul>`),
    "</section>",
  ].join("");
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `<li>${escape(line)}</li>`).join("");
}

function chartsOf({ id }: Section, report: DiffReport): string {
  if (id === "capacity") return capacityCharts(report);
  if (id === "cost") return costCharts(report);
  return id === "projection" ? projectionFigures(report) : "";
}

function capacityCharts({ capacity: { before, after } }: DiffReport): string {
  const pairs = pairUp(before.places, after.places, ({ system, region }) => JSON.stringify([system, region]));
  const barsOf = (of: (place: PlaceCapacity) => number): Bar[] =>
    pairs.map((pair) => {
      const { system = "", region = "" } = pair.after ?? pair.before ?? {};
      return {
        label: system,
        place: region,
        before: pair.before === undefined ? 0 : of(pair.before),
        after: pair.after === undefined ? 0 : of(pair.after),
      };
    });
  return figures([
    ["vCPU at the autoscalers' maximum", barsOf(({ vcpu, managed }) => vcpu.max + managed.vcpu), cores],
    ["Memory at the autoscalers' maximum", barsOf(({ memory, managed }) => memory.max + managed.memory), bytes],
  ]);
}

function costCharts({ cost: { byService, bySystem } }: DiffReport): string {
  const barsOf = (changes: readonly CostChange[]): Bar[] =>
    changes.map(({ label, beforeCents, afterCents }) => ({ label, before: beforeCents, after: afterCents }));
  const dollars = (cents: number): string => `US$ ${number(cents / 100)}`;
  return figures([
    ["Cost a month by service", barsOf(byService), dollars],
    ["Cost a month by system", barsOf(bySystem), dollars],
  ]);
}

function figures(charts: readonly (readonly [string, readonly Bar[], (value: number) => string])[]): string {
  const drawn = charts
    .filter(([, all]) => all.some(({ before, after }) => Math.max(before, after) > 0))
    .map(
      ([title, all, format]) =>
        `<figure><figcaption>${escape(title)}</figcaption>${LEGEND}${bothWidths(bars(title, all, format))}</figure>`,
    );
  return drawn.length === 0 ? "" : `<div class="charts">${drawn.join("")}</div>`;
}

const LEGEND = '<p class="legend"><span class="key"></span> before <span class="key now"></span> after</p>';

function foot(reports: readonly DiffReport[]): string {
  const seconds = reports.reduce((sum, one) => sum + one.seconds, 0);
  const dates = [...new Set(reports.map(({ cost }) => plain(cost.after.prices.date)))];
  return escape(
    `Made by groundwork diff in ${number(seconds, 1)} s. Nothing was deployed and no cloud was asked. Prices of ${dates.join(", ")}.`,
  );
}
