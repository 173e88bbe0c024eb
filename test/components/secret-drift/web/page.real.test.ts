import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, type Page, chromium } from "playwright-core";
import { CHROMIUM } from "../../../../scripts/browser.ts";
import { ATTACKS } from "../../../scripts/reports/diff/hostile.ts";
import { MINUTE, type World, drifted, remember, world } from "./world.ts";

const SCREENS = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const;
const SCHEMES = ["light", "dark"] as const;
/** Of normal text: https://www.w3.org/TR/WCAG22/#contrast-minimum */
const LEAST_CONTRAST = 4.5;

describe("the checker's page in Chromium", () => {
  let browser: Browser;

  before(async () => {
    const executablePath = CHROMIUM.find((path) => existsSync(path));
    assert.ok(executablePath !== undefined, "no browser: `node scripts/setup.ts` installs one");
    // the sandbox needs user namespaces, which containers of CI seldom have; the page is our own
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  });

  after(() => browser?.close());

  for (const [screen, viewport] of Object.entries(SCREENS))
    for (const colorScheme of SCHEMES)
      it(`is whole and readable: ${screen}, ${colorScheme}`, async () => {
        const made = await drifted({}, remember);
        made.stores.github.down = "rate-limited";
        await made.round();
        const { page, complaints } = await open(browser, made, { viewport, colorScheme });
        assert.deepEqual(await look(page), { overflow: 0, faint: [], small: [] });
        assert.deepEqual(complaints, []);
        await page.context().close();
      });

  it("can be read and used without a script, with its tables as tables for who listens", async () => {
    const { page } = await open(browser, await drifted({}, remember), { javaScriptEnabled: false });
    await page.getByText("3 of 4 secrets not in step, and 1 name too many").waitFor();
    const table = page.getByRole("table").nth(1);
    assert.deepEqual(await table.getByRole("columnheader").allInnerTexts(), [
      "secret",
      "source: esc\nacme/shop/prod",
      "aws",
      "github",
      "cluster",
    ]);
    assert.equal(await table.getByRole("rowheader").count(), 5);
    assert.equal(await page.getByRole("img", { name: /^github: / }).count(), 1);
    await page.getByText("groundwork secrets approve", { exact: false }).waitFor();
    await page.context().close();
  });

  it("is filtered by keyboard alone", async () => {
    const { page } = await open(browser, await drifted(), {});
    await page.keyboard.press("Tab");
    assert.equal(await focused(page), "To the secrets");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Tab");
    await page.keyboard.type("on-call");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=on-call/);
    assert.deepEqual(await rows(page), ["database-password"]);
    await page.getByRole("link", { name: "Show all" }).focus();
    await page.keyboard.press("Enter");
    await page.waitForURL((url) => !url.search.includes("q="));
    assert.equal((await rows(page)).length, 5);
    await page.context().close();
  });

  it("leads from page to page, and keeps the filter", async () => {
    const secrets = Array.from(
      { length: 120 },
      (_, index) => `  s${index}: { property: p${index}, places: [{ store: aws, scope: west, name: N${index} }] }`,
    ).join("\n");
    const stores = "{ esc: { kind: file }, aws: { kind: file }, github: { kind: file }, cluster: { kind: file } }";
    const made = await world(
      {},
      `source: { store: esc, scope: acme/shop/prod }\nstores: ${stores}\nsecrets:\n${secrets}\n`,
    );
    await made.round();
    const { page } = await open(browser, made, {}, "/?state=in-step");
    assert.equal((await rows(page)).length, 50);
    await page.getByRole("link", { name: "Next" }).click();
    await page.getByRole("link", { name: "Next" }).click();
    await page.getByText("Page 3 of 3").waitFor();
    assert.equal((await rows(page)).length, 20);
    assert.match(page.url(), /state=in-step&page=3/);
    await page.context().close();
  });

  it("says when what it shows is old, or not all of it could be seen", async () => {
    const made = await drifted();
    made.stores.github.down = "rate-limited";
    await made.round();
    const { page } = await open(browser, made, {});
    await page.getByText("github is down").first().waitFor();
    assert.ok((await page.getByText("not asked now").count()) >= 2);
    made.clock.now += 20 * MINUTE;
    await page.reload();
    await page.getByText("No round has ended for two intervals").waitFor();
    const none = { opened: [], resolved: [], open: [], unasked: [], healed: [], latency: [] };
    const failure = "the source did not answer";
    await made.web.listener.heard({ at: made.clock.now, milliseconds: 5, secrets: 4, failure, ...none });
    await page.reload();
    await page.getByText(`The last round could compare nothing: ${failure}.`).waitFor();
    await page.context().close();
  });

  it("says that nothing was compared yet, and draws nothing of it", async () => {
    const { page, complaints } = await open(browser, await world(), {});
    await page.getByText("Nothing was compared yet").waitFor();
    assert.equal(await page.locator("svg").count(), 0);
    assert.deepEqual(complaints, []);
    await page.context().close();
  });

  it("obeys no name, and stays within the screen with long ones", async () => {
    for (const attack of [...ATTACKS, "x".repeat(400)]) {
      const made = await world();
      await made.round();
      made.stores.cluster.set("shop", attack, "canary-of-a-stranger");
      await made.round();
      const { page, complaints } = await open(
        browser,
        made,
        { viewport: SCREENS.phone },
        `/?q=${encodeURIComponent(attack)}`,
      );
      assert.deepEqual(complaints, [], attack);
      assert.equal((await look(page)).overflow, 0, attack);
      assert.equal(
        await page.getByRole("searchbox").inputValue(),
        attack
          .replaceAll(/[\r\n]/g, "")
          .replaceAll("\0", "\uFFFD")
          .trim(),
      );
      await page.context().close();
    }
  }).timeout(120_000);
});

const rows = (page: Page) => page.locator("section:has(#matrix) tbody th a").allInnerTexts();

const focused = (page: Page) => page.evaluate<string>("document.activeElement.textContent");

/** The page, and whatever the browser has to say against it: messages, errors, dialogs, requests of anything else. */
async function open(
  browser: Browser,
  { web }: World,
  options: BrowserContextOptions,
  path = "/",
): Promise<{ page: Page; complaints: string[] }> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(message.text()));
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("dialog", (dialog) => {
    complaints.push(dialog.message());
    void dialog.dismiss();
  });
  page.on("request", (asked) => {
    if (asked.url() !== web.url + path && !asked.url().startsWith("data:,")) complaints.push(asked.url());
  });
  await page.goto(web.url + path);
  return { page, complaints };
}

interface Findings {
  /** Pixels that the page is wider than the screen. */
  readonly overflow: number;
  /** Texts with too little contrast to what is behind them. */
  readonly faint: readonly string[];
  /** Drawings that nobody can read. */
  readonly small: readonly string[];
}

function look(page: Page): Promise<Findings> {
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
  const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== "");
  const texts = [...document.body.querySelectorAll("*")].filter((element) => own(element) && element.checkVisibility());
  const colourOf = (element) => getComputedStyle(element)[element.closest("svg") ? "fill" : "color"];
  return {
    overflow: Math.max(0, document.documentElement.scrollWidth - innerWidth),
    faint: texts.filter((text) => contrast(colourOf(text), ground(text)) < least).map((text) => text.tagName + ": " + text.textContent.slice(0, 40)),
    small: [...document.querySelectorAll("svg")].filter((chart) => chart.getBoundingClientRect().width < 250).map((chart) => chart.getAttribute("aria-label")),
  };
}`;
