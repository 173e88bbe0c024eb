import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "mocha";
import { type Browser, type Page, chromium } from "playwright-core";
import { CHROMIUM } from "../../../../scripts/browser.ts";
import { renderHtml } from "../../../../scripts/reports/diff/index.ts";
import { prodDiff, unchangedDiff } from "./fixtures.ts";
import { ATTACKS, hostileDiff } from "./hostile.ts";

const SCREENS = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;
const SCHEMES = ["light", "dark"] as const;
/** Of normal text: https://www.w3.org/TR/WCAG22/#contrast-minimum */
const LEAST_CONTRAST = 4.5;

describe("the page of a difference in Chromium", () => {
  let browser: Browser;
  let html = "";

  before(async () => {
    html = await renderHtml([prodDiff(), unchangedDiff()]);
    const executablePath = CHROMIUM.find((path) => existsSync(path));
    assert.ok(executablePath !== undefined, "no browser: `node scripts/setup.ts` installs one");
    // the sandbox needs user namespaces, which containers of CI seldom have; the page is our own
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });

  after(() => browser?.close());

  for (const [screen, viewport] of Object.entries(SCREENS)) {
    for (const colorScheme of SCHEMES) {
      it(`is whole and readable: ${screen}, ${colorScheme}`, async () => {
        const { page, complaints } = await open(browser, html, { viewport, colorScheme });
        assert.deepEqual(await findings(page), { overflow: 0, hidden: [], faint: [] });
        assert.deepEqual(complaints, []);
        await page.context().close();
      });
    }
  }

  it("shows the drawings that fit the screen, and those only", async () => {
    const counts = [];
    for (const viewport of Object.values(SCREENS)) {
      const { page } = await open(browser, html, { viewport });
      counts.push(await page.locator(".wide svg:visible").count(), await page.locator(".narrow svg:visible").count());
      await page.context().close();
    }
    assert.deepEqual(counts, [4, 0, 0, 4]);
  });

  it("can be read without a script, with its tables as tables for who listens", async () => {
    const { page } = await open(browser, html, { viewport: SCREENS.phone, javaScriptEnabled: false });
    for (const text of ["data at risk in 2 resources", "Nothing protects it.", "+US$ 412.33 (+6.1 %)"]) {
      assert.ok((await page.getByText(text, { exact: false }).count()) > 0, text);
    }
    const table = page.getByRole("table", { name: "Resources that change" });
    assert.ok((await table.getByRole("row").count()) > 12);
    assert.deepEqual(await table.getByRole("columnheader").allTextContents(), [
      "change",
      "resource",
      "type",
      "system",
      "region",
    ]);
    await page.context().close();
  });

  it("obeys no name, and stays within the screen with long ones", async () => {
    const long = "x".repeat(400);
    for (const attack of [...ATTACKS, long]) {
      const page = await renderHtml([hostileDiff(attack)]);
      const opened = await open(browser, page, { viewport: SCREENS.phone });
      assert.deepEqual(opened.complaints, [], attack);
      assert.equal((await findings(opened.page)).overflow, 0, attack);
      await opened.page.context().close();
    }
  });
});

interface Screen {
  readonly viewport: { readonly width: number; readonly height: number };
  readonly colorScheme?: "light" | "dark";
  readonly javaScriptEnabled?: boolean;
}

/** The page, and whatever the browser has to say against it: messages, errors, dialogs, requests. */
async function open(browser: Browser, html: string, screen: Screen): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext({ ...screen, offline: true });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(dialog.message());
    void dialog.dismiss();
  });
  page.on("request", (request) => complaints.push(request.url()));
  await page.setContent(html);
  return { page, complaints };
}

interface Findings {
  /** Pixels that the page is wider than the screen. */
  readonly overflow: number;
  /** Charts without size. */
  readonly hidden: readonly string[];
  /** Texts with too little contrast to what is behind them. */
  readonly faint: readonly string[];
}

function findings(page: Page): Promise<Findings> {
  return page.evaluate<Findings>(`(${LOOK})(${LEAST_CONTRAST})`);
}

/** Runs in the browser, whose types this project has not. */
const LOOK = `(least) => {
  const rgb = (text) => (text.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (text) => {
    const [r, g, b] = rgb(text).map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (rgb(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const contrast = (front, back) => {
    const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const visible = (element) => element.checkVisibility() && element.getBoundingClientRect().width > 0;
  const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
  const texts = [...document.body.querySelectorAll("*")].filter((element) => own(element) && visible(element));
  const colourOf = (element) => getComputedStyle(element)[element.closest("svg") ? "fill" : "color"];
  const charts = [...document.querySelectorAll("svg")].filter((chart) => chart.checkVisibility());
  return {
    overflow: Math.max(0, document.documentElement.scrollWidth - innerWidth),
    hidden: charts.filter((chart) => {
      const { width, height } = chart.getBoundingClientRect();
      return width < 250 || height < 80;
    }).map((chart) => chart.getAttribute("aria-label")),
    faint: texts.filter((text) => contrast(colourOf(text), ground(text)) < least)
      .map((text) => text.tagName + " " + text.className + " " + colourOf(text) + ": " + text.textContent.slice(0, 40)),
  };
}`;
