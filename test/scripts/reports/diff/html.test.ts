import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { renderHtml } from "../../../../scripts/reports/diff/index.ts";
import { prodDiff, unchangedDiff } from "./fixtures.ts";
import { ATTACKS, hostileDiff } from "./hostile.ts";

/** What a page may have: everything else would be somebody's name that has become markup. */
const ELEMENTS = new Set(
  "html head meta title style body header main footer nav section div p ul li dl dt dd h1 h2 h3 h4 h5 a b br small span code figure figcaption details summary table caption thead tbody tr th td svg g defs clipPath rect path text circle".split(
    " ",
  ),
);
const TAG = /<(?<slash>\/?)(?<name>[a-zA-Z][\w-]*)(?<attributes>(?:\s+[\w:-]+="[^"]*")*)\s*(?<closed>\/?)>/g;
const VOID = new Set(["meta", "br"]);

/** Of what only says where a drawing ends. */
const CLIP = "#000";

describe("the page of a difference", () => {
  it("has the verdict first, then what is lost, then each part with its title", async () => {
    const html = await renderHtml([prodDiff(), unchangedDiff()]);
    const titles = [...html.matchAll(/<h[123][^>]*>(.*?)<\/h[123]>/g)].map(([, text = ""]) =>
      text.replaceAll(/<.*?>/g, ""),
    );
    assert.deepEqual(titles, [
      "groundwork: data at risk in 2 resources",
      "prod cloud",
      "What they hold is lost with them",
      "Resources",
      "Capacity",
      "What it can carry",
      "Cost",
      "Policy",
      "Quotas",
      "Projection",
      "Notes",
      "dev docker",
    ]);
  });

  it("has a name for every chart, with its figures", async () => {
    const html = await renderHtml([prodDiff()]);
    const charts = [...html.matchAll(/<svg role="img" aria-label="([^"]*)"/g)].map(([, label]) => label);
    // bars twice, for a wide screen and for a phone
    assert.equal(charts.length, 4 * 2 + 3);
    assert.ok(
      charts[0]?.startsWith(
        "vCPU at the autoscalers&#39; maximum, before and after: finai-nexus in us-east-1 43.5, after 53.5",
      ),
    );
    assert.ok(charts.some((label) => label?.includes("month 5 415; ") === false && label.includes("full in month 5")));
  });

  it("uses only colours of the page in its charts, so that night is as readable as day", async () => {
    const html = await renderHtml([prodDiff()]);
    const charts = [...html.matchAll(/<svg.*?<\/svg>/g)].map(([chart]) => chart).join("");
    const colours = [...charts.matchAll(/(?:fill|stroke)="([^"]*)"/g)].map(([, colour]) => colour);
    assert.deepEqual(
      colours.filter((colour) => colour !== "none" && colour !== CLIP && colour?.startsWith("var(--") !== true),
      [],
    );
  });

  it("asks for nothing from elsewhere and forbids it too", async () => {
    const html = await renderHtml([prodDiff()]);
    assert.match(html, /http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';/);
    assert.doesNotMatch(html, /\b(?:src|href|xlink:href)="(?!#stack-)/);
    assert.doesNotMatch(html, /<script|@import|url\((?!#)/);
  });

  for (const attack of ATTACKS) {
    it(`takes a name for a name: ${JSON.stringify(attack)}`, async () => {
      assertOwnMarkup(await renderHtml([hostileDiff(attack)]));
    });
  }

  it("says no change of a stack that stays, and no figures", async () => {
    const html = await renderHtml([unchangedDiff()]);
    assert.match(html, /<p>No change\.<\/p>/);
    assert.doesNotMatch(html, /<svg|<table/);
  });
});

/** Every `<` begins an element of ours, closed in order, with no attribute that could act. */
function assertOwnMarkup(html: string): void {
  const page = html.replace("<!doctype html>", "").replace(/<style>.*?<\/style>/s, "");
  const open: string[] = [];
  for (const { groups } of page.matchAll(TAG)) {
    const { slash = "", name = "", attributes = "", closed = "" } = groups ?? {};
    assert.ok(ELEMENTS.has(name), `<${name}> is none of ours`);
    for (const [, key = "", value = ""] of attributes.matchAll(/([\w:-]+)="([^"]*)"/g)) {
      assert.ok(!/^(?:on|src|xlink)/.test(key), `${key}="${value}"`);
      assert.ok(key !== "href" || value.startsWith("#stack-"), value);
    }
    if (slash !== "") assert.equal(open.pop(), name);
    else if (closed === "" && !VOID.has(name)) open.push(name);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(page.replaceAll(TAG, ""), /</);
}
